//! What the cells of a table leave known, and what the equations of its form say of the rest.
//!
//! Counts are zero or more, so a blank can only add to its side: known parts that exceed a known total
//! break the rule whatever the blanks are.

use super::{Equation, Form, FormTable, Forms, Place, RuleScope, SignedCell, ValueType};
use crate::form::formula::Decided;
use crate::model::report::{Cell, CellKey, CellState};
use crate::model::verdict::{CheckStatus, Severity};

/// What is known of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// It holds this count.
    Known(i64),
    /// It is blank or a mark for nothing: zero or more.
    Blank,
    /// The same of a change, which may be less than zero.
    BlankChange,
    /// It could not be read or is not there: it may be anything.
    Bad,
}

impl Number {
    /// What a reading of a cell leaves known.
    #[must_use]
    pub fn of(value: Option<f64>, state: CellState) -> Self {
        match (whole(value), state) {
            (Some(value), _) => Self::Known(value),
            (None, CellState::Blank | CellState::Dash) => Self::Blank,
            (None, _) => Self::Bad,
        }
    }

    /// The same of a cell in a column of this type; amounts in millionths, as no rule adds them to counts.
    #[must_use]
    pub fn in_column(value: Option<f64>, state: CellState, value_type: ValueType) -> Self {
        match value_type {
            _ if value_type.is_amount() => Self::of(value.map(|value| (value * 1e6).round()), state),
            ValueType::SignedCount => match Self::of(value, state) {
                Self::Blank => Self::BlankChange,
                number => number,
            },
            _ => Self::of(value, state),
        }
    }

    /// The count, where it is known.
    #[must_use]
    pub fn known(self) -> Option<i64> {
        if let Self::Known(value) = self { Some(value) } else { None }
    }

    fn is_blank(self) -> bool {
        matches!(self, Self::Blank | Self::BlankChange)
    }
}

/// The cells of a table by row and column.
#[derive(Clone, Debug)]
pub struct Numbers {
    /// `None` where there is no cell: under headings, and in blocks that the report does not have.
    numbers: Vec<Option<Number>>,
    n_columns: usize,
}

impl Numbers {
    /// What the cells of a table leave known; a cell that is not among them may be anything.
    #[must_use]
    pub fn of(table: &FormTable, cells: &[Cell]) -> Self {
        let n_columns = table.columns.len();
        let mut numbers = Self { numbers: vec![None; table.rows.len() * n_columns], n_columns };
        for cell in cells {
            let column = usize::from(cell.key.column);
            let number = Number::in_column(cell.number(), cell.state, table.columns[column].value_type);
            numbers.set(usize::from(cell.key.row), column, number);
        }
        numbers
    }

    /// Sets a cell.
    pub fn set(&mut self, row: usize, column: usize, number: Number) {
        self.numbers[row * self.n_columns + column] = Some(number);
    }

    /// What is known of a cell.
    #[must_use]
    pub fn get(&self, row: usize, column: usize) -> Number {
        self.numbers[row * self.n_columns + column].unwrap_or(Number::Bad)
    }

    /// Whether there is such a cell.
    #[must_use]
    pub fn has(&self, row: usize, column: usize) -> bool {
        self.numbers[row * self.n_columns + column].is_some()
    }

    /// Whether a rule of this table holds at one scope; `None` where it does not apply. What lies elsewhere cannot be
    /// read here.
    #[must_use]
    pub fn decide(&self, scope: &RuleScope) -> Option<Decided> {
        scope.formula.decide(|operand| match operand.place() {
            Some(place) if place.table == scope.table && !place.is_last_year => self.get(place.row, place.column),
            _ => Number::Bad,
        })
    }

    /// Whether a rule of this table is broken at one scope.
    #[must_use]
    pub fn breaks(&self, scope: &RuleScope) -> bool {
        self.decide(scope).is_some_and(|decided| decided.status == CheckStatus::Fail)
    }

    /// Whether every cell is known, and zero, or blank.
    #[must_use]
    pub fn is_vacuous(&self) -> bool {
        self.numbers.iter().flatten().all(|number| matches!(number, Number::Known(0)) || number.is_blank())
    }

    fn has_blanks(&self) -> bool {
        self.numbers.iter().flatten().any(|number| number.is_blank())
    }

    /// The sum that an equation makes of the known cells, and its blanks; `None` when a cell cannot be read.
    fn sum(&self, equation: &Equation) -> Option<(i64, Vec<SignedCell>)> {
        let mut sum = 0_i64;
        let mut blanks = Vec::new();
        for (row, column, sign) in &equation.terms {
            match self.get(*row, *column) {
                Number::Known(value) => sum = sum.checked_add(sign * value)?,
                Number::Blank => blanks.push((*row, *column, *sign)),
                Number::BlankChange | Number::Bad => return None,
            }
        }
        Some((sum, blanks))
    }
}

/// The hard rules of a table, spelt out, with their numbers among the checks of the form.
pub fn hard(form: &Form, table: usize) -> impl Iterator<Item = (usize, &RuleScope)> {
    let is_hard = move |(_, scope): &(usize, &RuleScope)| scope.table == table && scope.severity == Severity::Hard;
    form.checks.iter().enumerate().filter(is_hard)
}

/// The equations of a table, with their numbers among the checks of the form.
pub fn equations(form: &Form, table: usize) -> impl Iterator<Item = (usize, &Equation)> {
    hard(form, table).filter_map(|(at, scope)| Some((at, scope.equation.as_ref()?)))
}

/// A blank that the equations of a form fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Its row.
    pub row: usize,
    /// Its column.
    pub column: usize,
    /// What it must be.
    pub value: i64,
    /// Index of the rule that says so.
    pub rule: usize,
}

impl Numbers {
    /// Fills every blank that the hard equations of a table fix.
    ///
    /// Zero closure: parts of a total that the known parts make up already are zero. Refill: the one blank
    /// of an equation is what its sides lack. Both hold because counts are zero or more. No hard rule of
    /// the table may fail.
    pub fn fill(&mut self, form: &Form, table: usize) -> Vec<Filled> {
        let mut found: Vec<Filled> = Vec::new();
        if !self.has_blanks() {
            return found;
        }
        // Each pass fixes a cell or is the last.
        loop {
            let n_before = found.len();
            for (at, equation) in equations(form, table) {
                let Some((sum, blanks)) = self.sum(equation) else { continue };
                let Some((_, _, sign)) = blanks.first() else { continue };
                // Blanks on both sides leave each other open.
                if blanks.iter().any(|(_, _, other)| other != sign) {
                    continue;
                }
                let value = -sum * sign;
                if !(value == 0 || (value > 0 && blanks.len() == 1)) {
                    continue;
                }
                for (row, column, _) in blanks {
                    self.set(row, column, Number::Known(value));
                    found.push(Filled { row, column, value, rule: form.checks[at].rule });
                }
            }
            if found.len() == n_before {
                return found;
            }
        }
    }

    /// The number of a check whose equation cannot hold, whatever the blanks of the table are; `None` where bounds
    /// leave every equation open. No hard rule of the table may fail.
    ///
    /// A blank is at least zero and at most what each equation it stands in leaves for it. These bounds are narrowed
    /// until nothing changes.
    #[must_use]
    pub fn contradiction(&self, form: &Form, table: usize) -> Option<usize> {
        /// More than any sum of counts.
        const MOST: i128 = 1 << 80;
        /// Bounds that still move after so many passes move by steps of one.
        const PASSES: usize = 64;
        if !self.has_blanks() {
            return None;
        }
        let mut bounds: Vec<(i128, i128)> = self
            .numbers
            .iter()
            .map(|number| match number {
                Some(Number::Known(value)) => (i128::from(*value), i128::from(*value)),
                Some(Number::Blank) => (0, MOST),
                Some(Number::BlankChange | Number::Bad) | None => (-MOST, MOST),
            })
            .collect();
        let is_readable = |equation: &Equation| {
            let known =
                |(row, column, _): &SignedCell| matches!(self.get(*row, *column), Number::Known(_) | Number::Blank);
            equation.terms.iter().all(known)
        };
        let equations: Vec<(usize, &Equation)> =
            equations(form, table).filter(|(_, equation)| is_readable(equation)).collect();
        for _ in 0..PASSES {
            let mut is_moved = false;
            for (at, equation) in &equations {
                let places = || equation.terms.iter().map(|(row, column, sign)| (row * self.n_columns + column, *sign));
                let signed = |(low, high): (i128, i128), sign: i64| if sign > 0 { (low, high) } else { (-high, -low) };
                let (low, high) = places().fold((0, 0), |(low, high), (place, sign)| {
                    let (one, other) = signed(bounds[place], sign);
                    (low + one, high + other)
                });
                if low > 0 || high < 0 {
                    return Some(*at);
                }
                for (place, sign) in places().collect::<Vec<_>>() {
                    let (own_low, own_high) = signed(bounds[place], sign);
                    let narrowed = signed((-(high - own_high), -(low - own_low)), sign);
                    let old = bounds[place];
                    // What is out of all bounds says nothing.
                    let top = if narrowed.1 < MOST / 2 { narrowed.1 } else { MOST };
                    let new = (old.0.max(narrowed.0), old.1.min(top));
                    is_moved |= new != old;
                    bounds[place] = new;
                    if new.0 > new.1 {
                        return Some(*at);
                    }
                }
            }
            if !is_moved {
                break;
            }
        }
        self.shortage(form, &equations)
    }

    /// The number of a check whose blanks, together with those of other scopes of its rule, need more than another rule
    /// leaves for them: rows that need six in columns that have five.
    fn shortage(&self, form: &Form, all: &[(usize, &Equation)]) -> Option<usize> {
        // What the blanks of an equation come to, where all stand on one side.
        let needs: Vec<Need> = all
            .iter()
            .filter_map(|(at, equation)| {
                let (sum, blanks) = self.sum(equation)?;
                let (_, _, sign) = *blanks.first()?;
                let is_one_sided = blanks.iter().all(|(_, _, other)| *other == sign);
                let blanks = blanks.into_iter().map(|(row, column, _)| (row, column)).collect();
                is_one_sided.then(|| Need { check: *at, rule: form.checks[*at].rule, amount: -sum * sign, blanks })
            })
            .collect();
        let mut rules: Vec<usize> = needs.iter().map(|need| need.rule).collect();
        rules.dedup();
        for rule in &rules {
            for other in rules.iter().filter(|other| *other != rule) {
                let of = |rule: usize| needs.iter().filter(move |need| need.rule == rule).collect::<Vec<_>>();
                if let Some(check) = unmet(&of(*rule), &of(*other)) {
                    return Some(check);
                }
            }
        }
        None
    }
}

/// What the blanks of an equation come to.
struct Need {
    check: usize,
    rule: usize,
    amount: i64,
    blanks: Vec<(usize, usize)>,
}

/// The first need that the others leave too little for: each blank may hold at most what the one need of `leaves` that
/// it stands in still has, or anything where it stands in none. A greatest flow, found by paths that put amounts elsewhere.
fn unmet(needs: &[&Need], leaves: &[&Need]) -> Option<usize> {
    let place = |blank: &(usize, usize)| leaves.iter().position(|leaf| leaf.blanks.contains(blank));
    // Per need the leaves that its blanks lead to; a blank in none of them can hold anything.
    let ways: Vec<Vec<Option<usize>>> = needs.iter().map(|need| need.blanks.iter().map(place).collect()).collect();
    let mut left: Vec<i64> = leaves.iter().map(|leaf| leaf.amount).collect();
    let mut given = vec![vec![0_i64; leaves.len()]; needs.len()];
    for (at, need) in needs.iter().enumerate() {
        if ways[at].contains(&None) {
            continue;
        }
        let mut rest = need.amount;
        while rest > 0 {
            // The nearest leaf with something left, by way of needs that can take theirs elsewhere.
            let mut from: Vec<Option<(usize, Option<usize>)>> = vec![None; leaves.len()];
            let mut queue: Vec<(usize, Option<usize>)> = vec![(at, None)];
            let mut seen = vec![false; needs.len()];
            seen[at] = true;
            let mut next = 0;
            let mut end = None;
            while let Some((of, via)) = queue.get(next).copied() {
                next += 1;
                for leaf in ways[of].iter().flatten() {
                    if from[*leaf].is_some() {
                        continue;
                    }
                    from[*leaf] = Some((of, via));
                    if left[*leaf] > 0 {
                        end = Some(*leaf);
                        break;
                    }
                    for other in (0..needs.len()).filter(|other| given[*other][*leaf] > 0) {
                        if !std::mem::replace(&mut seen[other], true) {
                            queue.push((other, Some(*leaf)));
                        }
                    }
                }
                if end.is_some() {
                    break;
                }
            }
            let end = match end {
                Some(end) => end,
                None => return Some(need.check),
            };
            // How much the path can carry, then carry it.
            let mut path = vec![];
            let mut leaf = Some(end);
            while let Some(at) = leaf {
                let (of, via) = from[at]?;
                path.push((of, at, via));
                leaf = via;
            }
            let moved = path.iter().filter_map(|(of, _, via)| Some(given[*of][(*via)?]));
            let amount = moved.chain([rest, left[end]]).min()?;
            for (of, leaf, via) in path {
                given[of][leaf] += amount;
                if let Some(via) = via {
                    given[of][via] -= amount;
                }
            }
            left[end] -= amount;
            rest -= amount;
        }
    }
    None
}

/// What is known of all cells of a report: the corrected number, else the printed one, else the implied one.
#[derive(Debug)]
pub struct Figures<'f> {
    forms: &'f Forms,
    sheets: Vec<Sheet>,
}

/// The cells of one table of one form.
#[derive(Debug)]
struct Sheet {
    form: usize,
    table: usize,
    /// By row and column; `None` for a cell that the report does not have.
    numbers: Vec<Option<Number>>,
}

impl<'f> Figures<'f> {
    /// The figures of these cells.
    #[must_use]
    pub fn of(forms: &'f Forms, cells: &[Cell]) -> Self {
        let mut sheets: Vec<Sheet> = Vec::new();
        for cell in cells {
            let (form, table) = (usize::from(cell.key.form), usize::from(cell.key.table));
            let of = &forms.forms[form].tables[table];
            let is_it = |sheet: &Sheet| (sheet.form, sheet.table) == (form, table);
            // Cells of a table stand together, so the last is looked at first.
            let at = sheets.iter().rposition(is_it).unwrap_or_else(|| {
                sheets.push(Sheet { form, table, numbers: vec![None; of.rows.len() * of.columns.len()] });
                sheets.len() - 1
            });
            let column = usize::from(cell.key.column);
            let value = cell.number().or(cell.implied.map(|implied| implied.value));
            let number = Number::in_column(value, cell.state, of.columns[column].value_type);
            sheets[at].numbers[usize::from(cell.key.row) * of.columns.len() + column] = Some(number);
        }
        Self { forms, sheets }
    }

    /// What is known of a cell of a form; `None` where the report does not have it.
    #[must_use]
    pub fn get(&self, form: usize, place: Place) -> Option<Number> {
        let sheet = self.sheets.iter().find(|sheet| (sheet.form, sheet.table) == (form, place.table))?;
        let n_columns = self.forms.forms[form].tables[place.table].columns.len();
        sheet.numbers[place.row * n_columns + place.column]
    }

    /// What is known of the cell with the codes of this one of a form, in whatever form the report has it.
    #[must_use]
    pub fn counterpart(&self, form: usize, place: Place) -> Option<Number> {
        let of = &self.forms.forms[form].tables[place.table];
        let (row, column) = (&of.rows[place.row].code, &of.columns[place.column].code);
        let in_sheet = |sheet: &Sheet| {
            let table = &self.forms.forms[sheet.form].tables[sheet.table];
            let row = table.row(row).filter(|_| table.code == of.code)?;
            // Blocks have columns of one code, each its own.
            let column = table.columns_of(row).find(|at| table.columns[*at].code == *column)?;
            self.get(sheet.form, Place { table: sheet.table, row, column, is_last_year: false })
        };
        self.sheets.iter().find_map(in_sheet)
    }

    /// The code of the table of a cell.
    pub(super) fn table(&self, key: CellKey) -> &'f str {
        &self.forms.table(key.form, key.table).code
    }
}

/// A count as an integer. Values have at most 15 digits, which a float64 holds exactly.
#[expect(clippy::cast_possible_truncation, reason = "the value is whole and below 2^53")]
#[must_use]
fn whole(value: Option<f64>) -> Option<i64> {
    value.filter(|value| value.fract() == 0.0 && value.abs() < 9.0e15).map(|value| value as i64)
}
