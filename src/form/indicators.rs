//! Indicators: ratios that one report determines, said in the language of rules.
//!
//! Each is defined in `config/indicators.toml` with an example of numbers and what comes out of them, which loading holds
//! it to. Names stand for cells in every form that the indicator is comparable for, because a report may mix forms.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::check::{Figures, Number};
use super::formula::{Name, Side, Term, parse_side};
use super::load::parse;
use super::rules::places;
use super::{Form, FormError, Place, ValueType};
use crate::model::report::{Cell, CellState};
use crate::model::verdict::{Check, CheckStatus};

/// A ratio that a report determines.
#[derive(Debug)]
pub struct Indicator {
    /// Code, as in `indicators.indicator`.
    pub code: String,
    /// What it says, in Chinese and English.
    pub titles: [String; 2],
    /// What it is good for, in English.
    pub why: String,
    /// What to mind, in English.
    pub note: Option<String>,
    /// Indices of the forms on which it means the same.
    pub forms: Vec<usize>,
    /// How it is computed.
    pub means: Means,
}

/// How an indicator is computed.
#[derive(Debug)]
pub enum Means {
    /// One sum of cells in relation to another.
    Sums {
        /// What is set in relation.
        numerator: Vec<Term<Sum>>,
        /// To what.
        denominator: Vec<Term<Sum>>,
    },
    /// Cells of the table with this code that hold a number, of all it has.
    FilledCells(String),
    /// Rules that hold, of those that hold or fail.
    Consistency,
}

/// The cells that a name stands for, in each form.
pub type Sum = Vec<(usize, Vec<Place>)>;

/// What an indicator is for a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// What is set in relation; `None` where a cell of it is blank.
    pub numerator: Option<i64>,
    /// To what.
    pub denominator: Option<i64>,
}

impl Ratio {
    /// The ratio; `None` where a side is, and where there is no base: it is zero, or figures that do not fit leave less.
    #[expect(clippy::cast_precision_loss, reason = "sums of numbers of 15 digits; the published column is float64")]
    #[must_use]
    pub fn value(self) -> Option<f64> {
        let base = self.denominator.filter(|base| *base > 0)?;
        Some(self.numerator? as f64 / base as f64)
    }
}

impl Indicator {
    /// What it is for a report with these cells, checks and figures; `None` where the report has no such cells.
    #[must_use]
    pub fn of(&self, cells: &[Cell], checks: &[Check], figures: &Figures<'_>) -> Option<Ratio> {
        let is_mine = |form: u8| self.forms.contains(&usize::from(form));
        match &self.means {
            Means::Sums { numerator, denominator } => {
                let mut sums = numerator.iter().chain(denominator).filter_map(|term| term.of.as_ref());
                if sums.any(|sum| number(sum, figures).is_none()) {
                    return None;
                }
                let side = |terms: &[Term<Sum>]| {
                    Side::of(terms, &|sum: &Sum| number(sum, figures).unwrap_or(Number::Bad)).whole()
                };
                Some(Ratio { numerator: side(numerator), denominator: side(denominator) })
            }
            Means::FilledCells(code) => {
                let cells = cells.iter().filter(|cell| is_mine(cell.key.form));
                let states = cells.filter(|cell| figures.table(cell.key) == code).map(|cell| cell.state);
                let is_filled = |state: CellState| matches!(state, CellState::Number | CellState::Zero);
                let (n_filled, n) =
                    states.fold((0, 0), |(n_filled, n), state| (n_filled + count(is_filled(state)), n + 1));
                (n > 0).then_some(Ratio { numerator: Some(n_filled), denominator: Some(n) })
            }
            Means::Consistency => {
                let n_of = |status: CheckStatus| checks.iter().map(|check| count(check.status == status)).sum();
                let (n_passed, n_failed): (i64, i64) = (n_of(CheckStatus::Pass), n_of(CheckStatus::Fail));
                let is_on_a_form = cells.iter().any(|cell| is_mine(cell.key.form));
                is_on_a_form.then_some(Ratio { numerator: Some(n_passed), denominator: Some(n_passed + n_failed) })
            }
        }
    }
}

fn count(is_it: bool) -> i64 {
    i64::from(is_it)
}

/// The sum of the cells of a name in the form in which the report has all of them.
fn number(sum: &Sum, figures: &Figures<'_>) -> Option<Number> {
    let in_form = |(form, places): &(usize, Vec<Place>)| {
        let mut sum = 0_i64;
        let mut is_blank = false;
        for place in places {
            match figures.get(*form, *place)? {
                Number::Known(value) => match sum.checked_add(value) {
                    Some(more) => sum = more,
                    None => return Some(Number::Bad),
                },
                Number::Blank | Number::BlankChange => is_blank = true,
                Number::Bad => return Some(Number::Bad),
            }
        }
        Some(if is_blank { Number::Blank } else { Number::Known(sum) })
    };
    sum.iter().find_map(in_form)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIndicators {
    schema_version: u32,
    indicator: Vec<RawIndicator>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIndicator {
    code: String,
    forms: Vec<String>,
    #[serde(default)]
    numerator: Option<String>,
    #[serde(default)]
    denominator: Option<String>,
    /// Numbers for the names of both.
    #[serde(default)]
    example: BTreeMap<String, i64>,
    /// What comes out of them.
    #[serde(default)]
    value: Option<f64>,
    #[serde(default)]
    function: Option<Function>,
    /// The table that a function is of.
    #[serde(default)]
    table: Option<String>,
    title_zh: String,
    title_en: String,
    why: String,
    #[serde(default)]
    note: Option<String>,
}

/// Indicators that are no sums of cells.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Function {
    FilledCells,
    Consistency,
}

/// Reads the definitions and finds their cells in the forms.
pub(super) fn load(file: &str, text: &str, forms: &[Form]) -> Result<Vec<Indicator>, FormError> {
    let raw = parse(file, text, |raw: &RawIndicators| raw.schema_version)?;
    let mut indicators: Vec<Indicator> = Vec::new();
    for raw in raw.indicator {
        let error = |what: String| FormError::Indicator { indicator: raw.code.clone(), what };
        if indicators.iter().any(|other| other.code == raw.code) {
            return Err(error("its code is used twice".to_owned()));
        }
        let form = |id: &String| {
            let found = forms.iter().position(|form| form.id == *id);
            found.ok_or_else(|| error(format!("forms names {id:?}, which does not exist")))
        };
        let own = raw.forms.iter().map(form).collect::<Result<Vec<_>, _>>()?;
        if own.is_empty() {
            return Err(error("forms must name a form".to_owned()));
        }
        let means = means(&raw, forms, &own).map_err(error)?;
        indicators.push(Indicator {
            code: raw.code,
            titles: [raw.title_zh, raw.title_en],
            why: raw.why,
            note: raw.note,
            forms: own,
            means,
        });
    }
    Ok(indicators)
}

fn means(raw: &RawIndicator, forms: &[Form], own: &[usize]) -> Result<Means, String> {
    match (&raw.numerator, &raw.denominator, raw.function, &raw.table) {
        (Some(numerator), Some(denominator), None, None) => {
            let side = |key: &str, text: &str| parse_side(text).map_err(|what| format!("in its {key} {what}"));
            let (numerator, denominator) = (side("numerator", numerator)?, side("denominator", denominator)?);
            check_example(raw, &numerator, &denominator)?;
            let resolve = |terms: &[Term<Name>]| -> Result<Vec<Term<Sum>>, String> {
                let term = |term: &Term<Name>| {
                    let of = term.of.as_ref().map(|name| sum(name, forms, own)).transpose()?;
                    Ok(Term { factor: term.factor, of })
                };
                terms.iter().map(term).collect()
            };
            Ok(Means::Sums { numerator: resolve(&numerator)?, denominator: resolve(&denominator)? })
        }
        (None, None, Some(Function::FilledCells), Some(table)) => {
            match own.iter().find(|form| forms[**form].table(table).is_none()) {
                Some(form) => Err(format!("form {} has no table {table:?}", forms[*form].id)),
                None => Ok(Means::FilledCells(table.clone())),
            }
        }
        (None, None, Some(Function::Consistency), None) => Ok(Means::Consistency),
        _ => Err("it needs numerator and denominator, or a function and the table that this is of".to_owned()),
    }
}

/// The cells of a name in each of an indicator's forms.
fn sum(name: &Name, forms: &[Form], own: &[usize]) -> Result<Sum, String> {
    if name.is_last_year {
        return Err(format!("{name} stands in another report"));
    }
    let in_form = |form: &usize| {
        let of = &forms[*form];
        let places = places(of, name).map_err(|what| format!("for form {} {what}", of.id))?;
        let is_amount = |place: &Place| {
            let value_type = of.tables[place.table].columns[place.column].value_type;
            matches!(value_type, ValueType::Decimal | ValueType::Money | ValueType::Number)
        };
        if places.iter().any(is_amount) {
            return Err(format!("{name} may be an amount, and only counts add up"));
        }
        Ok((*form, places))
    };
    own.iter().map(in_form).collect()
}

/// The example gives every name a number, and the value comes out.
fn check_example(raw: &RawIndicator, numerator: &[Term<Name>], denominator: &[Term<Name>]) -> Result<(), String> {
    let names: BTreeSet<String> =
        numerator.iter().chain(denominator).filter_map(|term| term.of.as_ref()).map(Name::to_string).collect();
    if let Some(other) = raw.example.keys().find(|name| !names.contains(*name)) {
        return Err(format!("its example names {other:?}, which it does not"));
    }
    if let Some(name) = names.iter().find(|name| !raw.example.contains_key(*name)) {
        return Err(format!("its example gives {name:?} no number"));
    }
    let number = |name: &Name| raw.example.get(&name.to_string()).map_or(Number::Bad, |value| Number::Known(*value));
    let side = |terms: &[Term<Name>]| Side::of(terms, &number).whole();
    let found = Ratio { numerator: side(numerator), denominator: side(denominator) }.value();
    match (found, raw.value) {
        (Some(found), Some(value)) if (found - value).abs() < 1e-9 => Ok(()),
        (Some(found), _) => Err(format!("its example gives {found}")),
        (None, _) => Err("its example gives no value".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Forms;
    use super::*;
    use crate::model::report::CellKey;

    const FORMS: [(&str, &str); 3] = [
        ("2014.toml", include_str!("../../config/forms/2014.toml")),
        ("2019.toml", include_str!("../../config/forms/2019.toml")),
        ("2021.toml", include_str!("../../config/forms/2021.toml")),
    ];
    const RULES: (&str, &str) = ("rules.toml", include_str!("../../config/rules.toml"));
    const INDICATORS: &str = include_str!("../../config/indicators.toml");

    fn forms() -> Forms {
        Forms::load(FORMS, RULES, ("indicators.toml", INDICATORS)).expect("the default indicators load")
    }

    /// The message of loading the indicators with one text replaced.
    fn broken(from: &str, to: &str) -> String {
        assert!(INDICATORS.contains(from), "{from}");
        let text = INDICATORS.replacen(from, to, 1);
        Forms::load(FORMS, RULES, ("indicators.toml", &text)).expect_err("broken indicators are refused").to_string()
    }

    /// All cells of a table of a form, each with the number that this gives for its row and column; `None` is a blank.
    fn cells(forms: &Forms, form: &str, table: &str, value: impl Fn(&str, &str) -> Option<f64>) -> Vec<Cell> {
        let form = forms.by_id(form).expect("form");
        let at = forms.forms[form].table(table).expect("table");
        let of = &forms.forms[form].tables[at];
        let number = |index: usize| u16::try_from(index).expect("few");
        let places = of.value_rows.iter().flat_map(|row| of.columns_of(*row).map(move |column| (*row, column)));
        let cell = |(row, column): (usize, usize)| {
            let (form, table) = (u8::try_from(form).expect("few"), u8::try_from(at).expect("few"));
            let key = CellKey { form, table, row: number(row), column: number(column) };
            let value = value(&of.rows[row].code, &of.columns[column].code);
            let state = if value.is_some() { CellState::Number } else { CellState::Blank };
            Cell { value, ..Cell::without_print(key, state) }
        };
        places.map(cell).collect()
    }

    fn ratio(forms: &Forms, code: &str, cells: &[Cell]) -> Option<(Option<i64>, Option<i64>, Option<f64>)> {
        let indicator = forms.indicators.iter().find(|indicator| indicator.code == code).expect("indicator");
        let ratio = indicator.of(cells, &[], &Figures::of(forms, cells))?;
        Some((ratio.numerator, ratio.denominator, ratio.value()))
    }

    #[test]
    fn a_blank_is_never_taken_for_zero() {
        let forms = forms();
        let table = |blank: &'static str| {
            cells(&forms, "2021", "applications", move |row, _| {
                (row != blank).then_some(if row == "granted" { 3.0 } else { 4.0 })
            })
        };
        assert_eq!(ratio(&forms, "disclosure_rate_strict", &table("")), Some((Some(3), Some(4), Some(0.75))));
        assert_eq!(ratio(&forms, "disclosure_rate_strict", &table("granted")), Some((None, Some(4), None)));
        assert_eq!(ratio(&forms, "disclosure_rate_strict", &table("outcome_total")), Some((Some(3), None, None)));
        let mut implied = table("granted");
        for cell in &mut implied {
            cell.implied = cell.value.is_none().then_some(crate::model::report::Implied { value: 2.0, rule: 0 });
        }
        assert_eq!(ratio(&forms, "disclosure_rate_strict", &implied), Some((Some(2), Some(4), Some(0.5))));
        // What a person put right counts.
        let mut corrected = table("");
        corrected.iter_mut().for_each(|cell| cell.corrected = Some(1.0));
        assert_eq!(ratio(&forms, "disclosure_rate_strict", &corrected), Some((Some(1), Some(1), Some(1.0))));
    }

    #[test]
    fn without_a_base_there_is_no_ratio() {
        let forms = forms();
        let zeros = cells(&forms, "2021", "applications", |_, _| Some(0.0));
        assert_eq!(ratio(&forms, "disclosure_rate_strict", &zeros), Some((Some(0), Some(0), None)));
        let odd = |_: &str, column: &str| Some(if column == "issued" { 5.0 } else { 1.0 });
        let odd = cells(&forms, "2021", "disclosures", odd);
        assert_eq!(ratio(&forms, "norm_cleanup", &odd), Some((Some(1), Some(-3), None)));
    }

    #[test]
    fn an_indicator_is_of_the_forms_that_it_compares_between() {
        let forms = forms();
        let ones = |form: &str, table: &str| cells(&forms, form, table, |_, _| Some(1.0));
        assert_eq!(ratio(&forms, "denial_rate", &ones("2019", "applications")), Some((Some(8), Some(10), Some(0.8))));
        assert_eq!(ratio(&forms, "residual_share", &ones("2019", "applications")), None);
        assert_eq!(ratio(&forms, "norm_churn", &ones("2019", "disclosures")), None);
        assert_eq!(ratio(&forms, "residual_share", &ones("2021", "applications")), Some((Some(1), Some(1), Some(1.0))));
        // One table of each form.
        let mixed = [ones("2019", "applications"), ones("2021", "reviews")].concat();
        assert_eq!(ratio(&forms, "suit_rate", &mixed), Some((Some(2), Some(1), Some(2.0))));
        let sheet = ones("2014", "statistics");
        let n = i64::try_from(sheet.len()).expect("few");
        assert_eq!(ratio(&forms, "suit_rate", &sheet), None);
        assert_eq!(ratio(&forms, "completeness_statistics", &sheet), Some((Some(n), Some(n), Some(1.0))));
        let half = cells(&forms, "2021", "reviews", |_, column| column.ends_with("_total").then_some(0.0));
        assert_eq!(ratio(&forms, "completeness_reviews", &half), Some((Some(3), Some(15), Some(0.2))));
    }

    #[test]
    fn a_wrong_indicator_is_named_with_what_is_wrong() {
        let check = |from: &str, to: &str, expected: &str| assert_eq!(broken(from, to), expected);
        let first = "indicator disclosure_rate_strict: ";
        check("value = 0.75", "value = 0.8", &format!("{first}its example gives 0.75"));
        check(
            "example = { \"applications.granted.total\" = 3, ",
            "example = { ",
            &format!("{first}its example gives \"applications.granted.total\" no number"),
        );
        let example = "numerator = \"applications.granted.total\"\ndenominator = \"applications.outcome_total.total\"\nexample = { \"applications.granted.total\"";
        let named = |name: &str| example.replace("applications.granted.total", name);
        check(
            example,
            &named("applications.grant.total"),
            &format!("{first}for form 2021 it names the row \"grant\", which does not exist"),
        );
        check(
            example,
            &named("applications.denied.total"),
            &format!("{first}for form 2021 it names the heading \"denied\", which has no numbers: sum() it"),
        );
        check(
            example,
            &named("disclosures.admin_fee.amount"),
            &format!("{first}disclosures.admin_fee.amount may be an amount, and only counts add up"),
        );
        check(
            example,
            &named("applications.granted"),
            &format!("{first}for form 2021 \"applications.granted\" is no table.row.column"),
        );
        check(
            "forms = [\"2021\", \"2019\"]",
            "forms = [\"2020\"]",
            &format!("{first}forms names \"2020\", which does not exist"),
        );
        check(
            "code = \"disclosure_rate_broad\"",
            "code = \"disclosure_rate_strict\"",
            &format!("{first}its code is used twice"),
        );
        check(
            "table = \"statistics\"",
            "table = \"reviews\"",
            "indicator completeness_statistics: form 2014 has no table \"reviews\"",
        );
    }
}
