//! Every rule worked out anew from the cells, and held against `checks`.
//!
//! A side of a rule is a range: from the least to the most that it can be. A blank count is zero or more, a blank change
//! may be anything, and so may a cell that could not be read.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::{Ask, Cells, Holds, Plan, Scope};
use super::facts::{CellRow, CheckRow, ReportRow, SectionRow, StatementRow, difference};
use crate::form::Function;
use crate::form::formula::{Condition, Formula, Relation, Term};
use crate::model::verdict::Severity;

/// What is known of an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It is this; amounts in millionths.
    Number(i128),
    /// Nothing is printed: zero or more.
    Blank,
    /// Nothing is printed, and it may be less than zero.
    BlankChange,
    /// It could not be read.
    Unread,
}

/// What is known of a cell.
pub(super) fn known(cell: &CellRow<'_>, holds: Holds, with_implied: bool) -> Known {
    let number = if with_implied { cell.counted() } else { cell.filed() };
    let number = match holds {
        Holds::Amount => number.map(|amount| (amount * 1e6).round()),
        Holds::Count | Holds::Change => number,
    };
    match (number.and_then(whole), cell.state, holds) {
        (Some(number), _, _) => Known::Number(number),
        (None, "blank" | "dash", Holds::Change) => Known::BlankChange,
        (None, "blank" | "dash", _) => Known::Blank,
        _ => Known::Unread,
    }
}

/// A number that is whole and that a float holds exactly.
#[expect(clippy::cast_possible_truncation, reason = "the number is whole and below 2^53")]
fn whole(number: f64) -> Option<i128> {
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i128)
}

/// One side of a comparison.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side {
    /// The least that it can be; `None` where there is no least.
    low: Option<i128>,
    /// The most.
    high: Option<i128>,
    /// What of it is known.
    pub(super) sum: i128,
    n_known: usize,
    pub(super) n_blank: usize,
    pub(super) is_unread: bool,
    is_zero: bool,
}

impl Side {
    pub(super) fn of<T>(terms: &[Term<T>], known: &impl Fn(&T) -> Known) -> Self {
        let mut side =
            Self { low: Some(0), high: Some(0), sum: 0, n_known: 0, n_blank: 0, is_unread: false, is_zero: true };
        for term in terms {
            let factor = i128::from(term.factor);
            match term.of.as_ref().map_or(Known::Number(1), known) {
                Known::Number(number) => {
                    let part = factor * number;
                    side.sum += part;
                    side.low = side.low.map(|low| low + part);
                    side.high = side.high.map(|high| high + part);
                    side.n_known += 1;
                    side.is_zero &= part == 0;
                }
                Known::Blank => {
                    side.n_blank += 1;
                    side.high = side.high.filter(|_| factor <= 0);
                    side.low = side.low.filter(|_| factor >= 0);
                }
                Known::BlankChange => {
                    side.n_blank += 1;
                    (side.low, side.high) = (None, None);
                }
                Known::Unread => side.is_unread = true,
            }
        }
        side
    }

    #[expect(clippy::cast_precision_loss, reason = "the published column is a float")]
    pub(super) fn published(self, per_unit: f64) -> Option<f64> {
        (self.n_known > 0).then_some(self.sum as f64 / per_unit)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Truth {
    Yes,
    No,
    Open,
}

/// Whether one side is at most the other, or less.
fn is_at_most(one: Side, other: Side, is_less: bool) -> Truth {
    let holds = |one: i128, other: i128| if is_less { one < other } else { one <= other };
    let surely = one.high.zip(other.low).is_some_and(|(most, least)| holds(most, least));
    let maybe = one.low.zip(other.high).is_none_or(|(least, most)| holds(least, most));
    match (surely, maybe) {
        (true, _) => Truth::Yes,
        (false, true) => Truth::Open,
        (false, false) => Truth::No,
    }
}

fn compare(left: Side, relation: Relation, right: Side) -> Truth {
    match relation {
        Relation::AtMost => is_at_most(left, right, false),
        Relation::AtLeast => is_at_most(right, left, false),
        Relation::Less => is_at_most(left, right, true),
        Relation::More => is_at_most(right, left, true),
        Relation::Equal => match (is_at_most(left, right, false), is_at_most(right, left, false)) {
            (Truth::No, _) | (_, Truth::No) => Truth::No,
            (Truth::Yes, Truth::Yes) => Truth::Yes,
            _ => Truth::Open,
        },
    }
}

/// What a side is counted in: millionths where it is of amounts.
pub(super) fn per_unit(terms: &[Term<Ask>]) -> f64 {
    let is_amount = |term: &Term<Ask>| matches!(term.of, Some(Ask::Cell(_, Holds::Amount)));
    if terms.iter().any(is_amount) { 1e6 } else { 1.0 }
}

/// What is known of a cell that is asked for, implied numbers among it; `None` where the report does not have it.
pub(super) fn known_of(ask: &Ask, cells: &Cells<'_>) -> Option<Known> {
    match ask {
        Ask::Cell(name, holds) => Some(known(cells.get(*name)?, *holds, true)),
        Ask::Statement(_) => None,
    }
}

/// What a row of `checks` or `links` should say.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outcome {
    pub(super) status: &'static str,
    pub(super) left: Option<f64>,
    pub(super) right: Option<f64>,
}

/// Works a rule out; `None` where it does not apply.
fn work_out(formula: &Formula<Ask>, known: &impl Fn(&Ask) -> Known) -> Option<Outcome> {
    let mut is_open = false;
    for condition in &formula.conditions {
        match truth(condition, known) {
            Truth::Yes => {}
            Truth::No => return None,
            Truth::Open => is_open = true,
        }
    }
    let mut outcome = match &formula.must {
        Condition::Printed(of) => {
            let status = match known(of) {
                Known::Number(_) => "pass",
                Known::Blank | Known::BlankChange => "fail",
                Known::Unread => "suspended",
            };
            Outcome { status, left: None, right: None }
        }
        Condition::Multiple(of, base) => {
            let status = match (truth(&formula.must, known), known(of)) {
                (_, Known::Unread) => "suspended",
                (Truth::Open, _) => "undecided",
                (Truth::No, _) => "fail",
                (Truth::Yes, Known::Number(0)) => "pass_vacuous",
                (Truth::Yes, _) => "pass",
            };
            let [left, right] = [Some(of), None].map(|of| Term { factor: if of.is_some() { 1 } else { *base }, of });
            let [left, right] = [left, right].map(|term| Side::of(&[term], &|of: &&Ask| known(of)).published(1.0));
            Outcome { status, left, right }
        }
        Condition::Compare(of) => {
            let (left, right) = (Side::of(&of.left, known), Side::of(&of.right, known));
            let status = match compare(left, of.relation, right) {
                _ if left.is_unread || right.is_unread => "suspended",
                Truth::No => "fail",
                _ if left.n_blank + right.n_blank > 0 => "undecided",
                _ if left.is_zero && right.is_zero => "pass_vacuous",
                _ => "pass",
            };
            let per_unit = per_unit(&of.left).max(per_unit(&of.right));
            Outcome { status, left: left.published(per_unit), right: right.published(per_unit) }
        }
    };
    if is_open && outcome.status != "suspended" {
        outcome.status = "undecided";
    }
    Some(outcome)
}

fn truth(condition: &Condition<Ask>, known: &impl Fn(&Ask) -> Known) -> Truth {
    match condition {
        Condition::Printed(of) => match known(of) {
            Known::Number(_) => Truth::Yes,
            Known::Blank | Known::BlankChange => Truth::No,
            Known::Unread => Truth::Open,
        },
        Condition::Multiple(of, base) => match known(of) {
            Known::Number(number) if number % i128::from(*base) == 0 => Truth::Yes,
            Known::Number(_) => Truth::No,
            Known::Blank | Known::BlankChange | Known::Unread => Truth::Open,
        },
        Condition::Compare(of) => {
            let (left, right) = (Side::of(&of.left, known), Side::of(&of.right, known));
            if left.is_unread || right.is_unread { Truth::Open } else { compare(left, of.relation, right) }
        }
    }
}

/// What rules are worked out from.
pub(super) struct Case<'a, 'r> {
    pub(super) report: &'a ReportRow<'r>,
    pub(super) cells: &'a Cells<'r>,
    pub(super) sections: &'a [SectionRow<'r>],
    pub(super) statements: &'a [StatementRow<'r>],
    pub(super) checks: &'a [CheckRow<'r>],
}

impl Case<'_, '_> {
    fn known(&self, ask: &Ask, with_implied: bool) -> Known {
        match ask {
            Ask::Cell(name, holds) => {
                self.cells.get(*name).map_or(Known::Unread, |cell| known(cell, *holds, with_implied))
            }
            // What is stated first counts.
            Ask::Statement(kind) => {
                let first = self.statements.iter().find(|of| of.kind == kind && !of.is_approximate);
                first.map_or(Known::Blank, |of| whole(of.value).map_or(Known::Unread, Known::Number))
            }
        }
    }

    /// The rules that apply, each with what comes out of it.
    fn outcomes<'p, 'c>(&self, plan: &'p Plan<'c>) -> Vec<(&'p Scope<'c>, Outcome)> {
        let mut applied = vec![false; plan.scopes.len()];
        let mut outcomes = Vec::new();
        for (at, scope) in plan.scopes.iter().enumerate() {
            if !scope.is_of_form(self.report) || !self.cells.has_all(&scope.formula) {
                continue;
            }
            applied[at] = true;
            if scope.twin.is_some_and(|twin| applied[twin]) {
                continue;
            }
            let known = |ask: &Ask| self.known(ask, !scope.sees_filed_alone);
            outcomes.extend(work_out(&scope.formula, &known).map(|outcome| (scope, outcome)));
        }
        outcomes
    }

    /// Says where `checks` and the cells tell of different outcomes.
    pub(super) fn check(&self, plan: &Plan<'_>) -> Vec<String> {
        let mut wrong = Vec::new();
        for row in self.checks {
            if plan.severity(row.rule) != Some(row.severity) {
                wrong.push(format!("the check {} has the severity {}", place(row.rule, row.scope), row.severity));
            }
            if difference(row.left, row.right) != row.delta {
                let what = "has a delta that is not left minus right";
                wrong.push(format!("the check {} {what}", place(row.rule, row.scope)));
            }
        }
        let mut outcomes = self.outcomes(plan);
        let bounds = self.bounds(plan, &outcomes, &mut wrong);
        self.suspend(&mut outcomes, &bounds);
        let formulas = outcomes.iter().map(|(scope, outcome)| (scope.code, scope.scope, outcome.clone()));
        let functions = super::functions::outcomes(self, plan);
        let functions = functions.iter().map(|(rule, scope, of)| (*rule, scope.as_ref(), of.clone()));
        let expected = formulas.chain(functions).collect();
        self.hold_against(expected, plan, &bounds, &mut wrong);
        self.implied(plan, &outcomes, &bounds, &mut wrong);
        wrong
    }

    /// What the numbers that fail leave known to be bad: rules on them are suspended.
    fn suspend(&self, outcomes: &mut [(&Scope<'_>, Outcome)], bounds: &Bounds) {
        let mut bad: BTreeSet<usize> = bounds.surely_bad.clone();
        for (scope, _) in outcomes.iter().filter(|(scope, of)| scope.sees_filed_alone && of.status == "fail") {
            bad.extend(scope.formula.operands().filter_map(Ask::name));
        }
        for (scope, outcome) in outcomes.iter_mut().filter(|(scope, _)| !scope.sees_filed_alone) {
            if scope.formula.operands().filter_map(Ask::name).any(|name| bad.contains(&name)) {
                outcome.status = "suspended";
            }
        }
    }

    /// Rows and outcomes are matched by rule and scope, of several in their order.
    fn hold_against(
        &self,
        expected: Vec<(&str, &str, Outcome)>,
        plan: &Plan<'_>,
        bounds: &Bounds,
        wrong: &mut Vec<String>,
    ) {
        type Pair<'p> = (Vec<Outcome>, Vec<&'p CheckRow<'p>>);
        let mut pairs: BTreeMap<(&str, &str), Pair<'_>> = BTreeMap::new();
        for (rule, scope, outcome) in expected {
            pairs.entry((rule, scope)).or_default().0.push(outcome);
        }
        let is_bounds = |rule: &str| bounds.rules.iter().any(|of| plan.config.forms.rules[*of].code == rule);
        for row in self.checks.iter().filter(|row| !is_bounds(row.rule)) {
            pairs.entry((row.rule, row.scope)).or_default().1.push(row);
        }
        for ((rule, scope), (outcomes, rows)) in pairs {
            let place = place(rule, scope);
            if outcomes.len() > rows.len() {
                wrong
                    .push(format!("checks has no row for {place}, which comes out as {}", outcomes[rows.len()].status));
            }
            if rows.len() > outcomes.len() {
                wrong.push(format!("checks has a row for {place}, which does not apply"));
            }
            for (outcome, row) in outcomes.iter().zip(rows) {
                let is_bad = row.status == "suspended" && bounds.may_suspend(rule, scope, plan);
                if row.status != outcome.status && !is_bad {
                    wrong.push(format!("checks says {} for {place}, and its cells {}", row.status, outcome.status));
                } else if [row.left, row.right] != [outcome.left, outcome.right] {
                    let show = |number: Option<f64>| number.map_or("nothing".to_owned(), |number| number.to_string());
                    let [left, right, own_left, own_right] =
                        [row.left, row.right, outcome.left, outcome.right].map(show);
                    wrong.push(format!(
                        "checks says {left} against {right} for {place}, and its cells {own_left} against {own_right}"
                    ));
                }
            }
        }
    }

    /// Rows that say that no numbers for the blanks fit: each must name an equation with blanks, and say its sides.
    fn bounds(&self, plan: &Plan<'_>, outcomes: &[(&Scope<'_>, Outcome)], wrong: &mut Vec<String>) -> Bounds {
        let mut bounds = Bounds::default();
        let is_bounds = crate::form::Means::Function(Function::Bounds);
        let rules = plan.config.forms.rules.iter().enumerate().filter(|(_, rule)| rule.means == is_bounds);
        for (at, rule) in rules {
            bounds.rules.push(at);
            let table = rule.table.as_deref().unwrap_or_default();
            for row in self.checks.iter().filter(|row| row.rule == rule.code) {
                bounds.tables.insert(table.to_owned());
                let fits = |(scope, of): &&(&Scope<'_>, Outcome)| {
                    scope.table.code == table
                        && scope.scope == row.scope
                        && scope.sees_filed_alone
                        && of.status == "undecided"
                        && [of.left, of.right] == [row.left, row.right]
                };
                let fitting: Vec<_> = outcomes.iter().filter(fits).collect();
                let fails = |(scope, of): &(&Scope<'_>, Outcome)| scope.table.code == table && is_broken(scope, of);
                if fitting.is_empty() || row.status != "fail" || outcomes.iter().any(fails) {
                    wrong.push(format!(
                        "checks says {} for {}, and no equation with blanks is there that it can be of",
                        row.status,
                        place(row.rule, row.scope)
                    ));
                }
                let names = |(scope, _): &&(&Scope<'_>, Outcome)| -> BTreeSet<usize> {
                    scope.formula.operands().filter_map(Ask::name).collect()
                };
                for scope in &fitting {
                    bounds.maybe_bad.extend(names(scope));
                }
                if let [one] = fitting.as_slice() {
                    bounds.surely_bad.extend(names(one));
                }
            }
        }
        bounds
    }

    /// Implied numbers satisfy the rule they follow from, and none is missing.
    fn implied(&self, plan: &Plan<'_>, outcomes: &[(&Scope<'_>, Outcome)], bounds: &Bounds, wrong: &mut Vec<String>) {
        let broken: BTreeSet<&str> = outcomes
            .iter()
            .filter(|(scope, of)| is_broken(scope, of))
            .map(|(scope, _)| scope.table.code.as_str())
            .chain(bounds.tables.iter().map(String::as_str))
            .collect();
        let equations: Vec<_> = outcomes
            .iter()
            .filter_map(|(scope, _)| Some((*scope, equation(scope)?)))
            .filter(|(scope, _)| !broken.contains(scope.table.code.as_str()))
            .collect();
        for cell in self.cells.rows.iter().filter(|cell| cell.implied.is_some()) {
            let name = cell.row.zip(cell.column).and_then(|(row, column)| plan.name([cell.table, row, column]));
            let follows = |(scope, terms): &(&Scope<'_>, Vec<Term<Ask>>)| {
                let side = Side::of(terms, &|ask: &Ask| self.known(ask, true));
                Some(scope.code) == cell.implied_by
                    && terms.iter().any(|term| term.of.as_ref().and_then(Ask::name) == name)
                    && (side.sum, side.n_blank, side.is_unread) == (0, 0, false)
            };
            if !equations.iter().any(follows) {
                let rule = cell.implied_by.unwrap_or("no rule");
                wrong.push(format!("the implied number of {} does not follow from {rule}", cell.name()));
            }
        }
        for (scope, terms) in &equations {
            let side = Side::of(terms, &|ask: &Ask| self.known(ask, true));
            let blank = |term: &&Term<Ask>| term.of.as_ref().is_some_and(|ask| self.known(ask, true) == Known::Blank);
            let blanks: Vec<i64> = terms.iter().filter(blank).map(|term| term.factor).collect();
            let Some(sign) = blanks.first() else { continue };
            if side.is_unread || blanks.len() < side.n_blank || blanks.iter().any(|other| other != sign) {
                continue;
            }
            let rest = -side.sum * i128::from(*sign);
            if rest == 0 || (rest > 0 && blanks.len() == 1) {
                let place = place(scope.code, scope.scope);
                wrong.push(format!("{place} leaves one number for its blanks, and cells does not imply it"));
            }
            if rest < 0 {
                wrong.push(format!("{} leaves no number for its blanks", place(scope.code, scope.scope)));
            }
        }
    }
}

/// Rules that say of a table as a whole that its blanks cannot be filled.
#[derive(Default)]
struct Bounds {
    rules: Vec<usize>,
    /// The tables that are said to be so.
    tables: BTreeSet<String>,
    surely_bad: BTreeSet<usize>,
    maybe_bad: BTreeSet<usize>,
}

impl Bounds {
    /// Whether a rule may be suspended for them: which equation they mean cannot always be told.
    fn may_suspend(&self, rule: &str, scope: &str, plan: &Plan<'_>) -> bool {
        let is_it = |of: &&Scope<'_>| of.code == rule && of.scope == scope && !of.sees_filed_alone;
        let mut names = plan.scopes.iter().filter(is_it).flat_map(|of| of.formula.operands().filter_map(Ask::name));
        names.any(|name| self.maybe_bad.contains(&name))
    }
}

fn is_broken(scope: &Scope<'_>, outcome: &Outcome) -> bool {
    scope.sees_filed_alone && outcome.status == "fail"
}

fn place(rule: &str, scope: &str) -> String {
    format!("{rule} at {scope}")
}

/// A rule that holds reports back as a plain sum that is zero, where it is one.
fn equation(scope: &Scope<'_>) -> Option<Vec<Term<Ask>>> {
    let Condition::Compare(of) = &scope.formula.must else { return None };
    let is_plain = scope.severity == Severity::Hard && scope.sees_filed_alone && scope.formula.conditions.is_empty();
    let is_one = |term: &Term<Ask>| term.factor == 1 && term.of.is_some();
    if !is_plain || of.relation != Relation::Equal || !of.left.iter().chain(&of.right).all(is_one) {
        return None;
    }
    let right = of.right.iter().map(|term| Term { factor: -1, of: term.of.clone() });
    Some(of.left.iter().cloned().chain(right).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of a formula whose names are places in a list of operands.
    fn outcome(text: &str, operands: &[Known]) -> Option<&'static str> {
        let names = ["a", "b", "c", "d"];
        let formula = Formula::parse(text).expect("a formula");
        let ask = |name: &crate::form::formula::Name| -> Result<Vec<Ask>, ()> {
            let at = names.iter().position(|of| *of == name.path).ok_or(())?;
            Ok(vec![Ask::Cell(at, Holds::Count)])
        };
        let formula = formula.resolve(ask).expect("known names");
        work_out(&formula, &|ask: &Ask| operands[ask.name().expect("a cell")]).map(|outcome| outcome.status)
    }

    #[test]
    fn a_rule_comes_out_as_the_contract_says() {
        use Known::{Blank, BlankChange, Number, Unread};
        let check = |text: &str, operands: &[Known], expected| assert_eq!(outcome(text, operands), expected, "{text}");
        check("a + b = c", &[Number(1), Number(2), Number(3)], Some("pass"));
        check("a + b = c", &[Number(0), Number(0), Number(0)], Some("pass_vacuous"));
        check("a + b = c", &[Number(1), Number(2), Number(4)], Some("fail"));
        check("a + b = c", &[Number(1), Blank, Number(4)], Some("undecided"));
        check("a + b = c", &[Number(5), Blank, Number(4)], Some("fail"));
        check("a + b = c", &[Number(5), BlankChange, Number(4)], Some("undecided"));
        check("a + b = c", &[Number(5), Unread, Number(4)], Some("suspended"));
        check("a - b <= c", &[Number(5), Blank, Number(4)], Some("undecided"));
        check("a <= b", &[Blank, Number(4)], Some("undecided"));
        check("if a > 20 then 2*b <= a", &[Number(20), Number(15)], None);
        check("if a > 20 then 2*b <= a", &[Number(21), Number(15)], Some("fail"));
        check("if a > 20 then 2*b <= a", &[Blank, Number(15)], Some("undecided"));
        check("if a > 0 then printed(b)", &[Number(1), Blank], Some("fail"));
        check("if a > 0 then printed(b)", &[Number(1), Number(0)], Some("pass"));
        check("if printed(a) then multiple(a, 10)", &[Number(380)], Some("pass"));
        check("if printed(a) then multiple(a, 10)", &[Number(385)], Some("fail"));
        check("if printed(a) then multiple(a, 10)", &[Blank], None);
        check("multiple(a, 10)", &[Blank], Some("undecided"));
    }
}
