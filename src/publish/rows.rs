//! The rows that one report or file becomes.
//!
//! Normalised tables are atomic: a printed total is never a row of them, so a sum over any of them is
//! right. What a total says beyond its parts becomes a row `unspecified`.

use crate::config::Config;
use crate::form::check::Figures;
use crate::form::{Forms, Ratio, Shape, ValueType};
use crate::model::file::FileRow;
use crate::model::report::{Agreement, Cell, CellFlag, CellKey, CellState, Flag, Origin, Report, ReportStatus};
use crate::model::verdict::{CheckStatus, Link, Problem};
use crate::state::{FileRecord, ReportRecord};
use crate::wording::{Language, message};

use super::columns::Rows;
use super::schema::{REPORT_TABLES, Table};

const UNSPECIFIED: &str = "unspecified";
/// The column or result that holds a printed sum.
const TOTAL: &str = "total";

/// Rows of every table but `files`, in the order of [`REPORT_TABLES`].
pub(super) struct ReportRows {
    pub(super) tables: Vec<Rows>,
}

/// Rows of a report in each of [`REPORT_TABLES`], about.
const ROWS_OF_A_REPORT: [usize; 13] = [1, 10, 6, 126, 12, 0, 16, 20, 200, 42, 1, 72, 12];

/// Position of each table in [`REPORT_TABLES`].
#[derive(Clone, Copy)]
enum At {
    Reports,
    Disclosures,
    Applications,
    Outcomes,
    Reviews,
    Statistics,
    Sections,
    Statements,
    Cells,
    Checks,
    Quarantine,
    Indicators,
    Links,
}

impl ReportRows {
    /// Rows for so many reports.
    pub(super) fn with_capacity(n_reports: usize) -> Self {
        let rows = |(table, n_rows): (&Table, usize)| Rows::with_capacity(*table, n_reports * n_rows);
        Self { tables: REPORT_TABLES.iter().zip(ROWS_OF_A_REPORT).map(rows).collect() }
    }

    fn rows(&mut self, at: At) -> &mut Rows {
        &mut self.tables[at as usize]
    }

    /// Problems that belong to a file and no report.
    pub(super) fn push_file(&mut self, record: &FileRecord, config: &Config) {
        let file_id = record.row.file_id();
        for problem in &record.problems {
            self.problem(None, file_id.as_deref(), &record.row.path, problem, config);
        }
    }

    /// A report, in all its tables, with the indicators that ask for the year before.
    pub(super) fn push_report(&mut self, record: &ReportRecord, ratios: &[(usize, Ratio)], config: &Config) {
        let forms = &config.forms;
        let file_id = crate::model::file::hex(&record.sha256[..16]);
        let report = &record.report;
        let report_id = record.id();
        self.report(&report_id, &file_id, record, forms);
        for (at, section) in report.sections.iter().enumerate() {
            let ordinal = i32::try_from(at + 1).ok();
            self.rows(At::Sections)
                .text(&report_id)
                .int32(report.identity.year)
                .text(&section.code)
                .opt_text(section.subsection.as_deref())
                .int32(ordinal)
                .opt_text(section.heading.as_deref())
                .text(&section.text)
                .end();
        }
        self.statements(&report_id, report, config);
        let rows = self.rows(At::Cells);
        for cell in &report.cells {
            let (table, row, column) = forms.codes(cell.key);
            rows.text(&report_id).text(table).text(row).text(column).nulls(1);
            rows.opt_text(cell.printed.as_deref()).opt_text(cell.unit.as_deref()).text(cell.state.as_str());
            rows.float(cell.value).float(cell.implied.map(|implied| implied.value));
            let rule = cell.implied.map(|implied| &forms.rules[usize::from(implied.rule)]);
            rows.opt_text(rule.map(|rule| rule.code.as_str())).float(cell.corrected);
            match cell.flags.as_slice() {
                [] => rows.nulls(1),
                flags => {
                    let flags: Vec<&str> = flags.iter().map(|flag| CellFlag::as_str(*flag)).collect();
                    rows.text(&flags.join(";"))
                }
            };
            origin(rows, cell.origin).end();
        }
        for cell in &report.local_cells {
            let table = forms.table(cell.form, cell.table);
            let row = cell.row.map(|row| table.rows[usize::from(row)].code.as_str());
            let column = cell.column.map(|column| table.columns[usize::from(column)].code.as_str());
            rows.text(&report_id).text(&table.code).opt_text(row).opt_text(column).text(&cell.label);
            rows.text(&cell.printed).opt_text(cell.unit.as_deref()).text(cell.state.as_str());
            rows.float(cell.value).nulls(4);
            origin(rows, cell.origin).end();
        }
        let rows = self.rows(At::Checks);
        for check in &report.checks {
            let rule = &forms.rules[usize::from(check.rule)];
            rows.text(&report_id).text(&rule.code).text(forms.scope(&check.scope)).text(rule.severity.as_str());
            rows.text(check.status.as_str()).float(check.left).float(check.right).float(check.delta()).end();
        }
        for problem in &report.problems {
            self.problem(Some(&report_id), Some(&file_id), &record.path, problem, config);
        }
        if report.status == ReportStatus::Accepted
            && let Some(year) = report.identity.year
        {
            let tables =
                report.cells.chunk_by(|one, two| (one.key.form, one.key.table) == (two.key.form, two.key.table));
            for cells in tables {
                match forms.table(cells[0].key.form, cells[0].key.table).shape {
                    Shape::Blocks => self.disclosures(&report_id, year, cells, forms),
                    Shape::Matrix => self.applications(&report_id, year, cells, forms),
                    Shape::Channels => self.reviews(&report_id, year, cells, forms),
                    Shape::List => self.statistics(&report_id, year, cells, report, forms),
                }
            }
            self.indicators(&report_id, year, report, ratios, forms);
        }
    }

    /// What came out of holding a report against others.
    pub(super) fn push_links(&mut self, record: &ReportRecord, links: &[Link], forms: &Forms) {
        let report_id = record.id();
        let rows = self.rows(At::Links);
        for Link { other, check } in links {
            let rule = &forms.rules[usize::from(check.rule)];
            rows.text(&rule.code).text(forms.scope(&check.scope)).text(&report_id).text(other);
            rows.text(check.status.as_str()).float(check.left).float(check.right).float(check.delta()).end();
        }
    }

    fn indicators(&mut self, report_id: &str, year: i32, report: &Report, ratios: &[(usize, Ratio)], forms: &Forms) {
        let figures = Figures::of(forms, &report.cells);
        let rows = self.rows(At::Indicators);
        for (at, indicator) in forms.indicators.iter().enumerate() {
            let ratio = match indicator.is_of_two_years {
                false => indicator.of(&report.cells, &report.checks, &figures),
                true => ratios.iter().find(|(of, _)| *of == at).map(|(_, ratio)| *ratio),
            };
            let Some(ratio) = ratio else { continue };
            rows.text(report_id).int32(Some(year)).text(&indicator.code);
            rows.int(ratio.numerator).int(ratio.denominator).float(ratio.value()).end();
        }
    }

    /// The rows of a list: those of the form in its order, then the local ones.
    fn statistics(&mut self, report_id: &str, year: i32, cells: &[Cell], report: &Report, forms: &Forms) {
        let key = cells[0].key;
        let table = forms.table(key.form, key.table);
        let rows = self.rows(At::Statistics);
        for cell in cells {
            let row = &table.rows[usize::from(cell.key.row)];
            let printed = report.labels.iter().find(|(key, _)| *key == cell.key).map(|(_, label)| label.as_str());
            // Amounts were brought to the unit of the form; counts keep the one that is printed.
            let unit = match row.value_type {
                Some(ValueType::Decimal | ValueType::Money) => {
                    if cell.number().is_some() {
                        Some(row.unit.as_str())
                    } else {
                        cell.unit.as_deref()
                    }
                }
                _ => cell.unit.as_deref(),
            };
            rows.text(report_id).int32(Some(year)).text(&row.code);
            rows.text(printed.unwrap_or(&row.labels.official)).float(cell.number()).opt_text(unit).end();
        }
        let local = report.local_cells.iter().filter(|cell| (cell.form, cell.table) == (key.form, key.table));
        for cell in local.filter(|cell| cell.row.is_none() && cell.column.is_some()) {
            rows.text(report_id).int32(Some(year)).nulls(1).text(&cell.label);
            rows.float(cell.value).opt_text(cell.unit.as_deref()).end();
        }
    }

    fn report(&mut self, report_id: &str, file_id: &str, record: &ReportRecord, forms: &Forms) {
        let report = &record.report;
        let identity = &report.identity;
        let form = |form: Option<u8>| form.map(|form| forms.form(form).id.as_str());
        let count = |status: CheckStatus| {
            i32::try_from(report.checks.iter().filter(|check| check.status == status).count()).ok()
        };
        let flags = report.flags.iter().map(|flag| Flag::as_str(*flag)).collect::<Vec<_>>().join(";");
        let rows = self.rows(At::Reports);
        let duplicate_of =
            record.duplicate_of.clone().or_else(|| report.duplicate_of.map(|ordinal| record.id_of(ordinal)));
        rows.text(report_id).text(file_id).text(&record.path).text(report.status.as_str());
        rows.opt_text(duplicate_of.as_deref());
        rows.opt_bool(Some(duplicate_of.is_none()))
            .opt_bool(Some(report.is_corrected()))
            .opt_text(identity.agency.as_deref());
        let region = &identity.region;
        let region_code = region.code.map(|code| format!("{code:06}"));
        rows.opt_text(identity.agency_id.as_deref())
            .opt_text(region_code.as_deref())
            .opt_text(region.province.as_deref());
        rows.opt_text(region.city.as_deref()).opt_text(region.county.as_deref()).opt_text(region.township.as_deref());
        rows.text(identity.level.as_str()).opt_text(identity.sector.as_deref()).text(identity.scope.as_str());
        rows.int32(identity.year);
        rows.date(identity.period_start).date(identity.period_end);
        rows.opt_text(form(report.form)).opt_text(form(report.form_applications)).opt_text(identity.title.as_deref());
        rows.opt_text(identity.url.as_deref()).date(identity.published);
        let contact = &identity.contact;
        rows.opt_text(contact.address.as_deref()).opt_text(contact.postcode.as_deref());
        rows.opt_text(contact.phone.as_deref()).opt_text(contact.fax.as_deref()).opt_text(contact.email.as_deref());
        rows.text(report.layout.as_str());
        rows.int32(count(CheckStatus::Pass)).int32(count(CheckStatus::PassVacuous)).int32(count(CheckStatus::Fail));
        rows.int32(count(CheckStatus::Undecided)).int32(count(CheckStatus::Suspended));
        rows.opt_text((!flags.is_empty()).then_some(&flags)).end();
    }

    fn statements(&mut self, report_id: &str, report: &Report, config: &Config) {
        let rows = self.rows(At::Statements);
        for statement in &report.statements {
            let section = &report.sections[statement.section as usize];
            let kind = &config.statements.kinds[usize::from(statement.kind)];
            let cells = |of: Agreement| kind.readings.get(usize::from(of.reading)).map(|of| of.cells.as_str());
            let quote = section.text.get(statement.start as usize..statement.end as usize);
            rows.text(report_id).int32(report.identity.year).text(&section.code);
            rows.int32(i32::try_from(statement.section + 1).ok()).text(&kind.code).float(Some(statement.value));
            rows.opt_bool(Some(statement.is_approximate)).opt_text(statement.unit.as_deref());
            rows.text(quote.expect("a quote is a range of its text"));
            rows.int(Some(i64::from(statement.start))).int(Some(i64::from(statement.end)));
            rows.opt_text(statement.agreement.and_then(cells));
            rows.opt_bool(statement.agreement.and_then(|of| of.agrees)).end();
        }
    }

    fn problem(
        &mut self,
        report_id: Option<&str>,
        file_id: Option<&str>,
        path: &str,
        problem: &Problem,
        config: &Config,
    ) {
        let number = |number: Option<u32>| number.and_then(|number| i32::try_from(number).ok());
        let rows = self.rows(At::Quarantine);
        rows.opt_text(report_id).opt_text(file_id).text(path).text(problem.cause.as_str()).text(problem.blame.as_str());
        rows.opt_text(problem.rule.as_deref()).opt_text(problem.scope.as_deref()).text(&problem.message);
        rows.float(problem.left).float(problem.right);
        rows.opt_text(problem.printed.as_deref()).opt_text(problem.excerpt.as_deref());
        rows.int32(number(problem.origin.page)).int32(number(problem.origin.line));
        match &problem.suggestion {
            None => rows.nulls(4),
            Some(suggestion) => {
                let name = |key: &CellKey| config.forms.cell_name(*key);
                let cells: Vec<String> = suggestion.changes.iter().map(|(key, _)| name(key)).collect();
                let changes: Vec<String> =
                    suggestion.changes.iter().map(|(key, value)| format!("{}={value}", name(key))).collect();
                // One number cannot stand for several cells.
                let value = suggestion.changes.first().filter(|_| suggestion.changes.len() == 1);
                rows.text(&cells.join(";")).float(value.map(|(_, value)| *value));
                rows.text(&changes.join("; ")).text(suggestion.kind.as_str())
            }
        };
        rows.text(&message(problem, Language::Chinese, config)).end();
    }

    fn disclosures(&mut self, report_id: &str, year: i32, cells: &[Cell], forms: &Forms) {
        let rows = self.rows(At::Disclosures);
        for cell in cells {
            let column = &forms.table(cell.key.form, cell.key.table).columns[usize::from(cell.key.column)];
            let unit = match column.value_type {
                ValueType::Decimal | ValueType::Money => "万元",
                _ => column.unit.as_str(),
            };
            let (_, item, measure) = forms.codes(cell.key);
            rows.text(report_id).int32(Some(year)).text(item).text(measure).float(cell.number()).text(unit);
            rows.opt_bool(Some(false)).end();
        }
    }

    fn applications(&mut self, report_id: &str, year: i32, cells: &[Cell], forms: &Forms) {
        let table = forms.table(cells[0].key.form, cells[0].key.table);
        let values = Values::new(cells, table.columns.len(), table.rows.len());
        let total = table.column(TOTAL).expect("a matrix has a total column");
        let parts: Vec<usize> = (0..table.columns.len()).filter(|column| *column != total).collect();
        let row = |code: &str| table.row(code).expect("a matrix has the rows of table applications");
        let measures = ["new_received", "carried_in", "outcome_total", "carried_forward"].map(row);
        let rows = self.rows(At::Applications);
        for column in &parts {
            rows.text(report_id).int32(Some(year)).text(&table.columns[*column].code);
            for measure in measures {
                rows.int(values.get(measure, *column));
            }
            rows.end();
        }
        let rest = measures.map(|measure| values.unexplained(measure, &parts, total));
        if rest.iter().any(Option::is_some) {
            rows.text(report_id).int32(Some(year)).text(UNSPECIFIED);
            for rest in rest {
                rows.int(rest);
            }
            rows.end();
        }
        let leaves: Vec<usize> =
            table.value_rows.iter().copied().filter(|row| table.rows[*row].outcome_group.is_some()).collect();
        let rows = self.rows(At::Outcomes);
        let mut push = |applicant: &str, group: &str, outcome: &str, count: Option<i64>, is_implied: bool| {
            rows.text(report_id).int32(Some(year)).text(applicant).text(group).text(outcome).int(count);
            rows.opt_bool(Some(is_implied)).end();
        };
        let group = |row: usize| table.rows[row].outcome_group.as_deref().unwrap_or(UNSPECIFIED);
        let mut shown: i64 = 0;
        for column in &parts {
            for leaf in &leaves {
                let count = values.get(*leaf, *column);
                shown += count.unwrap_or(0);
                let is_implied = values.is_implied(*leaf, *column);
                push(&table.columns[*column].code, group(*leaf), &table.rows[*leaf].code, count, is_implied);
            }
        }
        // What a row's total says beyond its applicants, then what an applicant's total says beyond
        // the rows, and no request twice.
        for leaf in &leaves {
            if let Some(rest) = values.unexplained(*leaf, &parts, total) {
                shown += rest;
                push(UNSPECIFIED, group(*leaf), &table.rows[*leaf].code, Some(rest), false);
            }
        }
        let outcome_total = measures[2];
        let whole = values
            .get(outcome_total, total)
            .unwrap_or_else(|| parts.iter().filter_map(|column| values.get(outcome_total, *column)).sum());
        for column in &parts {
            let known: i64 = leaves.iter().filter_map(|leaf| values.get(*leaf, *column)).sum();
            let has_blank = leaves.iter().any(|leaf| values.get(*leaf, *column).is_none());
            let rest = values.get(outcome_total, *column).map_or(0, |of| of - known).min(whole - shown);
            if has_blank && rest > 0 {
                shown += rest;
                push(&table.columns[*column].code, UNSPECIFIED, UNSPECIFIED, Some(rest), false);
            }
        }
        let has_blank = leaves.iter().any(|leaf| values.get(*leaf, total).is_none());
        if has_blank && whole > shown {
            push(UNSPECIFIED, UNSPECIFIED, UNSPECIFIED, Some(whole - shown), false);
        }
    }

    fn reviews(&mut self, report_id: &str, year: i32, cells: &[Cell], forms: &Forms) {
        let table = forms.table(cells[0].key.form, cells[0].key.table);
        let values = Values::new(cells, table.columns.len(), table.rows.len());
        let row = table.value_rows[0];
        let rows = self.rows(At::Reviews);
        for (at, group) in table.groups.iter().enumerate().filter(|(_, group)| group.is_channel) {
            let mut parts = Vec::new();
            let mut total = None;
            for (column, of) in table.columns.iter().enumerate().filter(|(_, column)| column.group == Some(at)) {
                match of.result.as_deref() {
                    Some(TOTAL) => total = Some(column),
                    result => parts.push((column, result.unwrap_or(UNSPECIFIED))),
                }
            }
            for (column, result) in &parts {
                rows.text(report_id).int32(Some(year)).text(&group.code).text(result).int(values.get(row, *column));
                rows.opt_bool(Some(values.is_implied(row, *column))).end();
            }
            let columns: Vec<usize> = parts.iter().map(|(column, _)| *column).collect();
            if let Some(rest) = total.and_then(|total| values.unexplained(row, &columns, total)) {
                rows.text(report_id).int32(Some(year)).text(&group.code).text(UNSPECIFIED).int(Some(rest));
                rows.opt_bool(Some(false)).end();
            }
        }
    }
}

/// Pushes where a cell stands.
fn origin(rows: &mut Rows, origin: Origin) -> &mut Rows {
    let number = |number: Option<u32>| number.and_then(|number| i32::try_from(number).ok());
    rows.int32(number(origin.page)).int32(number(origin.line)).int32(number(origin.grid));
    rows.int32(number(origin.grid_row)).int32(number(origin.grid_column))
}

/// The counts of a table by row and column: printed, or implied by a rule where nothing is.
struct Values {
    values: Vec<Option<i64>>,
    /// Places of the implied ones.
    implied: Vec<usize>,
    n_columns: usize,
}

impl Values {
    fn new(cells: &[Cell], n_columns: usize, n_rows: usize) -> Self {
        let mut values = vec![None; n_columns * n_rows];
        let mut implied = Vec::new();
        for cell in cells {
            let place = usize::from(cell.key.row) * n_columns + usize::from(cell.key.column);
            values[place] = count(cell);
            if cell.number().is_none() && cell.implied.is_some() {
                implied.push(place);
            }
        }
        Self { values, implied, n_columns }
    }

    fn is_implied(&self, row: usize, column: usize) -> bool {
        self.implied.contains(&(row * self.n_columns + column))
    }

    fn get(&self, row: usize, column: usize) -> Option<i64> {
        self.values[row * self.n_columns + column]
    }

    /// What the total of a row says beyond its parts, where a part is blank: `None` when every part is
    /// known, when the total is not, or when the known parts explain it.
    fn unexplained(&self, row: usize, parts: &[usize], total: usize) -> Option<i64> {
        let total = self.get(row, total)?;
        let known: Vec<i64> = parts.iter().filter_map(|column| self.get(row, *column)).collect();
        let rest = total - known.iter().sum::<i64>();
        (known.len() < parts.len() && rest > 0).then_some(rest)
    }
}

/// A count of an accepted report: whole and below 2^53.
#[expect(clippy::cast_possible_truncation, reason = "counts are whole and have at most 15 digits")]
fn count(cell: &Cell) -> Option<i64> {
    debug_assert!(matches!(cell.state, CellState::Number | CellState::Zero) || cell.value.is_none());
    cell.number().or(cell.implied.map(|implied| implied.value)).map(|value| value as i64)
}

/// Pushes a row of `files`.
pub(super) fn push_file_row(rows: &mut Rows, file: &FileRow) {
    rows.text(&file.path).opt_text(file.file_id().as_deref());
    rows.int(file.size_bytes.and_then(|bytes| i64::try_from(bytes).ok())).opt_text(file.sha256_hex().as_deref());
    rows.text(file.format.as_str()).opt_text(file.encoding.as_deref()).text(file.outcome.as_str());
    rows.int32(i32::try_from(file.report_count).ok()).opt_text(file.detail.as_deref()).end();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(row: &[Option<i64>]) -> Values {
        Values { values: row.to_vec(), implied: Vec::new(), n_columns: row.len() }
    }

    #[test]
    fn only_what_a_total_leaves_unexplained_is_unspecified() {
        let parts = [0, 1, 2];
        let check = |row: [Option<i64>; 4], expected| assert_eq!(values(&row).unexplained(0, &parts, 3), expected);
        check([Some(2), Some(3), Some(0), Some(5)], None);
        check([None, None, None, Some(5)], Some(5));
        check([Some(2), None, None, Some(5)], Some(3));
        check([Some(5), None, None, Some(5)], None);
        check([None, None, None, Some(0)], None);
        check([None, None, None, None], None);
    }
}
