//! A formula at every scope of a form: its names found, cell by cell.

use super::{Equation, Operand, Over, Place, RawRule, RuleScope};
use crate::form::formula::{Condition, Formula, Name, Relation, Term};
use crate::form::{Form, FormTable, RowKind, ValueType};
use crate::model::verdict::Severity;

fn is_amount(operand: &Operand, form: &Form) -> bool {
    let column = operand.place().map(|place| &form.tables[place.table].columns[place.column]);
    column.is_some_and(|column| column.value_type.is_amount())
}

/// What the sides of what must hold are counted in.
fn per_unit(formula: &Formula<Operand>, form: &Form) -> f64 {
    let Condition::Compare(of) = &formula.must else { return 1.0 };
    let mut operands = of.left.iter().chain(&of.right).filter_map(|term| term.of.as_ref());
    if operands.any(|operand| is_amount(operand, form)) { 1e6 } else { 1.0 }
}

/// Amounts are compared with nothing and with amounts alone: they are counted in millionths.
pub(super) fn check_amounts(formula: &Formula<Operand>, form: &Form) -> Result<(), String> {
    for condition in formula.conditions.iter().chain([&formula.must]) {
        if let Condition::Multiple(of, _) = condition
            && is_amount(of, form)
        {
            return Err("it asks of an amount to be a multiple, which counts alone are".to_owned());
        }
        let Condition::Compare(of) = condition else { continue };
        let terms = || of.left.iter().chain(&of.right);
        let n_amounts = terms().filter(|term| term.of.as_ref().is_some_and(|of| is_amount(of, form))).count();
        let is_nothing = |term: &&Term<Operand>| term.of.is_none() && term.factor == 0;
        let n_others = terms().filter(|term| !is_nothing(term)).count() - n_amounts;
        if n_amounts > 0 && n_others > 0 {
            return Err("it compares an amount with a count or a number: amounts compare with amounts and 0".to_owned());
        }
    }
    Ok(())
}

pub(super) struct Scopes<'a> {
    pub(super) form: &'a Form,
    pub(super) raw: &'a RawRule,
    pub(super) rule: usize,
    pub(super) severity: Severity,
}

impl Scopes<'_> {
    /// The formula at every scope of the form.
    pub(super) fn all(&self, formula: &Formula<Name>) -> Result<Vec<RuleScope>, String> {
        let over = self.raw.over.ok_or("over must say what it runs over")?;
        let table = match (&self.raw.table, over) {
            (Some(code), _) => self.form.table(code).ok_or_else(|| unknown("table", code))?,
            (None, Over::Report) => self.home(formula)?,
            (None, _) => return Err("table must name the table it runs over".to_owned()),
        };
        let of = &self.form.tables[table];
        let cell = |row: usize, column: usize, name: &Name| {
            Operand::Cell(Place { table, row, column, is_last_year: name.is_last_year })
        };
        let mut scopes = Vec::new();
        let mut push = |scope: &str, formula: Formula<Operand>| {
            let scope = scope.to_owned();
            let equation = (self.severity == Severity::Hard).then(|| equation(&formula, table)).flatten();
            let is_here = |place: Place| place.table == table && !place.is_last_year;
            let is_local = formula.operands().all(|operand| operand.place().is_some_and(is_here));
            scopes.push(RuleScope {
                rule: self.rule,
                severity: self.severity,
                table,
                scope,
                is_local,
                per_unit: per_unit(&formula, self.form),
                formula,
                equation,
            });
        };
        match over {
            Over::Columns => {
                for (column, at) in of.columns.iter().enumerate() {
                    push(
                        &at.code,
                        resolve(formula, |name| {
                            cells(rows(of, &name.path, name.is_sum)?, |row| cell(row, column, name))
                        })?,
                    );
                }
            }
            Over::Rows => {
                for name in formula.operands().filter(|name| statement(name).is_none()) {
                    of.column(&name.path).ok_or_else(|| unknown("column", &name.path))?;
                }
                for row in &of.value_rows {
                    let columns = of.columns_of(*row);
                    let column = |name: &Name| columns.clone().find(|at| of.columns[*at].code == name.path);
                    if formula.operands().all(|name| statement(name).is_some() || column(name).is_some()) {
                        let found = |name: &Name| Ok(column(name).map(|at| cell(*row, at, name)).into_iter().collect());
                        push(&of.rows[*row].code, resolve(formula, found)?);
                    }
                }
            }
            Over::Channels => {
                for (group, at) in of.groups.iter().enumerate().filter(|(_, group)| group.is_channel) {
                    let found = |name: &Name| {
                        let column = of.columns.iter().position(|column| {
                            column.group == Some(group) && column.result.as_ref() == Some(&name.path)
                        });
                        let column = column.ok_or_else(|| unknown("result", &name.path))?;
                        Ok(vec![cell(of.value_rows[0], column, name)])
                    };
                    push(&at.code, resolve(formula, found)?);
                }
            }
            Over::List => {
                let value = of.columns.iter().position(|column| column.value_type != ValueType::Label);
                let value = value.ok_or("its table has no column of numbers")?;
                push(
                    "sheet",
                    resolve(formula, |name| cells(rows(of, &name.path, name.is_sum)?, |row| cell(row, value, name)))?,
                );
            }
            Over::Report => {
                let found = |name: &Name| Ok(places(self.form, name)?.into_iter().map(Operand::Cell).collect());
                push("report", resolve(formula, found)?);
            }
        }
        if let Some(other) = self.raw.only.iter().find(|only| scopes.iter().all(|scope| scope.scope != **only)) {
            return Err(unknown("scope", other));
        }
        if !self.raw.only.is_empty() {
            scopes.retain(|scope| self.raw.only.contains(&scope.scope));
        }
        if scopes.is_empty() {
            return Err("no row or column has all the names of its formula".to_owned());
        }
        Ok(scopes)
    }

    /// The table of the first operand.
    fn home(&self, formula: &Formula<Name>) -> Result<usize, String> {
        let first = formula.operands().next().ok_or("its formula names no cell")?;
        places(self.form, first)?.first().map(|place| place.table).ok_or_else(|| "its formula names no cell".to_owned())
    }
}

/// The cells of a whole name: table.row.column, or a heading in the place of the row.
pub(in crate::form) fn places(form: &Form, name: &Name) -> Result<Vec<Place>, String> {
    let mut parts = name.path.split('.');
    let (Some(table), Some(row), Some(column), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(format!("{:?} is no table.row.column", name.path));
    };
    let table = form.table(table).ok_or_else(|| unknown("table", table))?;
    let of = &form.tables[table];
    let place = |row: usize| {
        let at = of.columns_of(row).find(|at| of.columns[*at].code == column);
        let column = at.ok_or_else(|| unknown("column", column))?;
        Ok(Place { table, row, column, is_last_year: name.is_last_year })
    };
    rows(of, row, name.is_sum)?.into_iter().map(place).collect()
}

pub(super) fn unknown(what: &str, name: &str) -> String {
    format!("it names the {what} {name:?}, which does not exist")
}

/// The kind of statement that a name stands for.
fn statement(name: &Name) -> Option<&str> {
    name.path.strip_prefix("statement.")
}

/// A formula with its names found: statements here, cells by `cells`.
fn resolve(
    formula: &Formula<Name>,
    cells: impl Fn(&Name) -> Result<Vec<Operand>, String>,
) -> Result<Formula<Operand>, String> {
    formula.resolve(|name| match statement(name) {
        Some(kind) => Ok(vec![Operand::Statement(kind.to_owned())]),
        None => cells(name),
    })
}

fn cells(rows: Vec<usize>, cell: impl Fn(usize) -> Operand) -> Result<Vec<Operand>, String> {
    Ok(rows.into_iter().map(cell).collect())
}

/// The rows that a code stands for: itself, or those under a heading.
fn rows(table: &FormTable, code: &str, is_sum: bool) -> Result<Vec<usize>, String> {
    let row = table.row(code).ok_or_else(|| unknown("row", code))?;
    let is_heading = table.rows[row].kind == RowKind::Group;
    match (is_sum, is_heading) {
        (false, false) => Ok(vec![row]),
        (true, true) => {
            let is_part =
                |at: &usize| table.rows[*at].kind == RowKind::Leaf && table.ancestors(*at).any(|of| of == row);
            Ok(table.value_rows.iter().copied().filter(is_part).collect())
        }
        (false, true) => Err(format!("it names the heading {code:?}, which has no numbers: sum() it")),
        (true, false) => Err(format!("it sums {code:?}, which is no heading")),
    }
}

/// A formula as a sum that is zero, where it is an equation without conditions between cells of one table.
fn equation(formula: &Formula<Operand>, table: usize) -> Option<Equation> {
    let Condition::Compare(of) = &formula.must else { return None };
    if !formula.conditions.is_empty() || of.relation != Relation::Equal {
        return None;
    }
    let signed = of.left.iter().map(|term| (term, 1)).chain(of.right.iter().map(|term| (term, -1)));
    let terms = signed.map(|(term, sign)| {
        let place = term.of.as_ref()?.place().filter(|place| place.table == table && !place.is_last_year)?;
        (term.factor == 1).then_some((place.row, place.column, sign))
    });
    Some(Equation { terms: terms.collect::<Option<_>>()? })
}
