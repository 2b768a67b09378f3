//! Does it add up (勾稽): applies the rules to the cells of a report.
//!
//! Pure, and it never changes a value. A rule passes, passes because everything is zero, fails, or
//! cannot be decided because an operand is blank; a blank does not hide a failure that the known
//! parts prove. What the rules say of a blank is noted beside it as implied; of numbers that do not fit, the one that
//! would make every rule hold is suggested.

mod corrections;
mod functions;
mod implied;
pub mod links;
mod localise;
mod prose;
mod similar;
mod statements;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::config::Config;
use crate::form::check::{Number, Numbers, hard};
use crate::form::formula::{Decided, Side};
use crate::form::{Function, Operand, Place, RuleScope};
use crate::model::report::{Cell, CellFlag, CellKey, Flag, Layout, Report, ReportStatus};
use crate::model::verdict::{
    Blame, Cause, Check, CheckScope, CheckStatus, Problem, Severity, Suggestion, SuggestionKind,
};
use localise::{Explanation, Located};

pub use corrections::correct;

/// A table of a report, as the rules see it.
struct Sheet {
    form: u8,
    table: u8,
    numbers: Numbers,
    /// Cells of rules that fail.
    bad: BTreeSet<(usize, usize)>,
}

/// Applies every rule of the report's forms: fills `checks`, adds a problem for each hard failure and
/// settles the status. Statements of the narrative are compared with the cells they speak of.
pub fn reconcile(report: &mut Report, config: &Config) {
    let mut checks = Vec::with_capacity(64);
    let mut problems = Vec::new();
    let mut sheets = Vec::new();
    let certainty = Certainty::of(report);
    for cells in report.cells.chunk_by_mut(|one, two| (one.key.form, one.key.table) == (two.key.form, two.key.table)) {
        let mut sheet = Sheet::new(cells, config);
        sheet.hard(cells, certainty, config, &mut checks, &mut problems);
        sheets.push(sheet);
    }
    statements::compare(report, &config.statements);
    for sheet in &sheets {
        sheet.others(&sheets, certainty, report, config, &mut checks, &mut problems);
    }
    for sheet in &sheets {
        functions::of_table(sheet, report, config, &mut checks);
    }
    functions::of_narrative(report, config, &mut checks);
    functions::of_report(report, config, &mut checks);
    prose::of_report(report, config, &mut checks);
    report.checks = checks;
    for problem in &mut problems {
        functions::cite(problem, report, config);
    }
    report.problems.extend(problems);
    if !report.problems.is_empty() && report.status == ReportStatus::Accepted {
        report.status = ReportStatus::Quarantined;
    }
}

/// How surely a report is read as it is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Certainty {
    /// Every label found and every token used, nothing decided by us.
    Whole,
    /// Something was.
    Doubtful,
    /// Nothing was, but cells may have slid: rows and columns are not laid out.
    Loose,
}

impl Certainty {
    fn of(report: &Report) -> Self {
        let is_doubtful = !report.problems.is_empty()
            || report.flags.iter().any(|flag| matches!(flag, Flag::FuzzyLabel | Flag::PageNumber));
        match (is_doubtful, report.layout) {
            (true, _) => Self::Doubtful,
            (false, Layout::Grid) => Self::Whole,
            (false, Layout::Lines | Layout::Stream) => Self::Loose,
        }
    }

    /// Whose fault it is that rules fail: the document's when it is read as it is printed; perhaps ours when another
    /// reading of the same figures would hold.
    fn blame(self, cells: &[Cell], explanations: &[Explanation]) -> Blame {
        let is_ours = |of: &Explanation| matches!(of.kind, SuggestionKind::ShiftedRow | SuggestionKind::TornDigits);
        let is_decided =
            |cell: &Cell| cell.flags.iter().any(|flag| matches!(flag, CellFlag::DecidedByRules | CellFlag::FuzzyLabel));
        match self {
            Self::Doubtful => Blame::Open,
            _ if cells.iter().any(is_decided) => Blame::Open,
            Self::Loose if explanations.iter().any(is_ours) => Blame::Reading,
            _ => Blame::Source,
        }
    }
}

impl Sheet {
    fn new(cells: &[Cell], config: &Config) -> Self {
        let CellKey { form, table, .. } = cells[0].key;
        let numbers = Numbers::of(config.forms.table(form, table), cells);
        Self { form, table, numbers, bad: BTreeSet::new() }
    }

    /// The address of a cell, given by row and column.
    fn key(&self, (row, column): (usize, usize)) -> CellKey {
        CellKey { form: self.form, table: self.table, row: number(row), column: number(column) }
    }

    /// Its cells.
    fn cells<'r>(&self, report: &'r Report) -> impl Iterator<Item = &'r Cell> {
        let of = (self.form, self.table);
        report.cells.iter().filter(move |cell| (cell.key.form, cell.key.table) == of)
    }

    /// Whether it is the first of its table: blocks of one table may come from different forms.
    fn is_first(&self, report: &Report, config: &Config) -> bool {
        let code = &config.forms.table(self.form, self.table).code;
        let of_table = |cell: &&Cell| config.forms.table(cell.key.form, cell.key.table).code == *code;
        report.cells.iter().find(of_table).is_some_and(|cell| cell.key.form == self.form)
    }

    fn table_index(&self) -> usize {
        usize::from(self.table)
    }

    /// Where a cell of a form stands here: in the table itself, or in one of another form that has cells of these codes,
    /// as tables that are built alike are read as those of the newest form. `None` when the report does not have it.
    fn find(&self, form: u8, place: Place, config: &Config) -> Option<(usize, usize)> {
        let (row, column) = if (self.form, self.table_index()) == (form, place.table) {
            (place.row, place.column)
        } else {
            let of = &config.forms.form(form).tables[place.table];
            let own = config.forms.table(self.form, self.table);
            let row = own.row(&of.rows[place.row].code).filter(|_| own.code == of.code)?;
            let column = own.columns_of(row).find(|at| own.columns[*at].code == of.columns[place.column].code)?;
            (row, column)
        };
        self.numbers.has(row, column).then_some((row, column))
    }

    /// Applies the hard rules of the table, and says what they imply for blanks or what would mend them.
    fn hard(
        &mut self,
        cells: &mut [Cell],
        certainty: Certainty,
        config: &Config,
        checks: &mut Vec<Check>,
        problems: &mut Vec<Problem>,
    ) {
        let form = config.forms.form(self.form);
        let mut failed = Vec::new();
        for (at, scope) in hard(form, self.table_index()).filter(|(_, scope)| scope.is_local) {
            let Some(decided) = self.numbers.decide(scope) else { continue };
            checks.push(self.check(at, scope, decided));
            if decided.status == CheckStatus::Fail {
                failed.push((at, decided));
            }
        }
        let bounds = config.forms.function(Function::Bounds, Some(&form.tables[self.table_index()].code));
        if failed.is_empty() {
            let Some((rule, at)) = bounds.zip(self.numbers.contradiction(form, self.table_index())) else {
                implied::fill(form, self.table_index(), &mut self.numbers, cells);
                return;
            };
            // Blanks that satisfy the one equation break another.
            let scope = &form.checks[at];
            let Some(decided) = self.numbers.decide(scope) else { return };
            let decided = Decided { status: CheckStatus::Fail, ..decided };
            let name = CheckScope::Named(scope.scope.as_str().into());
            checks.push(Check { rule: number(rule), scope: name, ..self.check(at, scope, decided) });
            self.suspend(scope);
            let failure = Failure { rule, scope, decided, explanations: &[] };
            problems.push(failure.problem(self, certainty, cells, config));
            return;
        }
        let located = localise::locate(form, self.table_index(), &self.numbers);
        for (at, decided) in failed {
            let scope = &form.checks[at];
            self.suspend(scope);
            let explanations = located.iter().find(|located: &&Located| located.failed.contains(&at));
            let explanations = explanations.map_or(&[][..], |located| &located.explanations);
            let failure = Failure { rule: scope.rule, scope, decided, explanations };
            problems.push(failure.problem(self, certainty, cells, config));
        }
    }

    /// Notes that the cells of a rule are known to be bad.
    fn suspend(&mut self, scope: &RuleScope) {
        self.bad.extend(scope.formula.operands().filter_map(Operand::place).map(|place| (place.row, place.column)));
    }

    fn check(&self, at: usize, scope: &RuleScope, decided: Decided) -> Check {
        Check {
            rule: number(scope.rule),
            scope: CheckScope::Form { form: self.form, check: number(at) },
            status: decided.status,
            left: scope.published(decided.left),
            right: scope.published(decided.right),
        }
    }

    /// Applies the other rules of the table, those that ask for other tables among them; one with an operand that is
    /// known to be bad is suspended.
    fn others(
        &self,
        sheets: &[Self],
        certainty: Certainty,
        report: &Report,
        config: &Config,
        checks: &mut Vec<Check>,
        problems: &mut Vec<Problem>,
    ) {
        let form = config.forms.form(self.form);
        let is_done = |scope: &RuleScope| scope.severity == Severity::Hard && scope.is_local;
        let of_table = form.checks.iter().enumerate().filter(|(_, scope)| scope.table == self.table_index());
        for (at, scope) in of_table.filter(|(_, scope)| !is_done(scope)) {
            let is_own = |sheet: &&Self| sheet.form == self.form;
            let find = |place: Place| {
                let own_first = sheets.iter().filter(is_own).chain(sheets.iter().filter(|sheet| !is_own(sheet)));
                own_first.into_iter().find_map(|sheet| Some((sheet, sheet.find(self.form, place, config)?)))
            };
            let places = || scope.formula.operands().filter_map(Operand::place);
            // A rule on cells that the report does not have does not apply.
            if places().any(|place| find(place).is_none()) {
                continue;
            }
            let decided = scope.formula.decide(|operand| match operand {
                Operand::Cell(place) => {
                    find(*place).map_or(Number::Bad, |(sheet, (row, column))| sheet.numbers.get(row, column))
                }
                Operand::Statement(kind) => functions::stated(report, kind, config),
            });
            let Some(mut decided) = decided else { continue };
            if places().filter_map(find).any(|(sheet, place)| sheet.bad.contains(&place)) {
                decided.status = CheckStatus::Suspended;
            }
            checks.push(self.check(at, scope, decided));
            if scope.severity == Severity::Hard && decided.status == CheckStatus::Fail {
                let failure = Failure { rule: scope.rule, scope, decided, explanations: &[] };
                problems.push(failure.problem(self, certainty, &report.cells, config));
            }
        }
    }
}

/// A number of the catalogue or of a form's checks, of which there are some hundreds.
fn number(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// A hard rule that does not hold.
struct Failure<'f> {
    /// Number of the rule in the catalogue.
    rule: usize,
    scope: &'f RuleScope,
    decided: Decided,
    explanations: &'f [Explanation],
}

impl Failure<'_> {
    fn problem(&self, sheet: &Sheet, certainty: Certainty, cells: &[Cell], config: &Config) -> Problem {
        let form = config.forms.form(sheet.form);
        let rule = &config.forms.rules[self.rule];
        let known = |side: Side| self.scope.published(side);
        let print = |side: Side| match side.n_blank {
            0 => known(side).unwrap_or_default().to_string(),
            blanks => format!("{} and {blanks} blank", known(side).unwrap_or_default()),
        };
        let message = format!(
            "{} ({}) fails for {}, {}: {} against {}; {}",
            rule.code,
            rule.title[1].to_lowercase(),
            form.tables[self.scope.table].code,
            self.scope.scope,
            print(self.decided.left),
            print(self.decided.right),
            self.remedy(sheet, config).unwrap_or_else(|| rule.advice[1].clone()),
        );
        let blame = certainty.blame(cells, self.explanations);
        let mut problem = Problem::new(Cause::Arithmetic, blame, message);
        problem.rule = Some(rule.code.as_str().into());
        problem.scope = Some(self.scope.scope.as_str().into());
        problem.left = known(self.decided.left);
        problem.right = known(self.decided.right);
        if let [one] = self.explanations {
            #[expect(clippy::cast_precision_loss, reason = "sums of numbers of 15 digits")]
            let changes = one.changes.iter().map(|(cell, value)| (sheet.key(*cell), *value as f64)).collect();
            problem.suggestion = Some(Box::new(Suggestion { kind: one.kind, changes }));
        }
        // The suspected cell is where a reader looks first, else the total.
        let total = self.scope.total().map(|place| (place.row, place.column));
        let place = match self.explanations {
            [one] => one.changes.keys().next().copied(),
            _ => total,
        };
        let at = |cell: &&Cell| Some((usize::from(cell.key.row), usize::from(cell.key.column))) == place;
        if let Some(cell) = cells.iter().find(at) {
            problem.origin = cell.origin;
            problem.printed = cell.printed.as_ref().map(ToString::to_string);
        }
        problem
    }

    /// What would mend it, in words.
    fn remedy(&self, sheet: &Sheet, config: &Config) -> Option<String> {
        /// More candidates than a person compares.
        const MOST: usize = 6;
        let change = |(cell, new): (&(usize, usize), &i64)| {
            let (row, column) = cell;
            let name = config.forms.cell_name(sheet.key(*cell));
            match sheet.numbers.get(*row, *column) {
                Number::Known(old) => format!("{name} {new} in place of {old}"),
                _ => format!("{name} {new}"),
            }
        };
        let words = |of: &Explanation| of.changes.iter().map(change).collect::<Vec<_>>().join(" and ");
        match self.explanations {
            [] => None,
            [one] => Some(format!("every rule holds with {}: compare it with the source", words(one))),
            several if several.len() <= MOST => {
                let words: Vec<String> = several.iter().map(words).collect();
                Some(format!("every rule would hold with {}: compare them with the source", words.join(", or with ")))
            }
            several => Some(format!(
                "{} changes would make every rule hold, so none is named: compare the cells with the source",
                several.len()
            )),
        }
    }
}
