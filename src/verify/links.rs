//! Links: their ends exist and fit the rule, and the sides fit the status.

use super::cells::{Ask, Cells, Plan};
use super::census::Census;
use super::facts::{CellRow, SectionRow, difference};
use super::rules::{Known, Side, known_of, per_unit};
use super::table::{Rows, float, floats, texts};
use super::{prose, ratios};
use crate::form::formula::{Condition, Formula, Relation, Term};
use crate::form::{Function, Means, Rule};

/// A row of `links`.
struct Link<'r> {
    rule: &'r str,
    scope: &'r str,
    other: &'r str,
    status: &'r str,
    left: Option<f64>,
    right: Option<f64>,
    delta: Option<f64>,
}

/// What is wrong with the links of a report.
pub(super) fn check(
    id: &str,
    rows: &Rows,
    cells: &Cells<'_>,
    sections: &[SectionRow<'_>],
    census: &Census,
    plan: &Plan<'_>,
) -> Vec<String> {
    let mut wrong = percentages(rows, cells, sections, census, plan);
    for batch in &rows.parts {
        let columns = texts(batch, ["rule", "scope", "other_report_id", "status"]);
        let numbers = floats(batch, ["left", "right", "delta"]);
        for at in 0..batch.num_rows() {
            let [rule, scope, other, status] = columns.map(|column| column.value(at));
            let [left, right, delta] = numbers.map(|column| float(column, at));
            let link = Link { rule, scope, other, status, left, right, delta };
            if let Some(what) = link.wrong(id, cells, census, plan) {
                wrong.push(format!("the link {rule} at {scope} to {other} {what}"));
            }
        }
    }
    wrong
}

/// Percentages of the narrative that speak of two years: each has its row, and no other is there.
fn percentages(
    rows: &Rows,
    cells: &Cells<'_>,
    sections: &[SectionRow<'_>],
    census: &Census,
    plan: &Plan<'_>,
) -> Vec<String> {
    let Some(before) = year_before(rows, plan).and_then(|id| census.requests(id)) else { return Vec::new() };
    let mut wrong = Vec::new();
    for (_, rule) in plan.config.forms.functions(Function::Percentage) {
        let indicator = plan.config.forms.indicators.iter().find(|of| Some(&of.code) == rule.indicator.as_ref());
        let Some(indicator) = indicator.filter(|indicator| indicator.is_of_two_years) else { continue };
        let ratio = ratios::value(indicator, cells, &[], Some(before), plan);
        let expected = ratio.map(|ratio| prose::held(rule, sections, ratio)).unwrap_or_default();
        let mut said = Vec::new();
        for batch in &rows.parts {
            let [rules, scopes, statuses] = texts(batch, ["rule", "scope", "status"]);
            let numbers = floats(batch, ["left", "right"]);
            let own = (0..batch.num_rows()).filter(|at| rules.value(*at) == rule.code);
            said.extend(own.map(|at| (scopes.value(at), statuses.value(at), numbers.map(|column| float(column, at)))));
        }
        let expected = expected.iter().map(|(scope, of)| (scope.as_ref(), of.status, [of.left, of.right]));
        if !expected.eq(said) {
            wrong.push(format!("links does not say of {} what the narrative and both reports give", rule.code));
        }
    }
    wrong
}

/// The report of the year before that a report is held against.
pub(super) fn year_before<'r>(rows: &'r Rows, plan: &Plan<'_>) -> Option<&'r str> {
    let is_of_years = |code: &str| {
        plan.config.forms.rules.iter().any(|rule| rule.code == code && matches!(rule.means, Means::Formula(_)))
    };
    rows.parts.iter().find_map(|batch| {
        let [rules, others] = texts(batch, ["rule", "other_report_id"]);
        let at = (0..batch.num_rows()).find(|at| is_of_years(rules.value(*at)))?;
        Some(others.value(at))
    })
}

impl Link<'_> {
    fn wrong(&self, id: &str, cells: &Cells<'_>, census: &Census, plan: &Plan<'_>) -> Option<&'static str> {
        let (Some(one), Some(other)) = (census.report(id), census.report(self.other)) else {
            return Some("leads to no report");
        };
        if id == self.other {
            return Some("leads back to its own report");
        }
        if difference(self.left, self.right) != self.delta {
            return Some("has a delta that is not left minus right");
        }
        // A rule that no catalogue has is told of among the codes.
        let rule = plan.config.forms.rules.iter().find(|rule| rule.code == self.rule)?;
        let is_one_body = one.body.is_some() && one.body == other.body;
        let years = one.year.zip(other.year).map(|(one, other)| one - other);
        match &rule.means {
            Means::Formula(text) => {
                let is_next = is_one_body && years == Some(1) && one.is_accepted && other.is_accepted;
                if !is_next {
                    return Some("does not lead to an accepted report of the same body on the year before");
                }
                if !self.is_of(cells, plan) {
                    return Some(
                        "has a side that the report's own cells do not give, or a scope that the rule has not",
                    );
                }
                (!self.fits(rule, text)).then_some("has a status that its sides do not bear out")
            }
            Means::Function(Function::Gap) => {
                let said = [self.left, self.right] == [one.year, other.year].map(|year| year.map(f64::from));
                let is_gap = is_one_body && years.is_some_and(|years| years > 1) && said && self.status == "fail";
                (!is_gap).then_some("does not tell of a gap in the years of one body")
            }
            // What it says was held against the narrative before.
            Means::Function(Function::Percentage) => {
                let is_next = is_one_body && years == Some(1) && one.is_accepted && other.is_accepted;
                (!is_next).then_some("does not lead to an accepted report of the same body on the year before")
            }
            Means::Function(Function::SameFigures) => {
                let is_same = is_one_body && years == Some(0);
                let is_copy = one.is_accepted && other.is_accepted && !is_same && self.status == "fail";
                let n = self.left.is_some_and(|n| n > 0.0);
                (!is_copy || !n || self.right.is_some())
                    .then_some("does not tell of the figures of another body or year")
            }
            Means::Function(of @ (Function::RepeatedText | Function::CopiedText)) => {
                let is_next = *of == Function::RepeatedText;
                let fits = if is_next { is_one_body && years == Some(1) } else { one.body != other.body };
                let is_known = one.body.is_some() && other.body.is_some() && one.is_accepted && other.is_accepted;
                let is_alike = self.left.zip(self.right).is_some_and(|(left, right)| (right..=1.0).contains(&left));
                (!fits || !is_known || !is_alike || self.status != "fail").then_some(
                    "does not tell of a text of the year before, or of another body, that is nearly the same",
                )
            }
            Means::Function(Function::Covers) => {
                let is_its = one.is_area && one.region.is_some() && one.region == other.region && years == Some(0);
                if !is_its || is_one_body || !one.is_accepted || !other.is_accepted {
                    return Some("does not lead from a government to a body of its division");
                }
                let own = plan.dotted(self.scope).and_then(|name| cells.get(name)).and_then(CellRow::counted);
                let fits = self.left.zip(self.right).is_some_and(|(left, right)| match self.status {
                    "pass" => left >= right && left > 0.0,
                    "pass_vacuous" => left == 0.0 && right == 0.0,
                    "fail" => left < right,
                    _ => false,
                });
                (!fits || own != self.left).then_some("has sides that do not fit its cell or its status")
            }
            _ => Some("is of a rule that holds no reports against each other"),
        }
    }

    /// Whether the rule has such a scope, and a side that is of this report alone is what its cells give.
    fn is_of(&self, cells: &Cells<'_>, plan: &Plan<'_>) -> bool {
        let known = |ask: &Ask| known_of(ask, cells).unwrap_or(Known::Unread);
        let is_met = |(side, said): (&Option<Vec<Term<Ask>>>, Option<f64>)| {
            let Some(terms) = side else { return true };
            let is_there = terms.iter().filter_map(|term| term.of.as_ref()).all(|ask| known_of(ask, cells).is_some());
            is_there && Side::of(terms, &known).published(per_unit(terms)) == said
        };
        let mut scopes = plan.links.iter().filter(|of| of.code == self.rule && of.scope == self.scope);
        scopes.any(|of| of.sides.iter().zip([self.left, self.right]).all(is_met))
    }

    /// Whether the known parts of the sides can come out so.
    fn fits(&self, rule: &Rule, text: &str) -> bool {
        let Ok(Formula { must: Condition::Compare(of), .. }) = Formula::parse(text) else { return true };
        let holds = |left: f64, right: f64| match of.relation {
            Relation::Equal => left == right,
            Relation::AtMost => left <= right,
            Relation::AtLeast => left >= right,
            Relation::Less => left < right,
            Relation::More => left > right,
        };
        let sides = self.left.zip(self.right);
        match self.status {
            "pass" => sides.is_some_and(|(left, right)| holds(left, right)),
            "pass_vacuous" => sides == Some((0.0, 0.0)),
            "fail" => sides.is_none_or(|(left, right)| !holds(left, right)),
            "undecided" | "suspended" => true,
            _ => rule.code.is_empty(),
        }
    }
}
