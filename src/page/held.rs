//! Reports that are held back, each with its marked tables, both sides of what fails, and what would mend it.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;

use super::PageError;
use super::marks::{OwnForms, Rules, forms_of, operands, place};
use super::read::{Batch, text, value};
use super::sheet::{Sheet, cell_label, label_at, lay_out, scope_label};
use super::words::{Pair, code, pair, same};
use crate::config::Config;
use crate::form::formula::{Condition, Relation, Term};
use crate::form::{FormTable, Operand, Rule};
use crate::model::report::CellState;
use crate::wording::printable;

/// A row of `reports`.
#[derive(Debug, Default)]
pub(super) struct ReportRow {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) agency: Option<String>,
    pub(super) province: Option<String>,
    pub(super) year: Option<i32>,
    pub(super) title: Option<String>,
    pub(super) url: Option<String>,
    pub(super) form: Option<String>,
    pub(super) form_applications: Option<String>,
}

/// A row of `cells`.
#[derive(Debug)]
pub(super) struct CellRow {
    table: String,
    row: Option<String>,
    column: Option<String>,
    label: Option<String>,
    printed: Option<String>,
    state: String,
    value: Option<f64>,
    implied: Option<f64>,
    corrected: Option<f64>,
}

/// A row of `quarantine`.
#[derive(Debug, Default)]
pub(super) struct ProblemRow {
    pub(super) cause: String,
    blame: String,
    rule: Option<String>,
    scope: Option<String>,
    pub(super) message: Pair,
    left: Option<f64>,
    right: Option<f64>,
    printed: Option<String>,
    excerpt: Option<String>,
    page: Option<i32>,
    line: Option<i32>,
    suggestion: Option<String>,
    suggested_kind: Option<String>,
}

/// Columns of each of them.
pub(super) const REPORT_COLUMNS: [&str; 9] =
    ["report_id", "path", "agency", "province", "year", "title", "url", "form", "form_applications"];
pub(super) const CELL_COLUMNS: [&str; 10] =
    ["report_id", "table", "row", "column", "label", "printed", "state", "value", "implied", "corrected"];
pub(super) const PROBLEM_COLUMNS: [&str; 15] = [
    "report_id",
    "cause",
    "blame",
    "rule",
    "scope",
    "message",
    "message_zh",
    "left",
    "right",
    "printed",
    "excerpt",
    "page",
    "line",
    "suggestion",
    "suggested_kind",
];

impl ReportRow {
    pub(super) fn read(batch: &Batch, row: usize) -> Result<Self, PageError> {
        let of = |column| Ok::<_, PageError>(text(batch.texts(column)?, row).map(printable));
        Ok(Self {
            id: of("report_id")?.unwrap_or_default(),
            path: of("path")?.unwrap_or_default(),
            agency: of("agency")?,
            province: of("province")?,
            year: value(batch.integers("year")?, row),
            title: of("title")?,
            url: of("url")?,
            form: of("form")?,
            form_applications: of("form_applications")?,
        })
    }

    fn own(&self) -> OwnForms<'_> {
        OwnForms { form: self.form.as_deref(), applications: self.form_applications.as_deref() }
    }

    /// The address it was published at, where that is one that a browser opens.
    pub(super) fn link(&self) -> Option<&str> {
        self.url.as_deref().filter(|url| url.starts_with("http://") || url.starts_with("https://"))
    }
}

impl CellRow {
    pub(super) fn read(batch: &Batch, row: usize) -> Result<Self, PageError> {
        let of = |column| Ok::<_, PageError>(text(batch.texts(column)?, row).map(printable));
        Ok(Self {
            table: of("table")?.unwrap_or_default(),
            row: of("row")?,
            column: of("column")?,
            label: of("label")?,
            printed: of("printed")?,
            state: of("state")?.unwrap_or_default(),
            value: value(batch.numbers("value")?, row),
            implied: value(batch.numbers("implied")?, row),
            corrected: value(batch.numbers("corrected")?, row),
        })
    }

    fn number(&self) -> Option<f64> {
        self.corrected.or(self.value)
    }
}

impl ProblemRow {
    pub(super) fn read(batch: &Batch, row: usize) -> Result<Self, PageError> {
        let of = |column| Ok::<_, PageError>(text(batch.texts(column)?, row).map(printable));
        Ok(Self {
            cause: of("cause")?.unwrap_or_default(),
            blame: of("blame")?.unwrap_or_default(),
            rule: of("rule")?,
            scope: of("scope")?,
            message: pair(of("message_zh")?.unwrap_or_default(), of("message")?.unwrap_or_default()),
            left: value(batch.numbers("left")?, row),
            right: value(batch.numbers("right")?, row),
            printed: of("printed")?,
            excerpt: of("excerpt")?,
            page: value(batch.integers("page")?, row),
            line: value(batch.integers("line")?, row),
            suggestion: of("suggestion")?,
            suggested_kind: of("suggested_kind")?,
        })
    }

    /// Whether it says what would mend it.
    pub(super) fn has_suggestion(&self) -> bool {
        self.suggestion.is_some()
    }

    /// The changes it suggests: cell and value.
    fn changes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.suggestion.iter().flat_map(|text| text.split("; ")).filter_map(|change| change.rsplit_once('='))
    }
}

/// A report that is held back, as it is shown.
#[derive(Template)]
#[template(path = "held_report.html")]
pub(super) struct HeldReport<'r> {
    pub(super) number: u64,
    report: &'r ReportRow,
    problems: Vec<ProblemView<'r>>,
    sheets: Vec<(String, Sheet<CellView<'r>>)>,
    /// Rows that the form does not have: label and print.
    local: Vec<(&'r str, &'r str)>,
}

/// A problem as it is shown.
struct ProblemView<'r> {
    of: &'r ProblemRow,
    cause: Pair,
    blame: Pair,
    rule: Option<&'r Rule>,
    scope: Option<Pair>,
    /// What stands on each side, and what lies between them.
    equation: Option<([SideView; 2], &'static str)>,
    changes: Vec<(Pair, String, String)>,
    kind: Option<Pair>,
}

/// A side of a rule: its parts, and their sum.
struct SideView {
    terms: Vec<TermView>,
    /// Parts that are zero and are not shown.
    n_zeros: usize,
    sum: String,
}

struct TermView {
    sign: &'static str,
    number: String,
    label: Pair,
}

/// A cell as it is shown.
pub(super) struct CellView<'r> {
    text: &'r str,
    /// Class of the style sheet: of a failing rule, suspected, no number, blank.
    mark: &'static str,
    /// The number that would mend it.
    suggested: Option<String>,
    implied: Option<f64>,
    corrected: Option<f64>,
}

/// What is marked in a report, as form, table, row and column.
#[derive(Default)]
struct Marks {
    failing: BTreeSet<[usize; 4]>,
    suspected: BTreeMap<[usize; 4], String>,
    /// Table and code of the rows, columns and channels to which failing rules were applied.
    scopes: BTreeSet<(String, String)>,
}

/// The cells of a report by table, row and column.
type Cells<'r> = BTreeMap<[&'r str; 3], &'r CellRow>;

impl<'r> HeldReport<'r> {
    /// Puts together what is shown of a report.
    pub(super) fn new(
        number: u64,
        report: &'r ReportRow,
        cells: &'r [CellRow],
        problems: &'r [ProblemRow],
        rules: &Rules<'_>,
        config: &'r Config,
    ) -> Self {
        let placed: Cells<'r> = cells
            .iter()
            .filter_map(|cell| Some(([cell.table.as_str(), cell.row.as_deref()?, cell.column.as_deref()?], cell)))
            .collect();
        let marks = marks(report, problems, rules, config);
        let view = |problem| problem_view(problem, report.own(), &placed, rules, config);
        let local = cells.iter().filter(|cell| cell.label.is_some());
        Self {
            number,
            report,
            problems: problems.iter().map(view).collect(),
            sheets: sheets(report, &placed, &marks, config),
            local: local
                .map(|cell| (cell.label.as_deref().unwrap_or_default(), cell.printed.as_deref().unwrap_or_default()))
                .collect(),
        }
    }
}

fn marks(report: &ReportRow, problems: &[ProblemRow], rules: &Rules<'_>, config: &Config) -> Marks {
    let mut marks = Marks::default();
    for problem in problems {
        if let (Some(rule), Some(scope)) = (&problem.rule, &problem.scope) {
            if let Some((form, of)) = rules.find(report.own(), rule, scope) {
                marks.failing.extend(operands(of).map(|at| [form, at.table, at.row, at.column]));
            }
            let of = config.forms.rules.iter().find(|of| of.code == *rule);
            if let Some(table) = of.and_then(|of| of.table.clone()) {
                marks.scopes.insert((table, scope.clone()));
            }
        }
        for (cell, value) in problem.changes() {
            let code = cell.split('.').next().unwrap_or_default();
            let Some((_, table)) = config.forms.tables(code).next_back() else { continue };
            let found = forms_of(config, report.own(), table.shape).into_iter().find_map(|form| {
                let (table, row, column) = place(&config.forms.forms[form], cell)?;
                Some([form, table, row, column])
            });
            marks.suspected.extend(found.map(|at| (at, value.to_owned())));
        }
    }
    marks
}

/// The tables that are concerned, or all of them where none is named.
fn sheets<'r>(
    report: &ReportRow,
    cells: &Cells<'r>,
    marks: &Marks,
    config: &Config,
) -> Vec<(String, Sheet<CellView<'r>>)> {
    let codes: Vec<&str> = cells.keys().map(|[table, _, _]| *table).collect::<BTreeSet<_>>().into_iter().collect();
    let is_odd = |cell: &CellRow| {
        [CellState::Text, CellState::Absent, CellState::Unreadable].iter().any(|of| of.as_str() == cell.state)
    };
    let is_concerned = |code: &&str| {
        marks.scopes.iter().any(|(table, _)| table == code)
            || cells.iter().any(|([table, _, _], cell)| table == code && is_odd(cell))
    };
    let concerned: Vec<&str> = codes.iter().copied().filter(is_concerned).collect();
    let shown = if concerned.is_empty() { codes } else { concerned };
    // In the order of the form.
    let tables = config.forms.forms.iter().rev().flat_map(|form| &form.tables);
    let mut order: Vec<&str> = tables.map(|table| table.code.as_str()).filter(|code| shown.contains(code)).collect();
    let mut seen = BTreeSet::new();
    order.retain(|code| seen.insert(*code));
    let sheet = |code: &str| {
        let (_, newest) = config.forms.tables(code).next_back()?;
        let forms = forms_of(config, report.own(), newest.shape);
        let form = forms.into_iter().find(|form| config.forms.forms[*form].table(code).is_some())?;
        let at = config.forms.forms[form].table(code)?;
        let table = &config.forms.forms[form].tables[at];
        let view = |row: usize, column: usize| {
            let codes = [code, table.rows[row].code.as_str(), table.columns[column].code.as_str()];
            cell_view(cells.get(&codes).copied(), [form, at, row, column], marks)
        };
        let is_marked = |scope: &str| marks.scopes.contains(&(code.to_owned(), scope.to_owned()));
        Some((config.forms.forms[form].id.clone(), lay_out(table, view, is_marked)))
    };
    order.into_iter().filter_map(sheet).collect()
}

fn cell_view<'r>(cell: Option<&'r CellRow>, at: [usize; 4], marks: &Marks) -> CellView<'r> {
    let Some(cell) = cell else {
        return CellView { text: "", mark: "gone", suggested: None, implied: None, corrected: None };
    };
    let suggested = marks.suspected.get(&at).cloned();
    let is = |states: &[CellState]| states.iter().any(|of| of.as_str() == cell.state);
    let mark = if suggested.is_some() {
        "suspect"
    } else if is(&[CellState::Text, CellState::Unreadable, CellState::Absent]) {
        "unread"
    } else if marks.failing.contains(&at) {
        "failing"
    } else {
        ""
    };
    let text = if is(&[CellState::Blank]) { "·" } else { cell.printed.as_deref().unwrap_or("?") };
    CellView { text, mark, suggested, implied: cell.implied, corrected: cell.corrected }
}

fn problem_view<'r>(
    problem: &'r ProblemRow,
    own: OwnForms<'_>,
    cells: &Cells<'_>,
    rules: &Rules<'_>,
    config: &'r Config,
) -> ProblemView<'r> {
    let rule = problem.rule.as_deref().and_then(|code| config.forms.rules.iter().find(|rule| rule.code == code));
    let table = rule.and_then(|rule| config.forms.tables(rule.table.as_deref()?).next_back());
    let scope = problem.scope.as_deref().zip(table).map(|(scope, (_, table))| scope_label(table, scope));
    let found = problem.rule.as_deref().zip(problem.scope.as_deref());
    let found = found.and_then(|(rule, scope)| rules.find(own, rule, scope));
    let equation = found.and_then(|(form, scope)| {
        let Condition::Compare(of) = &scope.formula.must else { return None };
        let tables = &config.forms.forms[form].tables;
        let side = |terms: &[Term<Operand>], sum| side_view(terms, sum, (tables, &scope.scope), cells);
        let between = match of.relation {
            Relation::Equal => "≠",
            Relation::AtMost => ">",
            Relation::AtLeast => "<",
            Relation::Less => "≥",
            Relation::More => "≤",
        };
        Some(([side(&of.left, problem.left), side(&of.right, problem.right)], between))
    });
    let change = |(name, value): (&str, &str)| {
        let (_, table) = config.forms.tables(name.split('.').next()?).next_back()?;
        let form = forms_of(config, own, table.shape).into_iter();
        let label = form.map(|form| &config.forms.forms[form]).find_map(|form| {
            let (table, row, column) = place(form, name)?;
            Some(cell_label(&form.tables[table], row, column))
        });
        Some((label?, name.to_owned(), value.to_owned()))
    };
    ProblemView {
        of: problem,
        cause: code(config, "cause", &problem.cause),
        blame: code(config, "blame", &problem.blame),
        rule,
        scope,
        equation,
        changes: problem.changes().filter_map(change).collect(),
        kind: problem.suggested_kind.as_deref().map(|kind| code(config, "suggested_kind", kind)),
    }
}

/// A side of a rule as the cells have it. Parts that are zero are counted, not shown, where there are many parts.
fn side_view(
    terms: &[Term<Operand>],
    sum: Option<f64>,
    (tables, scope): (&[FormTable], &str),
    cells: &Cells<'_>,
) -> SideView {
    let mut side = SideView { terms: Vec::new(), n_zeros: 0, sum: sum.map_or("?".to_owned(), |sum| sum.to_string()) };
    for term in terms {
        let sign = if term.factor < 0 { "−" } else { "+" };
        let factor = term.factor.unsigned_abs();
        let Some(of) = term.of.as_ref().and_then(Operand::place) else {
            side.terms.push(TermView { sign, number: factor.to_string(), label: same("") });
            continue;
        };
        let table = &tables[of.table];
        let codes = [table.code.as_str(), table.rows[of.row].code.as_str(), table.columns[of.column].code.as_str()];
        let number = cells.get(&codes).and_then(|cell| cell.number());
        if number == Some(0.0) && terms.len() > 4 {
            side.n_zeros += 1;
            continue;
        }
        let number = number.map_or("·".to_owned(), |number| number.to_string());
        let number = if factor == 1 { number } else { format!("{factor}×{number}") };
        side.terms.push(TermView { sign, number, label: label_at(table, (of.row, of.column), scope) });
    }
    side
}
