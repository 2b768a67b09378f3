//! The language of rules: sums of cells that are compared.
//!
//! ```text
//! rule      = [ "if" condition { "and" condition } "then" ] condition
//! condition = "printed(" name ")" | "multiple(" name "," number ")" | side relation side
//! relation  = "=" | "<=" | ">=" | "<" | ">"
//! side      = [ "-" ] term { ( "+" | "-" ) term }
//! term      = number | [ number "*" ] ( name | "sum(" name ")" )
//! name      = code { "." code } [ "[y-1]" ]
//! ```
//!
//! A name is a row, a column or a whole `table.row.column`, by what the rule runs over. `sum` is the sum of the rows under
//! a heading, of whole names in one column; `[y-1]` is the same body's report of the year before. A side alone says what
//! an indicator is the ratio of.

use std::fmt;

use super::check::Number;
use crate::model::verdict::CheckStatus;

/// A rule in the language, its operands names or places of cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula<T> {
    /// The rule applies where all of these hold.
    pub conditions: Vec<Condition<T>>,
    /// What must hold.
    pub must: Condition<T>,
}

/// What holds or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition<T> {
    /// Two sums compare so.
    Compare(Comparison<T>),
    /// A number is printed.
    Printed(T),
    /// A number is a multiple of another.
    Multiple(T, i64),
}

/// Two sums and how they compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison<T> {
    /// Left side.
    pub left: Vec<Term<T>>,
    /// How they compare.
    pub relation: Relation,
    /// Right side.
    pub right: Vec<Term<T>>,
}

/// A part of a sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term<T> {
    /// What it is multiplied by; the number itself where it has no operand.
    pub factor: i64,
    /// The operand.
    pub of: Option<T>,
}

/// How the sides of a comparison compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Left equals right.
    Equal,
    /// Left is at most right.
    AtMost,
    /// Left is at least right.
    AtLeast,
    /// Left is less than right.
    Less,
    /// Left is more than right.
    More,
}

/// An operand as written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// Codes, `.` between them.
    pub path: String,
    /// The sum of the rows under it is meant.
    pub is_sum: bool,
    /// It stands in the report of the year before.
    pub is_last_year: bool,
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = if self.is_last_year { "[y-1]" } else { "" };
        match self.is_sum {
            true => write!(formatter, "sum({}{year})", self.path),
            false => write!(formatter, "{}{year}", self.path),
        }
    }
}

impl Formula<Name> {
    /// Reads a formula as written.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { text, at: 0 };
        let mut conditions = Vec::new();
        if parser.word("if") {
            conditions.push(parser.condition()?);
            while parser.word("and") {
                conditions.push(parser.condition()?);
            }
            if !parser.word("then") {
                return Err(parser.expected("\"and\" or \"then\""));
            }
        }
        let must = parser.condition()?;
        parser.end()?;
        Ok(Self { conditions, must })
    }
}

/// Reads a side as written, with nothing that it is compared to.
///
/// # Errors
/// What is wrong with it, and where.
pub fn parse_side(text: &str) -> Result<Vec<Term<Name>>, String> {
    let mut parser = Parser { text, at: 0 };
    let side = parser.side()?;
    parser.end()?;
    Ok(side)
}

impl<T> Formula<T> {
    /// All conditions, that which must hold last.
    fn all(&self) -> impl Iterator<Item = &Condition<T>> {
        self.conditions.iter().chain([&self.must])
    }

    /// The operands, as often as they stand there.
    pub fn operands(&self) -> impl Iterator<Item = &T> {
        self.all().flat_map(|condition| {
            let (terms, printed) = match condition {
                Condition::Compare(of) => (Some(of.left.iter().chain(&of.right)), None),
                Condition::Printed(of) | Condition::Multiple(of, _) => (None, Some(of)),
            };
            terms.into_iter().flatten().filter_map(|term| term.of.as_ref()).chain(printed)
        })
    }

    /// The same with every operand replaced by those it stands for, a sum by several.
    ///
    /// # Errors
    /// The first that `resolve` gives.
    pub fn resolve<U, E>(&self, mut resolve: impl FnMut(&T) -> Result<Vec<U>, E>) -> Result<Formula<U>, E> {
        let mut condition = |condition: &Condition<T>| match condition {
            Condition::Compare(of) => {
                let mut side = |terms: &[Term<T>]| -> Result<Vec<Term<U>>, E> {
                    let mut all = Vec::new();
                    for term in terms {
                        match &term.of {
                            Some(of) => all
                                .extend(resolve(of)?.into_iter().map(|of| Term { factor: term.factor, of: Some(of) })),
                            None => all.push(Term { factor: term.factor, of: None }),
                        }
                    }
                    Ok(all)
                };
                Ok(Condition::Compare(Comparison {
                    left: side(&of.left)?,
                    relation: of.relation,
                    right: side(&of.right)?,
                }))
            }
            Condition::Printed(of) => {
                Ok(Condition::Printed(resolve(of)?.pop().expect("a printed operand is one cell")))
            }
            Condition::Multiple(of, base) => {
                Ok(Condition::Multiple(resolve(of)?.pop().expect("a multiple is one cell"), *base))
            }
        };
        let conditions = self.conditions.iter().map(&mut condition).collect::<Result<_, E>>()?;
        Ok(Formula { conditions, must: condition(&self.must)? })
    }

    /// Whether the rule holds for these numbers; `None` where its conditions say that it does not apply.
    pub fn decide(&self, number: impl Fn(&T) -> Number) -> Option<Decided> {
        let mut is_open = false;
        for condition in &self.conditions {
            match condition.truth(&number) {
                Truth::Yes => {}
                Truth::No => return None,
                Truth::Open => is_open = true,
            }
        }
        let mut decided = self.must.decide(&number);
        if is_open && decided.status != CheckStatus::Suspended {
            decided.status = CheckStatus::Undecided;
        }
        Some(decided)
    }
}

/// What came out of a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decided {
    /// Whether it holds.
    pub status: CheckStatus,
    /// Left side of what must hold.
    pub left: Side,
    /// Right side.
    pub right: Side,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Truth {
    Yes,
    No,
    Open,
}

impl<T> Condition<T> {
    fn truth(&self, number: &impl Fn(&T) -> Number) -> Truth {
        match self {
            Self::Compare(of) => {
                let (left, right) = (Side::of(&of.left, number), Side::of(&of.right, number));
                if left.is_bad || right.is_bad {
                    Truth::Open
                } else if !of.relation.may_hold(left, right) {
                    Truth::No
                } else if of.relation.surely_holds(left, right) {
                    Truth::Yes
                } else {
                    Truth::Open
                }
            }
            Self::Printed(of) => match number(of) {
                Number::Known(_) => Truth::Yes,
                Number::Blank | Number::BlankChange => Truth::No,
                Number::Bad => Truth::Open,
            },
            Self::Multiple(of, base) => match number(of) {
                Number::Known(value) if value % base == 0 => Truth::Yes,
                Number::Known(_) => Truth::No,
                Number::Blank | Number::BlankChange | Number::Bad => Truth::Open,
            },
        }
    }

    fn decide(&self, number: &impl Fn(&T) -> Number) -> Decided {
        match self {
            Self::Compare(of) => {
                let (left, right) = (Side::of(&of.left, number), Side::of(&of.right, number));
                Decided { status: of.relation.decide(left, right), left, right }
            }
            Self::Printed(_) => {
                let status = match self.truth(number) {
                    Truth::Yes => CheckStatus::Pass,
                    Truth::No => CheckStatus::Fail,
                    Truth::Open => CheckStatus::Suspended,
                };
                Decided { status, left: Side::default(), right: Side::default() }
            }
            Self::Multiple(of, base) => {
                let left = Side::of(&[Term { factor: 1, of: Some(of) }], &|of: &&T| number(of));
                let right = Side::of(&[Term::<&T> { factor: *base, of: None }], &|of: &&T| number(of));
                let status = match self.truth(number) {
                    Truth::Yes if left.is_zero => CheckStatus::PassVacuous,
                    Truth::Yes => CheckStatus::Pass,
                    Truth::No => CheckStatus::Fail,
                    Truth::Open if left.is_bad => CheckStatus::Suspended,
                    Truth::Open => CheckStatus::Undecided,
                };
                Decided { status, left, right }
            }
        }
    }
}

/// One side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Side {
    /// Sum of the operands that are known.
    pub sum: i64,
    /// Operands that are known, bare numbers among them.
    pub n_known: usize,
    /// Operands that are blank.
    pub n_blank: usize,
    /// A blank may make the side larger, smaller.
    may_grow: bool,
    may_shrink: bool,
    /// An operand could not be read, or the sum is beyond all counts.
    pub is_bad: bool,
    /// All known operands are zero.
    pub is_zero: bool,
}

impl Default for Side {
    fn default() -> Self {
        Self { sum: 0, n_known: 0, n_blank: 0, may_grow: false, may_shrink: false, is_bad: false, is_zero: true }
    }
}

impl Side {
    /// The sum of these terms.
    pub fn of<T>(terms: &[Term<T>], number: &impl Fn(&T) -> Number) -> Self {
        let mut side = Self::default();
        for term in terms {
            match term.of.as_ref().map_or(Number::Known(1), number) {
                Number::Known(value) => {
                    match value.checked_mul(term.factor).and_then(|part| side.sum.checked_add(part)) {
                        Some(sum) => side.sum = sum,
                        None => side.is_bad = true,
                    }
                    side.n_known += 1;
                    side.is_zero &= value * i64::from(term.factor != 0) == 0;
                }
                Number::Blank => {
                    side.n_blank += 1;
                    side.may_grow |= term.factor > 0;
                    side.may_shrink |= term.factor < 0;
                }
                Number::BlankChange => {
                    side.n_blank += 1;
                    (side.may_grow, side.may_shrink) = (true, true);
                }
                Number::Bad => side.is_bad = true,
            }
        }
        side
    }

    /// The sum where every operand is known.
    #[must_use]
    pub fn whole(self) -> Option<i64> {
        (self.n_blank == 0 && !self.is_bad).then_some(self.sum)
    }

    /// The known part as published.
    #[expect(clippy::cast_precision_loss, reason = "sums of numbers of 15 digits; the published column is float64")]
    #[must_use]
    pub fn known(self) -> Option<f64> {
        (self.n_known > 0).then_some(self.sum as f64)
    }
}

impl Relation {
    const ALL: [(&'static str, Self); 5] =
        [("<=", Self::AtMost), (">=", Self::AtLeast), ("=", Self::Equal), ("<", Self::Less), (">", Self::More)];

    /// Whether some values of the blanks make it hold. Counts are zero or more, so a blank only adds.
    fn may_hold(self, left: Side, right: Side) -> bool {
        self.holds(left, right, |one, two, is_less| {
            one.may_shrink || two.may_grow || if is_less { one.sum < two.sum } else { one.sum <= two.sum }
        })
    }

    /// Whether it holds whatever the blanks are.
    fn surely_holds(self, left: Side, right: Side) -> bool {
        self.holds(left, right, |one, two, is_less| {
            !one.may_grow && !two.may_shrink && if is_less { one.sum < two.sum } else { one.sum <= two.sum }
        })
    }

    /// Whether it holds where `is_below` says that one side is at most another, or less.
    fn holds(self, left: Side, right: Side, is_below: impl Fn(Side, Side, bool) -> bool) -> bool {
        match self {
            Self::Equal => is_below(left, right, false) && is_below(right, left, false),
            Self::AtMost => is_below(left, right, false),
            Self::AtLeast => is_below(right, left, false),
            Self::Less => is_below(left, right, true),
            Self::More => is_below(right, left, true),
        }
    }

    /// What comes out of two sides.
    fn decide(self, left: Side, right: Side) -> CheckStatus {
        if left.is_bad || right.is_bad {
            return CheckStatus::Suspended;
        }
        if !self.may_hold(left, right) {
            return CheckStatus::Fail;
        }
        if left.n_blank + right.n_blank > 0 {
            return CheckStatus::Undecided;
        }
        if left.is_zero && right.is_zero { CheckStatus::PassVacuous } else { CheckStatus::Pass }
    }
}

/// The largest number that an operand is multiplied by.
const MAX_FACTOR: i64 = 100;

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn expected(&self, what: &str) -> String {
        match self.rest().trim() {
            "" => format!("it ends where {what} is expected"),
            rest => format!("{what} is expected before {rest:?}"),
        }
    }

    fn end(&mut self) -> Result<(), String> {
        self.space();
        if self.at < self.text.len() { Err(self.expected("the end")) } else { Ok(()) }
    }

    /// Takes a sign.
    fn sign(&mut self, sign: &str) -> bool {
        self.space();
        let is_there = self.rest().starts_with(sign);
        self.at += if is_there { sign.len() } else { 0 };
        is_there
    }

    /// The next run of letters, digits, `_` and `.`.
    fn peek(&mut self) -> &'t str {
        self.space();
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len());
        &rest[..end]
    }

    /// Takes a word.
    fn word(&mut self, word: &str) -> bool {
        let is_there = self.peek() == word;
        self.at += if is_there { word.len() } else { 0 };
        is_there
    }

    fn condition(&mut self) -> Result<Condition<Name>, String> {
        if self.word("printed") {
            if !self.sign("(") {
                return Err(self.expected("\"(\""));
            }
            let name = self.name(false)?;
            return if self.sign(")") { Ok(Condition::Printed(name)) } else { Err(self.expected("\")\"")) };
        }
        if self.word("multiple") {
            return self.multiple();
        }
        let left = self.side()?;
        let relation = Relation::ALL.iter().find(|(sign, _)| self.sign(sign));
        let Some((_, relation)) = relation else { return Err(self.expected("=, <=, >=, < or >")) };
        let right = self.side()?;
        Ok(Condition::Compare(Comparison { left, relation: *relation, right }))
    }

    fn multiple(&mut self) -> Result<Condition<Name>, String> {
        if !self.sign("(") {
            return Err(self.expected("\"(\""));
        }
        let name = self.name(false)?;
        if !self.sign(",") {
            return Err(self.expected("\",\""));
        }
        let word = self.peek();
        let base = word.parse::<i64>().ok().filter(|base| (1..=MAX_FACTOR).contains(base));
        let base = base.ok_or_else(|| self.expected(&format!("a number from 1 to {MAX_FACTOR}")))?;
        self.at += word.len();
        if self.sign(")") { Ok(Condition::Multiple(name, base)) } else { Err(self.expected("\")\"")) }
    }

    fn side(&mut self) -> Result<Vec<Term<Name>>, String> {
        let mut sign = if self.sign("-") { -1 } else { 1 };
        let mut terms = Vec::new();
        loop {
            let term = self.term()?;
            terms.push(Term { factor: sign * term.factor, ..term });
            sign = if self.sign("+") {
                1
            } else if self.sign("-") {
                -1
            } else {
                return Ok(terms);
            };
        }
    }

    fn term(&mut self) -> Result<Term<Name>, String> {
        let word = self.peek();
        if let Ok(factor) = word.parse::<i32>() {
            self.at += word.len();
            let factor = i64::from(factor);
            return if self.sign("*") {
                // Sums of a table's numbers, so many times, stay within 64 bits.
                if factor.abs() > MAX_FACTOR {
                    return Err(format!("{factor} is larger than {MAX_FACTOR}"));
                }
                Ok(Term { factor, of: Some(self.operand()?) })
            } else {
                Ok(Term { factor, of: None })
            };
        }
        Ok(Term { factor: 1, of: Some(self.operand()?) })
    }

    fn operand(&mut self) -> Result<Name, String> {
        let at = self.at;
        if self.word("sum") && self.sign("(") {
            let name = self.name(true)?;
            return if self.sign(")") { Ok(name) } else { Err(self.expected("\")\"")) };
        }
        self.at = at;
        self.name(false)
    }

    fn name(&mut self, is_sum: bool) -> Result<Name, String> {
        let word = self.peek();
        let is_name = word.starts_with(|c: char| c.is_ascii_lowercase()) && !word.ends_with('.');
        if !is_name || matches!(word, "if" | "and" | "then") {
            return Err(self.expected("a name"));
        }
        self.at += word.len();
        let is_last_year = self.sign("[y-1]");
        Ok(Name { path: word.to_owned(), is_sum, is_last_year })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(text: &str, numbers: &[(&str, Number)]) -> Option<CheckStatus> {
        let formula = Formula::parse(text).expect("a formula");
        let number = |name: &Name| {
            let found = numbers.iter().find(|(other, _)| *other == name.to_string());
            found.unwrap_or_else(|| panic!("{name} has no number")).1
        };
        formula.decide(number).map(|decided| decided.status)
    }

    fn check(text: &str, numbers: &[(&str, Number)], status: CheckStatus) {
        assert_eq!(decide(text, numbers), Some(status), "{text} {numbers:?}");
    }

    const A_IS_B: &str = "a + b = c";

    #[test]
    fn equal_sides_pass_and_zeros_pass_vacuously() {
        let numbers = |a, b, c| [("a", Number::Known(a)), ("b", Number::Known(b)), ("c", Number::Known(c))];
        check(A_IS_B, &numbers(3, 4, 7), CheckStatus::Pass);
        check(A_IS_B, &numbers(0, 0, 0), CheckStatus::PassVacuous);
        check(A_IS_B, &numbers(3, 4, 8), CheckStatus::Fail);
    }

    #[test]
    fn a_blank_is_no_zero_and_hides_no_proof() {
        let numbers = |a, b, c| [("a", a), ("b", b), ("c", c)];
        let known = Number::Known;
        check(A_IS_B, &numbers(known(3), Number::Blank, known(7)), CheckStatus::Undecided);
        check(A_IS_B, &numbers(known(3), known(4), Number::Blank), CheckStatus::Undecided);
        // Known parts exceed the total.
        check(A_IS_B, &numbers(known(9), Number::Blank, known(7)), CheckStatus::Fail);
        // A change may be less than zero.
        check(A_IS_B, &numbers(known(9), Number::BlankChange, known(7)), CheckStatus::Undecided);
        check("a - b >= 0", &numbers(known(3), Number::Blank, known(0)), CheckStatus::Undecided);
        check("a - b >= 4", &numbers(known(3), Number::Blank, known(0)), CheckStatus::Fail);
    }

    #[test]
    fn an_operand_that_cannot_be_read_suspends() {
        let numbers = [("a", Number::Known(1)), ("b", Number::Bad), ("c", Number::Known(0))];
        check(A_IS_B, &numbers, CheckStatus::Suspended);
    }

    #[test]
    fn a_rule_applies_where_its_conditions_hold() {
        let rule = "if a > 0 and b = 0 then printed(c)";
        let numbers = |a, b, c| [("a", a), ("b", b), ("c", c)];
        let known = Number::Known;
        assert_eq!(decide(rule, &numbers(known(0), known(0), Number::Blank)), None);
        check(rule, &numbers(known(2), known(0), known(9)), CheckStatus::Pass);
        check(rule, &numbers(known(2), known(0), Number::Blank), CheckStatus::Fail);
        check(rule, &numbers(known(2), Number::Blank, Number::Blank), CheckStatus::Undecided);
        check("if a + b > 0 then c >= 1", &numbers(known(2), Number::Blank, known(0)), CheckStatus::Fail);
    }

    #[test]
    fn a_number_may_have_to_be_a_multiple() {
        let rule = "if printed(a) then multiple(a, 10)";
        check(rule, &[("a", Number::Known(380))], CheckStatus::Pass);
        check(rule, &[("a", Number::Known(0))], CheckStatus::PassVacuous);
        check(rule, &[("a", Number::Known(385))], CheckStatus::Fail);
        check("multiple(a, 10)", &[("a", Number::Blank)], CheckStatus::Undecided);
        check("multiple(a, 10)", &[("a", Number::Bad)], CheckStatus::Suspended);
        assert_eq!(decide(rule, &[("a", Number::Blank)]), None);
        let error = |text: &str| Formula::parse(text).expect_err("no formula");
        assert_eq!(error("multiple(a, 0)"), "a number from 1 to 100 is expected before \"0)\"");
        assert_eq!(error("multiple(a)"), "\",\" is expected before \")\"");
    }

    #[test]
    fn factors_signs_sums_and_years_are_read() {
        let numbers = [("a", Number::Known(5)), ("sum(b.c[y-1])", Number::Known(2)), ("d", Number::Known(1))];
        check("a = 2*sum(b.c[y-1]) + d", &numbers, CheckStatus::Pass);
        check("-d + a < 5", &numbers, CheckStatus::Pass);
        check("a > 5 * d", &numbers, CheckStatus::Fail);
        assert!(Formula::parse("a = b").is_ok());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |text: &str| Formula::parse(text).expect_err("no formula");
        assert_eq!(error("a + = b"), "a name is expected before \"= b\"");
        assert_eq!(error("a b"), "=, <=, >=, < or > is expected before \"b\"");
        assert_eq!(error("if a > 0 printed(b)"), "\"and\" or \"then\" is expected before \"printed(b)\"");
        assert_eq!(error("a = b c"), "the end is expected before \"c\"");
        assert_eq!(error("a ="), "it ends where a name is expected");
        assert_eq!(error("101 * a = b"), "101 is larger than 100");
        assert_eq!(error("sum(a = b"), "\")\" is expected before \"= b\"");
    }

    #[test]
    fn a_side_alone_has_a_sum_where_all_of_it_is_known() {
        let side = |c| {
            let terms = parse_side("a - 2*sum(t.b.c) + 3").expect("a side");
            Side::of(&terms, &|name: &Name| if name.is_sum { c } else { Number::Known(10) }).whole()
        };
        assert_eq!(side(Number::Known(4)), Some(5));
        assert_eq!(side(Number::Blank), None);
        assert_eq!(side(Number::Bad), None);
        assert_eq!(parse_side("a = b").expect_err("no side"), "the end is expected before \"= b\"");
    }
}
