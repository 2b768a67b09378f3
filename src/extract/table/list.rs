//! A list of label, unit and number: the sheet of 2014 and local sheets built like it.
//!
//! Labels of known rows are told by their wording, two rows of one wording by the heading met last before
//! them. A row that the form does not have is kept with its label as printed. Where several columns of
//! numbers stand side by side, one is taken only when its header leaves no doubt.

mod atoms;
mod header;
mod rows;

use std::collections::BTreeMap;
use std::ops::Range;

use compact_str::CompactString;

use super::super::outline::Outline;
use super::super::value::{read_value, trim};
use super::Reading;
use crate::config::Config;
use crate::form::label::fold;
use crate::form::{FormTable, RowKind, ValueType};
use crate::model::report::{Cell, CellKey, CellState, Flag, LocalCell};
use crate::model::verdict::{Blame, Cause, Problem};

use atoms::Atoms;
use header::{Choice, Header};
use rows::{Item, Labels};

/// Code of the column that holds the number of a row.
const VALUE: &str = "value";

/// Reads the list with this table of this form.
pub(in crate::extract) fn read(
    outline: &Outline<'_>,
    ranges: &[Range<usize>],
    (form, table): (usize, usize),
    config: &Config,
) -> Reading {
    let of = &config.forms.forms[form].tables[table];
    let labels = Labels::new(of);
    let atoms = Atoms::new(outline, ranges, of, config);
    let layout = atoms.layout;
    if atoms.atoms.len() > config.limits.table_tokens {
        let message = format!(
            "the region of table {} holds {} words and numbers, more than limits.table_tokens: compare it with the source",
            of.code,
            atoms.atoms.len()
        );
        let mut reading = Reading::blank(layout);
        reading.problems.push(Problem::new(Cause::Ambiguous, Blame::Open, message));
        return reading;
    }
    let header = Header::read(&atoms, &labels, of);
    let mut reader = Reader {
        atoms: &atoms,
        of,
        key: (u8::try_from(form).expect("few forms"), u8::try_from(table).expect("few tables")),
        value_column: of.column(VALUE).expect("a list has a column of numbers"),
        config,
        reading: Reading { form, ..Reading::blank(layout) },
    };
    let mut items = rows::items(&atoms, &labels, &header, &mut |at, what| reader.leftover(at, what));
    rows::strip_line_codes(&mut items, &atoms);
    if items.iter().all(|item| item.values.iter().all(|at| !atoms.is_number(*at))) {
        reader.reading.problems.clear();
    }
    reader.rows(&items, &labels, &header);
    reader.reading
}

/// What a reader of one list gathers.
struct Reader<'r, 'o, 'd> {
    atoms: &'r Atoms<'o, 'd>,
    of: &'r FormTable,
    /// Indices of form and table.
    key: (u8, u8),
    value_column: usize,
    config: &'r Config,
    reading: Reading,
}

impl Reader<'_, '_, '_> {
    /// Gives every item its row.
    fn rows(&mut self, items: &[Item], labels: &Labels, header: &Header) {
        let choice = header.choose(items, self.atoms);
        if let Choice::Unclear(reason) = &choice {
            self.problem(Cause::Ambiguous, reason, None);
        }
        let apart = rows::values_apart(items, self.atoms);
        let mut met: BTreeMap<usize, usize> = BTreeMap::new();
        let last_known = items.iter().rposition(|item| !labels.rows_of(&item.label).is_empty());
        for (at, item) in items.iter().enumerate() {
            let candidates = labels.rows_of(&item.label);
            if candidates.is_empty() {
                // What stands below the list looks like its rows only when it holds a unit or goes on its cells.
                let is_inside = last_known.is_some_and(|last| at < last);
                if is_inside || item.unit.is_some() || rows::goes_on(items, at, self.atoms) {
                    self.local_row(item, &choice, header);
                }
                continue;
            }
            let Some(row) = self.nearest(candidates, &met) else {
                let message = format!(
                    "{:?} stands in table {} where it may be two rows: compare with the source",
                    item.printed, self.of.code
                );
                self.problem(Cause::Ambiguous, &message, item.words.first().copied());
                continue;
            };
            if met.insert(row, at).is_some() {
                let message = format!(
                    "the row {:?} of table {} is printed twice: compare with the source",
                    item.printed, self.of.code
                );
                self.problem(Cause::Ambiguous, &message, item.words.first().copied());
                continue;
            }
            if apart.contains(&at) {
                let message = format!(
                    "the number of {:?} stands on a line of its own, unlike the others: it may be a page number",
                    item.printed
                );
                self.problem(Cause::Ambiguous, &message, item.values.first().copied());
                continue;
            }
            self.known_row(row, item, &choice, header);
        }
        if self.reading.n_filled > 0 {
            self.report_missing(&met);
        }
        self.reading.cells.sort_by_key(|cell| cell.key);
        self.reading.labels.sort_by_key(|(key, _)| *key);
    }

    /// The row that a label names: of several the one under the heading met last.
    fn nearest(&self, candidates: &[usize], met: &BTreeMap<usize, usize>) -> Option<usize> {
        if let [row] = candidates {
            return Some(*row);
        }
        let parent = |row: &usize| self.of.rows[*row].parent.and_then(|parent| met.get(&parent)).copied();
        let last = candidates.iter().filter_map(parent).max()?;
        let mut under = candidates.iter().filter(|row| parent(row) == Some(last));
        let row = under.next()?;
        under.next().is_none().then_some(*row)
    }

    fn known_row(&mut self, row: usize, item: &Item, choice: &Choice, header: &Header) {
        let of = &self.of.rows[row];
        if of.kind == RowKind::Group {
            for at in item.values.iter().filter(|at| self.atoms.is_filled(**at)) {
                self.leftover(*at, "stands beside a heading that has no number");
            }
            return;
        }
        let key = self.cell_key(row);
        let Some(value) = self.value_of(item, choice, header, Some(row)) else {
            self.no_cell(key, CellState::Unreadable);
            return;
        };
        let unit = self.unit_of(item);
        let printed = value.map_or("", |at| trim(self.atoms.print(at)));
        let value_type = of.value_type.unwrap_or(ValueType::Count);
        let digits = atoms::without_unit(printed, value_type, &self.atoms.units);
        let read =
            read_value(digits, value_type, unit.as_deref(), &self.config.reading, self.config.limits.number_digits);
        if let Some(cause) = read.fault {
            let message = format!(
                "the cell {}.{}.{VALUE} holds {}: compare it with the source",
                self.of.code,
                of.code,
                if cause == Cause::OutOfRange { "a number that it cannot hold" } else { "something that is no number" }
            );
            self.problem(cause, &message, value);
            if let Some(problem) = self.reading.problems.last_mut() {
                problem.cell = Some(key);
            }
        }
        if read.is_unit_unknown {
            self.reading.flags.push(Flag::AmountUnitUnknown);
        }
        self.reading.n_filled += usize::from(!matches!(read.state, CellState::Blank));
        let unit = read.unit.map(CompactString::from).or(unit.as_deref().map(Into::into));
        self.reading.cells.push(Cell {
            key,
            printed: Some(printed.into()),
            unit,
            state: read.state,
            value: read.value,
            implied: None,
            corrected: None,
            flags: Vec::new(),
            origin: self.atoms.origin(value.or(item.words.first().copied())),
        });
        self.reading.labels.push((key, item.printed.as_str().into()));
    }

    fn local_row(&mut self, item: &Item, choice: &Choice, header: &Header) {
        let is_heading = item.values.iter().all(|at| !self.atoms.is_filled(*at));
        if is_heading && (item.unit.is_none() || item.values.iter().any(|at| self.atoms.is_dash(*at))) {
            // A number run together with its label is lost on nobody.
            if item.printed.ends_with(|c: char| c.is_ascii_digit()) {
                let first = item.words.first().copied();
                let message =
                    format!("{:?} in table {} is no label of it: compare with the source", item.printed, self.of.code);
                self.problem(Cause::Leftover, &message, first);
            }
            return;
        }
        let Some(value) = self.value_of(item, choice, header, None) else { return };
        let printed = value.map_or("", |at| trim(self.atoms.print(at)));
        let number = atoms::without_unit(printed, ValueType::Number, &self.atoms.units);
        let limit = self.config.limits.number_digits;
        let read = read_value(number, ValueType::Number, None, &self.config.reading, limit);
        if let Some(cause) = read.fault {
            let message = format!(
                "the local row {:?} of table {} holds something that is no number: compare it with the source",
                item.printed, self.of.code
            );
            self.problem(cause, &message, value);
        }
        self.reading.n_filled += usize::from(read.value.is_some());
        let unit = self
            .unit_of(item)
            .or_else(|| printed.strip_prefix(number).filter(|unit| !unit.is_empty()).map(str::to_owned));
        self.reading.local_cells.push(LocalCell {
            form: self.key.0,
            table: self.key.1,
            row: None,
            column: u16::try_from(self.value_column).ok(),
            label: item.printed.as_str().into(),
            printed: printed.into(),
            unit: unit.map(Into::into),
            state: read.state,
            value: read.value,
            origin: self.atoms.origin(value.or(item.words.first().copied())),
        });
    }

    /// The number of a row among those beside its label: `Some(None)` for a blank, `None` when it cannot be
    /// told. Numbers of other columns are kept under the labels of those columns.
    fn value_of(&mut self, item: &Item, choice: &Choice, header: &Header, row: Option<usize>) -> Option<Option<usize>> {
        let unclear = |reader: &mut Self| {
            let message = format!(
                "{:?} in table {} has {} numbers and the header tells not which is whose: compare with the source",
                item.printed,
                reader.of.code,
                item.values.len()
            );
            reader.problem(Cause::Leftover, &message, item.values.first().copied());
            None
        };
        match choice {
            Choice::Unclear(_) => {
                for (column, at) in header.place(item, self.atoms).unwrap_or_default() {
                    self.local_column(item, row, &header.columns[column].label, at);
                }
                None
            }
            Choice::Only => match item.values.as_slice() {
                [] => Some(None),
                [value] => Some(Some(*value)),
                _ => unclear(self),
            },
            Choice::Column(chosen) => {
                let placed = header.place(item, self.atoms);
                let Some(placed) = placed else { return unclear(self) };
                for (column, at) in placed.iter().filter(|(column, _)| column != chosen) {
                    self.local_column(item, row, &header.columns[*column].label, *at);
                }
                Some(placed.iter().find(|(column, _)| column == chosen).map(|(_, at)| *at))
            }
        }
    }

    /// A number of a column that is not the one to use.
    fn local_column(&mut self, item: &Item, row: Option<usize>, label: &str, at: usize) {
        let printed = trim(self.atoms.print(at));
        let limit = self.config.limits.number_digits;
        let number = atoms::without_unit(printed, ValueType::Number, &self.atoms.units);
        let read = read_value(number, ValueType::Number, None, &self.config.reading, limit);
        self.reading.n_filled += usize::from(read.value.is_some());
        let label = match row {
            Some(_) => label.to_owned(),
            None => format!("{} {label}", item.printed),
        };
        self.reading.local_cells.push(LocalCell {
            form: self.key.0,
            table: self.key.1,
            row: row.and_then(|row| u16::try_from(row).ok()),
            column: None,
            label: label.into(),
            printed: printed.into(),
            unit: self.unit_of(item).map(Into::into),
            state: read.state,
            value: read.value,
            origin: self.atoms.origin(Some(at)),
        });
    }

    /// The unit of a row: its own cell, or the brackets at the end of its label.
    fn unit_of(&self, item: &Item) -> Option<String> {
        if let Some(at) = item.unit {
            let unit = trim(self.atoms.print(at));
            return (!self.atoms.is_dash(at)).then(|| unit.trim_matches(['(', ')', '（', '）']).to_owned());
        }
        let folded = fold(&item.printed);
        let (_, inner) = folded.strip_suffix(')')?.rsplit_once('(')?;
        let unit = inner.rsplit(':').next()?;
        self.atoms.units.iter().find(|known| *known == unit).cloned()
    }

    fn report_missing(&mut self, met: &BTreeMap<usize, usize>) {
        const SHOWN: usize = 3;
        let missing: Vec<usize> = self.of.value_rows.iter().copied().filter(|row| !met.contains_key(row)).collect();
        if missing.is_empty() {
            return;
        }
        let names = missing.iter().take(SHOWN).map(|row| self.of.rows[*row].labels.official.as_str());
        let names = names.collect::<Vec<_>>().join("; ");
        let message = format!(
            "{} rows of table {} were not found ({names}): compare with the source, the page may be cut or the labels be worded otherwise",
            missing.len(),
            self.of.code
        );
        self.problem(Cause::Incomplete, &message, None);
        for row in missing {
            self.no_cell(self.cell_key(row), CellState::Absent);
        }
    }

    fn cell_key(&self, row: usize) -> CellKey {
        CellKey {
            form: self.key.0,
            table: self.key.1,
            row: u16::try_from(row).expect("few rows"),
            column: u16::try_from(self.value_column).expect("few columns"),
        }
    }

    /// A cell that the source does not have, or which of several it is cannot be told.
    fn no_cell(&mut self, key: CellKey, state: CellState) {
        self.reading.cells.push(Cell::without_print(key, state));
    }

    fn leftover(&mut self, at: usize, what: &str) {
        let message = format!(
            "{:?} in table {} {what}: compare it with the source",
            trim(self.atoms.print(at)).chars().take(80).collect::<String>(),
            self.of.code
        );
        self.problem(Cause::Leftover, &message, Some(at));
    }

    fn problem(&mut self, cause: Cause, message: &str, at: Option<usize>) {
        // One slip in the order leaves many marks; the first few say what is wrong.
        const MOST: usize = 12;
        if self.reading.problems.len() >= MOST {
            return;
        }
        let mut problem = Problem::new(cause, Blame::Open, message.to_owned());
        if let Some(at) = at {
            problem.origin = self.atoms.origin(Some(at));
            problem.printed = Some(trim(self.atoms.print(at)).chars().take(80).collect());
        }
        self.reading.problems.push(problem);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::document::{Document, Place};

    /// A sheet in tab rows: every row of the form with the number 0, then what `change` does to its lines.
    fn sheet(change: impl Fn(&mut Vec<String>)) -> Vec<String> {
        let config = Config::embedded().expect("settings");
        let form = &config.forms.forms[config.forms.by_id("2014").expect("form")];
        let mut lines = vec!["统计指标\t单位\t统计数".to_owned()];
        for row in &form.tables[0].rows {
            let number = if row.kind == RowKind::Group { "——" } else { "0" };
            lines.push(format!("{}\t{}\t{number}", row.labels.official, row.unit));
        }
        change(&mut lines);
        lines
    }

    fn put(lines: &mut [String], label: &str, line: &str) {
        let at = lines.iter().position(|line| line.contains(label)).expect("label");
        line.clone_into(&mut lines[at]);
    }

    /// Reads lines, each a row of cells where it holds tabs.
    fn read_lines(lines: &[String]) -> Reading {
        let config = Config::embedded().expect("settings");
        let mut document = Document::default();
        for (at, line) in (0..).zip(lines) {
            for (column, cell) in (0..).zip(line.split('\t')) {
                let place = if line.contains('\t') { Place::Row { row: at, column } } else { Place::Line };
                document.push(cell, at + 1, place);
            }
        }
        let outline = Outline::new(&document, &config);
        let all = 0..document.pieces.len();
        let form = config.forms.by_id("2014").expect("form");
        read(&outline, std::slice::from_ref(&all), (form, 0), &config)
    }

    /// The number of a row; `Err` with the causes when the sheet is held back.
    fn number(lines: &[String], row: &str) -> Result<Option<f64>, Vec<Cause>> {
        let config = Config::embedded().expect("settings");
        let reading = read_lines(lines);
        if !reading.problems.is_empty() {
            return Err(reading.problems.iter().map(|problem| problem.cause).collect());
        }
        let cell = reading.cells.iter().find(|cell| config.forms.codes(cell.key).1 == row);
        Ok(cell.expect("every row of the form has a cell").value)
    }

    #[test]
    fn a_number_belongs_to_the_label_beside_it() {
        let changed = |label: &'static str, line: &'static str| sheet(move |lines| put(lines, label, line));
        for (label, line, row, value) in [
            ("当面申请数", "1.当面申请数\t件\t12", "received_in_person", Some(12.0)),
            ("当面申请数", "1.当面申请数\t件\t", "received_in_person", None),
            ("当面申请数", "1.当面申请数\t件\t/", "received_in_person", None),
            ("当面申请数", "1、当面申请数\t12件", "received_in_person", Some(12.0)),
            ("网络申请数", "网上申请数：\t件\t7", "received_online", Some(7.0)),
            ("收取的费用", "七、依申请公开信息收取的费用\t元\t25000", "fees", Some(2.5)),
            ("收取的费用", "七、依申请公开信息收取的费用\t万元\t2.5", "fees", Some(2.5)),
            ("收取的费用", "七、依申请公开信息收取的费用\t\t2.5", "fees", None),
        ] {
            assert_eq!(number(&changed(label, line), row), Ok(value), "{line}");
        }
    }

    #[test]
    fn the_nearest_heading_tells_twins_apart() {
        let lines = sheet(|lines| {
            let twins: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains("被依法纠错数")).collect();
            "（二）被依法纠错数\t件\t3".clone_into(&mut lines[twins[0]]);
            "（二）被依法纠错数\t件\t4".clone_into(&mut lines[twins[1]]);
        });
        assert_eq!(number(&lines, "reconsideration_corrected"), Ok(Some(3.0)));
        assert_eq!(number(&lines, "litigation_corrected"), Ok(Some(4.0)));
        let lines = sheet(|lines| lines.retain(|line| !line.contains("行政诉讼数量")));
        assert!(number(&lines, "litigation_corrected").is_err());
    }

    #[test]
    fn what_is_not_certain_is_held_back() {
        let check = |change: &dyn Fn(&mut Vec<String>), cause: Cause| {
            let causes = number(&sheet(change), "fees").expect_err("held back");
            assert!(causes.contains(&cause), "{causes:?} lacks {cause}");
        };
        check(&|lines| put(lines, "传真申请数", "\t件\t5"), Cause::Incomplete);
        check(&|lines| put(lines, "传真申请数", "2.传真申请数\t件\t1O"), Cause::BadNumber);
        check(&|lines| put(lines, "传真申请数", "2.传真申请数\t件\t-3"), Cause::OutOfRange);
        check(&|lines| put(lines, "传真申请数", "2.传真申请数\t件\t3\t4"), Cause::Leftover);
        check(&|lines| put(lines, "传真申请数", "1.当面申请数\t件\t3"), Cause::Ambiguous);
        check(&|lines| put(lines, "二、回应解读情况", "二、回应解读情况\t次\t3"), Cause::Leftover);
        check(&|lines| lines.truncate(50), Cause::Incomplete);
        check(&|lines| put(lines, "统计指标", "统计指标\t单位\t历年累计"), Cause::Ambiguous);
    }

    #[test]
    fn of_several_columns_one_is_used_only_when_its_label_tells() {
        let columns = |head: &str, numbers: &str| {
            let (head, numbers) = (head.to_owned(), numbers.to_owned());
            number(
                &sheet(move |lines| {
                    for line in lines.iter_mut() {
                        *line = line.replace("统计数", &head).replace("\t0", &format!("\t{numbers}"));
                    }
                }),
                "staff",
            )
        };
        assert_eq!(columns("机关\t乡镇\t合计", "1\t2\t3"), Ok(Some(3.0)));
        assert_eq!(columns("本年累计\t历年累计", "4\t9"), Ok(Some(4.0)));
        assert!(columns("统计数\t区县", "1\t2").is_err());
        assert!(columns("本年\t合计", "1\t2").is_err());
    }

    #[test]
    fn local_rows_keep_their_label_and_line_codes_are_no_figures() {
        let lines = sheet(|lines| lines.insert(12, "6.宣传册公开信息数\t条\t9".to_owned()));
        let local = read_lines(&lines).local_cells;
        let local: Vec<_> = local.iter().map(|cell| (cell.label.as_str(), cell.unit.as_deref(), cell.value)).collect();
        assert_eq!(local, [("6.宣传册公开信息数", Some("条"), Some(9.0))]);
        let lines = sheet(|lines| {
            let mut code = 0;
            for line in lines.iter_mut().filter(|line| line.ends_with("\t0")) {
                code += 1;
                *line = format!("{}{code:02}", line.trim_end_matches('0'));
            }
        });
        assert_eq!(read_lines(&lines).n_filled, 0);
    }
}
