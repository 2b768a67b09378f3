//! The catalogue of rules: read, checked against the forms, and spelt out cell by cell.

mod scopes;

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde::Deserialize;

use super::check::Number;
use super::formula::{Condition, Formula, Name, Side};
use super::load::parse;
use super::{Form, FormError};
use crate::model::report::{CellKey, Flag};
use crate::model::verdict::{Cause, CheckStatus, Severity};
pub(super) use scopes::places;
use scopes::{Scopes, check_amounts, unknown};

/// A relation that the cells must satisfy (勾稽关系), or what else a report is held to.
#[derive(Debug)]
pub struct Rule {
    /// Readable code, as in `checks.rule`.
    pub code: String,
    /// Reference in the literature of the project: `T2-03`.
    pub id: String,
    /// What a failure does.
    pub severity: Severity,
    /// What it says, in Chinese and English.
    pub title: [String; 2],
    /// Why it must hold, in English.
    pub why: String,
    /// What a person can do when it fails, in Chinese and English.
    pub advice: [String; 2],
    /// Code of the table it is of, where it is of one.
    pub table: Option<String>,
    /// The forms it applies to; none where it does not depend on the form.
    pub forms: Vec<String>,
    /// Numbers for the names of its formula with which it fails.
    pub example: BTreeMap<String, i64>,
    /// How it is enforced.
    pub means: Means,
    /// What it looks for in the narrative.
    pub patterns: Vec<Regex>,
    /// The cells that a function adds up, each with its name and its keys in the forms.
    pub cells: Vec<(String, Vec<CellKey>)>,
    /// Code of the indicator that it holds the narrative to.
    pub indicator: Option<String>,
}

/// How a rule is enforced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// By this formula, as written.
    Formula(String),
    /// By a function of the program.
    Function(Function),
    /// While reading: a breach is a row of the quarantine with this cause.
    Cause(Cause),
    /// While reading: a breach is a remark on the report.
    Flag(Flag),
}

/// Rules that the language cannot say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// Numbers for the blanks exist with which all equations of a table hold.
    Bounds,
    /// Only bodies that may make regulations (规章) count any.
    RegulationMakers,
    /// The report was published in time.
    PublishedInTime,
    /// The section on problems says something.
    ProblemsSection,
    /// A table of nothing but zeros is one: zeros are printed, or the narrative says so.
    ZeroTable,
    /// A number of the narrative is that of the cells it speaks of.
    Statements,
    /// A zero in words is that of the cells it speaks of.
    ZeroStatements,
    /// No other report has the same figures, not all of them zero, for another body or year.
    SameFigures,
    /// Reports of one body on one year have the same figures.
    Versions,
    /// No year is missing between two reports of a body.
    Gap,
    /// Headings carry the numbers of their sections, in order.
    SectionOrder,
    /// Nothing of a template is left in the narrative.
    TemplateMarks,
    /// A number that the narrative states twice is the same.
    Restated,
    /// A percentage of the narrative is that of an indicator.
    Percentage,
    /// The narrative is not that of the year before.
    RepeatedText,
    /// The narrative is not that of another body.
    CopiedText,
    /// A government that speaks for its division counts at least what the bodies of it count.
    Covers,
    /// A run holds it before it publishes.
    Run,
    /// The check of a snapshot holds it.
    Verify,
    /// The look after an output folder holds it.
    Doctor,
}

impl Function {
    /// Whether it is applied to one table.
    fn is_of_table(self) -> bool {
        matches!(self, Self::Bounds | Self::ZeroTable | Self::RegulationMakers)
    }

    /// Whether it looks for patterns in the narrative.
    fn has_patterns(self) -> bool {
        matches!(self, Self::TemplateMarks | Self::Percentage)
    }
}

/// A number of the literature that no rule has.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The numbers.
    pub ids: Vec<String>,
    /// Nothing checks it; otherwise the program works so that it holds.
    pub is_open: bool,
    /// What it says and why it is no rule here, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// A rule at one scope: the cells it speaks of.
#[derive(Debug)]
pub struct RuleScope {
    /// Index of the rule in the catalogue.
    pub rule: usize,
    /// What a failure does.
    pub severity: Severity,
    /// Index of the table it is of.
    pub table: usize,
    /// Scope as in `checks.scope`.
    pub scope: String,
    /// The rule.
    pub formula: Formula<Operand>,
    /// It can be decided by the cells of its table alone.
    pub is_local: bool,
    /// What its sides are counted in: millionths where they are amounts.
    per_unit: f64,
    /// The same as a sum that is zero, where it is a hard equation between cells of its table.
    pub equation: Option<Equation>,
}

/// What a rule asks for a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A cell.
    Cell(Place),
    /// What the narrative states: code of the kind of statement.
    Statement(String),
}

impl Operand {
    /// The place of a cell.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Cell(place) => Some(*place),
            Self::Statement(_) => None,
        }
    }

    fn is_last_year(&self) -> bool {
        self.place().is_some_and(|place| place.is_last_year)
    }
}

/// The place of a cell in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Index of the table.
    pub table: usize,
    /// Index of the row.
    pub row: usize,
    /// Index of the column.
    pub column: usize,
    /// In the report of the year before.
    pub is_last_year: bool,
}

/// A sum of cells that is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equation {
    /// The cells.
    pub terms: Vec<SignedCell>,
}

/// Row, column, and what the cell is multiplied by: 1 on the left side of a rule, -1 on the right.
pub type SignedCell = (usize, usize, i64);

impl RuleScope {
    /// The known part of a side as published, in the units of its cells.
    #[must_use]
    pub fn published(&self, side: Side) -> Option<f64> {
        side.known().map(|known| known / self.per_unit)
    }

    /// The cell it ends in: the last of its right side, where it has one.
    #[must_use]
    pub fn total(&self) -> Option<Place> {
        match &self.formula.must {
            Condition::Compare(of) => {
                of.right.iter().rev().chain(of.left.iter().rev()).find_map(|term| term.of.as_ref()?.place())
            }
            Condition::Printed(of) | Condition::Multiple(of, _) => of.place(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRules {
    schema_version: u32,
    rule: Vec<RawRule>,
    #[serde(default)]
    note: Vec<Note>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    code: String,
    id: String,
    severity: String,
    title_zh: String,
    title_en: String,
    why: String,
    #[serde(default)]
    advice_zh: Option<String>,
    #[serde(default)]
    advice_en: Option<String>,
    #[serde(default)]
    forms: Vec<String>,
    #[serde(default)]
    table: Option<String>,
    #[serde(default)]
    over: Option<Over>,
    /// The scopes that are kept; all where there are none.
    #[serde(default)]
    only: Vec<String>,
    #[serde(default)]
    formula: Option<String>,
    /// Numbers for the names of the formula with which it fails.
    #[serde(default)]
    example: BTreeMap<String, i64>,
    #[serde(default)]
    function: Option<Function>,
    /// What a function looks for in the narrative: regular expressions on the text as it is.
    #[serde(default)]
    patterns: Vec<String>,
    /// The cells that a function adds up: table.row.column.
    #[serde(default)]
    cells: Vec<String>,
    /// The indicator that a percentage is of.
    #[serde(default)]
    indicator: Option<String>,
    #[serde(default)]
    cause: Option<String>,
    #[serde(default)]
    flag: Option<String>,
}

/// What a rule runs over.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Over {
    /// Every column of the table; names are rows.
    Columns,
    /// Every row of the table that has these columns; names are columns.
    Rows,
    /// Every channel of cases; names are results.
    Channels,
    /// A list; names are rows.
    List,
    /// The report; names are table.row.column.
    Report,
}

/// The advice where a rule has none of its own.
const ADVICE: [&str; 2] = ["核对原文中所列各格", "compare these cells with the source"];

/// Reads the catalogue and spells its formulas out in the forms.
pub(super) fn load(file: &str, text: &str, forms: &mut [Form]) -> Result<(Vec<Rule>, Vec<Note>), FormError> {
    let raw = parse(file, text, |raw: &RawRules| raw.schema_version)?;
    let mut rules: Vec<Rule> = Vec::new();
    let RawRules { rule: raw_rules, note: notes, .. } = raw;
    for raw in raw_rules {
        let error = |what: String| FormError::Rule { rule: raw.code.clone(), what };
        if rules.iter().any(|other| other.code == raw.code) {
            return Err(error("its code is used twice".to_owned()));
        }
        let severity = named(Severity::ALL, Severity::as_str, &raw.severity, "severity").map_err(error)?;
        let means = means(&raw).map_err(error)?;
        if let Means::Formula(text) = &means {
            let formula = Formula::parse(text).map_err(|what| error(format!("in its formula {what}")))?;
            check_example(&formula, &raw.example).map_err(error)?;
            if raw.forms.is_empty() {
                return Err(error("forms must name a form".to_owned()));
            }
            for id in &raw.forms {
                let form = forms.iter_mut().find(|form| form.id == *id);
                let form = form.ok_or_else(|| error(format!("forms names {id:?}, which does not exist")))?;
                let scopes = Scopes { form, raw: &raw, rule: rules.len(), severity }.all(&formula);
                let scopes = scopes.map_err(|what| error(format!("for form {id} {what}")))?;
                for scope in &scopes {
                    check_amounts(&scope.formula, form).map_err(error)?;
                }
                let (links, checks): (Vec<_>, Vec<_>) =
                    scopes.into_iter().partition(|scope| scope.formula.operands().any(Operand::is_last_year));
                form.checks.extend(checks);
                form.links.extend(links);
            }
        }
        if let Means::Function(function) = means {
            let is_known = |code: &String| forms.iter().any(|form| form.table(code).is_some());
            match (&raw.table, function.is_of_table()) {
                (Some(code), true) if is_known(code) => {}
                (Some(code), true) => return Err(error(unknown("table", code))),
                (None, true) => return Err(error("table must name the table it is of".to_owned())),
                (Some(_), false) => return Err(error("its function is of no table".to_owned())),
                (None, false) => {}
            }
        }
        let patterns = patterns(&raw, &means).map_err(error)?;
        let cells = covered(&raw, &means, forms).map_err(error)?;
        let [zh, en] = ADVICE.map(str::to_owned);
        rules.push(Rule {
            severity,
            title: [raw.title_zh, raw.title_en],
            why: raw.why,
            advice: [raw.advice_zh.unwrap_or(zh), raw.advice_en.unwrap_or(en)],
            means,
            patterns,
            cells,
            indicator: raw.indicator,
            table: raw.table,
            forms: raw.forms,
            example: raw.example,
            code: raw.code,
            id: raw.id,
        });
    }
    Ok((rules, notes))
}

/// What a function looks for in the narrative; no other rule has patterns.
fn patterns(raw: &RawRule, means: &Means) -> Result<Vec<Regex>, String> {
    let has = matches!(means, Means::Function(function) if function.has_patterns());
    if has == raw.patterns.is_empty() {
        return Err(if has { "patterns must say what it looks for" } else { "it looks for no patterns" }.to_owned());
    }
    if (*means == Means::Function(Function::Percentage)) != raw.indicator.is_some() {
        return Err("indicator names what a percentage is of, and stands there for no other rule".to_owned());
    }
    let pattern =
        |text: &String| Regex::new(text).map_err(|error| format!("the pattern {text:?} is not valid: {error}"));
    raw.patterns.iter().map(pattern).collect()
}

/// The cells that a function adds up; no other rule names any.
fn covered(raw: &RawRule, means: &Means, forms: &[Form]) -> Result<Vec<(String, Vec<CellKey>)>, String> {
    if (*means == Means::Function(Function::Covers)) == raw.cells.is_empty() {
        return Err("cells names what a function adds up, and stands there for no other rule".to_owned());
    }
    let in_form = |id: &String, name: &Name| {
        let form = forms.iter().position(|form| form.id == *id);
        let form = form.ok_or_else(|| format!("forms names {id:?}, which does not exist"))?;
        let places = places(&forms[form], name).map_err(|what| format!("for form {id} {what}"))?;
        let place = places.first().copied().ok_or_else(|| format!("{:?} is no cell", name.path))?;
        let small = |at: usize| u16::try_from(at).map_err(|_| "a form has too many cells".to_owned());
        let byte = |at: usize| u8::try_from(at).map_err(|_| "there are too many forms".to_owned());
        let (form, table) = (byte(form)?, byte(place.table)?);
        Ok::<_, String>(CellKey { form, table, row: small(place.row)?, column: small(place.column)? })
    };
    let cell = |path: &String| {
        let name = Name { path: path.clone(), is_sum: false, is_last_year: false };
        let keys: Result<Vec<CellKey>, String> = raw.forms.iter().map(|id| in_form(id, &name)).collect();
        Ok((path.clone(), keys?))
    };
    raw.cells.iter().map(cell).collect()
}

/// The value with this name.
fn named<T: Copy>(all: &[T], name_of: fn(T) -> &'static str, name: &str, key: &str) -> Result<T, String> {
    let found = all.iter().copied().find(|value| name_of(*value) == name);
    found.ok_or_else(|| format!("{key} names {name:?}, which does not exist"))
}

fn means(raw: &RawRule) -> Result<Means, String> {
    match (&raw.formula, raw.function, &raw.cause, &raw.flag) {
        (Some(formula), None, None, None) => Ok(Means::Formula(formula.clone())),
        (None, Some(function), None, None) => Ok(Means::Function(function)),
        (None, None, Some(cause), None) => Ok(Means::Cause(named(Cause::ALL, Cause::as_str, cause, "cause")?)),
        (None, None, None, Some(flag)) => Ok(Means::Flag(named(Flag::ALL, Flag::as_str, flag, "flag")?)),
        _ => Err("it needs one of formula, function, cause and flag".to_owned()),
    }
}

/// The example gives every name a number, and fails.
fn check_example(formula: &Formula<Name>, example: &BTreeMap<String, i64>) -> Result<(), String> {
    let names: BTreeSet<String> = formula.operands().map(Name::to_string).collect();
    if let Some(other) = example.keys().find(|name| !names.contains(*name)) {
        return Err(format!("its example names {other:?}, which its formula does not"));
    }
    // A name without a number is blank: some rules are about that.
    let number = |name: &Name| example.get(&name.to_string()).map_or(Number::Blank, |value| Number::Known(*value));
    match formula.decide(number).map(|decided| decided.status) {
        Some(CheckStatus::Fail) => Ok(()),
        _ => Err("its example does not fail".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Forms;
    use super::*;

    const FORMS: [(&str, &str); 3] = [
        ("2014.toml", include_str!("../../config/forms/2014.toml")),
        ("2019.toml", include_str!("../../config/forms/2019.toml")),
        ("2021.toml", include_str!("../../config/forms/2021.toml")),
    ];
    const RULES: &str = include_str!("../../config/rules.toml");
    const NONE: (&str, &str) = ("indicators.toml", "schema_version = 1\nindicator = []");

    fn forms() -> Forms {
        Forms::load(FORMS, ("rules.toml", RULES), NONE).expect("the default rules load")
    }

    /// The message of loading the rules with one text replaced.
    fn broken(from: &str, to: &str) -> String {
        assert!(RULES.contains(from), "{from}");
        let text = RULES.replacen(from, to, 1);
        Forms::load(FORMS, ("rules.toml", &text), NONE).expect_err("broken rules are refused").to_string()
    }

    #[test]
    fn every_rule_covers_the_cells_that_the_catalogue_says() {
        let forms = forms();
        let hard = |id: &str| {
            let form = &forms.forms[forms.by_id(id).expect("form")];
            form.checks.iter().filter(|check| check.severity == Severity::Hard && check.equation.is_some()).count()
        };
        assert_eq!([hard("2021"), hard("2019"), hard("2014")], [7 + 7 + 25 + 3, 7 + 7 + 23 + 3, 0]);
        let form = &forms.forms[forms.by_id("2021").expect("form")];
        let terms = |code: &str, scope: &str| {
            let is_it = |check: &&RuleScope| forms.rules[check.rule].code == code && check.scope == scope;
            let check = form.checks.iter().chain(&form.links).find(is_it).expect("a check");
            check.formula.operands().count()
        };
        assert_eq!(terms("applications_outcomes", "total"), 22);
        assert_eq!(terms("norms_stock", "regulations"), 3);
        assert_eq!(terms("carry_over", "total"), 2);
    }

    #[test]
    fn every_number_of_the_literature_is_a_rule_or_has_a_note() {
        let forms = forms();
        let numbered = |part: &str, last: u32| (1..=last).map(|n| format!("{part}{n:02}")).collect::<Vec<_>>();
        let parts = [("S", 13), ("C", 10), ("T1-", 8), ("T2-", 10), ("T3-", 5), ("G14-", 9), ("N", 11), ("Y", 12)];
        let more = [("H", 4), ("P", 4), ("D", 4), ("V", 5), ("A", 7)];
        let known: BTreeSet<String> =
            parts.into_iter().chain(more).flat_map(|(part, last)| numbered(part, last)).collect();
        let of_rules = forms.rules.iter().flat_map(|rule| rule.id.split(", ").map(str::to_owned));
        let of_notes = forms.notes.iter().flat_map(|note| note.ids.iter().cloned());
        let told: BTreeSet<String> = of_rules.chain(of_notes).collect();
        assert_eq!(told.symmetric_difference(&known).collect::<Vec<_>>(), Vec::<&String>::new());
    }

    #[test]
    fn a_rule_has_the_keys_that_its_function_reads() {
        let check = |from: &str, to: &str, expected: &str| assert_eq!(broken(from, to), expected);
        check(
            "indicator = \"clearance_rate\"\n",
            "",
            "rule narrative_clearance: indicator names what a percentage is of, and stands there for no other rule",
        );
        check(
            "function = \"section_order\"",
            "function = \"section_order\"\npatterns = [\"a\"]",
            "rule section_order: it looks for no patterns",
        );
        check(
            "function = \"section_order\"",
            "function = \"template_marks\"",
            "rule section_order: patterns must say what it looks for",
        );
        check(
            "  \"applications.carried_in.total\",\n",
            "  \"applications.carried.total\",\n",
            "rule area_covers_bodies: for form 2021 it names the row \"carried\", which does not exist",
        );
        check(
            "function = \"section_order\"",
            "function = \"section_order\"\ncells = [\"a.b.c\"]",
            "rule section_order: cells names what a function adds up, and stands there for no other rule",
        );
        let broken = broken("'file:///|#(?:", "'file:///|#((?:");
        assert!(broken.starts_with("rule template_marks: the pattern \"file:///|#((?:"), "{broken}");
    }

    #[test]
    fn a_wrong_rule_is_named_with_what_is_wrong() {
        let check = |from: &str, to: &str, expected: &str| assert_eq!(broken(from, to), expected);
        check(
            "new_received + carried_in = outcome_total",
            "new_recieved + carried_in = outcome_total",
            "rule applications_flow: its example names \"new_received\", which its formula does not",
        );
        check(
            "formula = \"sum(outcomes) = outcome_total\"\nexample = { \"sum(outcomes)\" = 4",
            "formula = \"sum(outcome) = outcome_total\"\nexample = { \"sum(outcome)\" = 4",
            "rule applications_outcomes: for form 2021 it names the row \"outcome\", which does not exist",
        );
        check(
            "formula = \"sum(outcomes) = outcome_total\"\nexample = { \"sum(outcomes)\" = 4",
            "formula = \"outcomes = outcome_total\"\nexample = { outcomes = 4",
            "rule applications_outcomes: for form 2021 it names the heading \"outcomes\", which has no numbers: sum() it",
        );
        check("carried_forward = 0 }", "carried_forward = 1 }", "rule applications_flow: its example does not fail");
        check(
            "example = { upheld = 8",
            "example = { up = 8",
            "rule reviews_total: its example names \"up\", which its formula does not",
        );
        check(
            "severity = \"hard\"",
            "severity = \"harsh\"",
            "rule applications_flow: severity names \"harsh\", which does not exist",
        );
        check(
            "cause = \"no_tables\"",
            "cause = \"none\"",
            "rule tables_found: cause names \"none\", which does not exist",
        );
        check(
            "only = [\"total\"]",
            "only = [\"totals\"]",
            "rule applications_other_share: for form 2021 it names the scope \"totals\", which does not exist",
        );
        check(
            "code = \"applications_outcomes\"",
            "code = \"applications_flow\"",
            "rule applications_flow: its code is used twice",
        );
    }

    #[test]
    fn a_rule_that_could_check_nothing_is_refused() {
        let check = |from: &str, to: &str, expected: &str| assert_eq!(broken(from, to), expected);
        check(
            "formula = \"if projects = 0 then amount = 0\"",
            "formula = \"if projects = 0 then amount <= projects\"",
            "rule procurement_amount: it compares an amount with a count or a number: amounts compare with amounts and 0",
        );
        check(
            "table = \"applications\"\nfunction = \"bounds\"",
            "table = \"requests\"\nfunction = \"bounds\"",
            "rule applications_bounds: it names the table \"requests\", which does not exist",
        );
        check(
            "table = \"applications\"\nfunction = \"bounds\"",
            "function = \"bounds\"",
            "rule applications_bounds: table must name the table it is of",
        );
    }

    #[test]
    fn a_total_is_where_a_rule_ends() {
        let forms = forms();
        let form = &forms.forms[forms.by_id("2021").expect("form")];
        let check = form.checks.iter().find(|check| forms.rules[check.rule].code == "reviews_total").expect("check");
        let total = check.total().expect("a total");
        assert_eq!(form.tables[total.table].columns[total.column].result.as_deref(), Some("total"));
    }
}
