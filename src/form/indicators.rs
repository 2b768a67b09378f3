//! Indicators: ratios that a report determines, some with that of the year before, said in the language of rules.
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
    /// It asks for the report of the year before.
    pub is_of_two_years: bool,
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
    /// How far cells are from those of the year before, of what these come to: of each pair the cell and that of the year
    /// before.
    Gap(Vec<[Sum; 2]>),
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
        self.between(cells, checks, figures, None)
    }

    /// The same where the figures of the year before are known; without them what asks for two years is `None`.
    #[must_use]
    pub fn between(
        &self,
        cells: &[Cell],
        checks: &[Check],
        figures: &Figures<'_>,
        before: Option<&Figures<'_>>,
    ) -> Option<Ratio> {
        let is_mine = |form: u8| self.forms.contains(&usize::from(form));
        match &self.means {
            Means::Sums { numerator, denominator } => {
                let mut sums = numerator.iter().chain(denominator).filter_map(|term| term.of.as_ref());
                if sums.any(|sum| number(sum, figures, before).is_none()) {
                    return None;
                }
                let side = |terms: &[Term<Sum>]| {
                    Side::of(terms, &|sum: &Sum| number(sum, figures, before).unwrap_or(Number::Bad)).whole()
                };
                Some(Ratio { numerator: side(numerator), denominator: side(denominator) })
            }
            Means::Gap(pairs) => {
                let mut sides = [Some(0_i64), Some(0_i64)];
                for [now, then] in pairs {
                    let [now, then] = [number(now, figures, before)?, number(then, figures, before)?];
                    let gap = now.known().zip(then.known()).map(|(now, then)| now.abs_diff(then));
                    let gap = gap.and_then(|gap| i64::try_from(gap).ok());
                    sides[0] = sides[0].zip(gap).and_then(|(sum, gap)| sum.checked_add(gap));
                    sides[1] = sides[1].zip(then.known()).and_then(|(sum, then)| sum.checked_add(then));
                }
                Some(Ratio { numerator: sides[0], denominator: sides[1] })
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
fn number(sum: &Sum, figures: &Figures<'_>, before: Option<&Figures<'_>>) -> Option<Number> {
    let in_form = |(form, places): &(usize, Vec<Place>)| {
        let mut sum = 0_i64;
        let mut is_blank = false;
        for place in places {
            let figure = match place.is_last_year {
                false => figures.get(*form, *place),
                true => before?.counterpart(*form, *place),
            };
            match figure? {
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
    /// For a gap: the row, and the one of the year before that it is held against.
    #[serde(default)]
    rows: Option<[String; 2]>,
    /// The columns that it is held against it in.
    #[serde(default)]
    columns: Vec<String>,
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
    Gap,
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
            is_of_two_years: is_of_two_years(&means),
            means,
        });
    }
    Ok(indicators)
}

fn is_of_two_years(means: &Means) -> bool {
    let is_before = |sum: &Sum| sum.iter().flat_map(|(_, places)| places).any(|place| place.is_last_year);
    match means {
        Means::Sums { numerator, denominator } => {
            numerator.iter().chain(denominator).filter_map(|term| term.of.as_ref()).any(is_before)
        }
        Means::Gap(_) => true,
        Means::FilledCells(_) | Means::Consistency => false,
    }
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
        (None, None, Some(Function::Gap), Some(table)) => {
            let [now, then] = raw.rows.as_ref().ok_or("rows must name a row and that of the year before")?;
            let name = |row: &String, column: &String, is_last_year: bool| {
                sum(&Name { path: format!("{table}.{row}.{column}"), is_sum: false, is_last_year }, forms, own)
            };
            let pair = |column: &String| Ok([name(now, column, false)?, name(then, column, true)?]);
            let pairs = raw.columns.iter().map(pair).collect::<Result<Vec<_>, String>>()?;
            if pairs.is_empty() { Err("columns must name a column".to_owned()) } else { Ok(Means::Gap(pairs)) }
        }
        (None, None, Some(Function::Consistency), None) => Ok(Means::Consistency),
        _ => Err("it needs numerator and denominator, or a function and the table that this is of".to_owned()),
    }
}

/// The cells of a name in each of an indicator's forms.
fn sum(name: &Name, forms: &[Form], own: &[usize]) -> Result<Sum, String> {
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

    #[test]
    fn a_report_is_set_in_relation_to_the_year_before() {
        let forms = forms();
        let between = |code: &str, now: &[Cell], before: Option<&[Cell]>| {
            let indicator = forms.indicators.iter().find(|indicator| indicator.code == code).expect("indicator");
            assert!(indicator.is_of_two_years);
            let before = before.map(|cells| Figures::of(&forms, cells));
            let ratio = indicator.between(now, &[], &Figures::of(&forms, now), before.as_ref())?;
            Some((ratio.numerator, ratio.denominator, ratio.value()))
        };
        let table = |form: &str, of: fn(&str, &str) -> Option<f64>| cells(&forms, form, "applications", of);
        let now = table("2021", |row, _| Some(if row == "new_received" { 6.0 } else { 2.0 }));
        // The forms of both years have these rows.
        let before = table("2019", |row, column| {
            let carried = if column == "natural_person" { 5.0 } else { 2.0 };
            Some(if row == "new_received" { 8.0 } else { carried })
        });
        assert_eq!(between("intake_growth", &now, Some(&before)), Some((Some(-2), Some(8), Some(-0.25))));
        assert_eq!(between("carry_gap", &now, Some(&before)), Some((Some(3), Some(15), Some(0.2))));
        // What has no partner has no row; a partner of nothing, or with a blank, leaves no ratio.
        assert_eq!(between("intake_growth", &now, None), None);
        assert_eq!(between("carry_gap", &now, None), None);
        let nothing = table("2021", |_, _| Some(0.0));
        assert_eq!(between("intake_growth", &now, Some(&nothing)), Some((Some(6), Some(0), None)));
        assert_eq!(between("carry_gap", &now, Some(&nothing)), Some((Some(12), Some(0), None)));
        let blank = table("2021", |row, column| {
            let is_blank = row == "carried_forward" && column == "other_org" || row == "new_received";
            (!is_blank).then_some(1.0)
        });
        assert_eq!(between("intake_growth", &now, Some(&blank)), Some((None, None, None)));
        assert_eq!(between("carry_gap", &now, Some(&blank)), Some((None, None, None)));
        let sheet = cells(&forms, "2014", "statistics", |_, _| Some(1.0));
        assert_eq!(between("intake_growth", &now, Some(&sheet)), None);
    }
}
