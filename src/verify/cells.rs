//! The cells of one report by their names, and what the settings say of these names.

use std::collections::HashMap;

use super::facts::{CellRow, ReportRow};
use crate::config::Config;
use crate::form::formula::{Condition, Formula, Term};
use crate::form::{FormTable, Operand, Place, RuleScope, Shape, ValueType};
use crate::model::verdict::Severity;

/// What a cell holds, as far as rules care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// A count, zero or more.
    Count,
    /// A change, with a sign.
    Change,
    /// An amount, zero or more, with decimals.
    Amount,
}

/// What a rule asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// A cell by the number of its name.
    Cell(usize, Holds),
    /// What the narrative states of this kind.
    Statement(String),
}

impl Ask {
    pub(super) fn name(&self) -> Option<usize> {
        match self {
            Self::Cell(name, _) => Some(*name),
            Self::Statement(_) => None,
        }
    }
}

/// A rule of the catalogue at one scope of one form, its cells found by name.
pub(super) struct Scope<'c> {
    /// Index in the catalogue.
    pub(super) rule: usize,
    pub(super) code: &'c str,
    pub(super) severity: Severity,
    pub(super) scope: &'c str,
    /// The table it is of, and the form.
    pub(super) table: &'c FormTable,
    form: &'c str,
    pub(super) formula: Formula<Ask>,
    /// It holds a report back and asks for its own table alone: it sees what was filed, and no implied number.
    pub(super) sees_filed_alone: bool,
    /// An earlier scope that says the same of the same cells, for another form.
    pub(super) twin: Option<usize>,
}

/// The names of all cells of all forms, and the rules in terms of them.
pub(super) struct Plan<'c> {
    pub(super) config: &'c Config,
    names: HashMap<[&'c str; 3], usize>,
    /// The forms that have each name.
    forms: Vec<Vec<usize>>,
    pub(super) scopes: Vec<Scope<'c>>,
    /// Rules that ask for the year before.
    pub(super) links: Vec<LinkScope<'c>>,
}

/// A rule that holds a report against the one before, at one scope: the sides that are of this report alone.
pub(super) struct LinkScope<'c> {
    pub(super) code: &'c str,
    pub(super) scope: &'c str,
    pub(super) sides: [Option<Vec<Term<Ask>>>; 2],
}

impl<'c> Plan<'c> {
    pub(super) fn of(config: &'c Config) -> Self {
        let mut plan = Self { config, names: HashMap::new(), forms: Vec::new(), scopes: Vec::new(), links: Vec::new() };
        for (at, form) in config.forms.forms.iter().enumerate() {
            for table in &form.tables {
                for row in &table.value_rows {
                    for column in table.columns_of(*row) {
                        let next = plan.names.len();
                        let name = [&table.code, &table.rows[*row].code, &table.columns[column].code];
                        let number = *plan.names.entry(name.map(String::as_str)).or_insert(next);
                        plan.forms.resize(plan.names.len(), Vec::new());
                        plan.forms[number].push(at);
                    }
                }
            }
        }
        for form in &config.forms.forms {
            for scope in &form.checks {
                let scope = plan.scope(&form.id, &form.tables, scope);
                plan.scopes.push(scope);
            }
            plan.links.extend(form.links.iter().map(|scope| plan.link(&form.tables, scope)).collect::<Vec<_>>());
        }
        plan
    }

    fn scope(&self, form: &'c str, tables: &'c [FormTable], of: &'c RuleScope) -> Scope<'c> {
        let rule = &self.config.forms.rules[of.rule];
        let ask = |operand: &Operand| -> Result<Vec<Ask>, std::convert::Infallible> {
            Ok(vec![match operand {
                Operand::Cell(place) => Ask::Cell(self.place(tables, *place), holds(tables, *place)),
                Operand::Statement(kind) => Ask::Statement(kind.clone()),
            }])
        };
        let Ok(formula) = of.formula.resolve(ask);
        let is_of_its_table = |operand: &Operand| matches!(operand, Operand::Cell(place) if place.table == of.table);
        let sees_filed_alone = rule.severity == Severity::Hard && of.formula.operands().all(is_of_its_table);
        let says_the_same =
            |known: &Scope<'_>| known.rule == of.rule && known.scope == of.scope && known.formula == formula;
        Scope {
            rule: of.rule,
            code: &rule.code,
            severity: rule.severity,
            scope: &of.scope,
            table: &tables[of.table],
            form,
            twin: self.scopes.iter().position(says_the_same),
            formula,
            sees_filed_alone,
        }
    }

    fn link(&self, tables: &'c [FormTable], of: &'c RuleScope) -> LinkScope<'c> {
        let term = |term: &Term<Operand>| -> Option<Term<Ask>> {
            let of = match &term.of {
                None => None,
                Some(Operand::Cell(place)) if !place.is_last_year => {
                    Some(Ask::Cell(self.place(tables, *place), holds(tables, *place)))
                }
                Some(_) => return None,
            };
            Some(Term { factor: term.factor, of })
        };
        let sides = match &of.formula.must {
            Condition::Compare(of) => [&of.left, &of.right].map(|side| side.iter().map(term).collect()),
            Condition::Printed(_) | Condition::Multiple(..) => [None, None],
        };
        LinkScope { code: &self.config.forms.rules[of.rule].code, scope: &of.scope, sides }
    }

    /// Whether one of some forms has a name.
    pub(super) fn is_of_any(&self, name: usize, forms: &[usize]) -> bool {
        self.forms[name].iter().any(|form| forms.contains(form))
    }

    /// The number of the name of a place in a form.
    pub(super) fn place(&self, tables: &[FormTable], place: Place) -> usize {
        let table = &tables[place.table];
        let name = [&table.code, &table.rows[place.row].code, &table.columns[place.column].code];
        *self.names.get(&name.map(String::as_str)).expect("rules name cells of the forms")
    }

    /// The number of a name.
    pub(super) fn name(&self, name: [&str; 3]) -> Option<usize> {
        self.names.get(&name).copied()
    }

    /// The number of `table.row.column`.
    pub(super) fn dotted(&self, name: &str) -> Option<usize> {
        let mut parts = name.split('.');
        let name = [parts.next()?, parts.next()?, parts.next()?];
        if parts.next().is_some() { None } else { self.name(name) }
    }

    /// The severity of a rule.
    pub(super) fn severity(&self, rule: &str) -> Option<&'static str> {
        let rule = self.config.forms.rules.iter().find(|of| of.code == rule)?;
        Some(rule.severity.as_str())
    }
}

/// What the cells of a column hold.
pub(super) fn holds(tables: &[FormTable], place: Place) -> Holds {
    match tables[place.table].columns[place.column].value_type {
        ValueType::Decimal | ValueType::Money => Holds::Amount,
        ValueType::SignedCount => Holds::Change,
        ValueType::Count | ValueType::Number | ValueType::Label => Holds::Count,
    }
}

/// The cells of a report.
pub(super) struct Cells<'r> {
    pub(super) rows: Vec<CellRow<'r>>,
    /// By number of the name.
    by_name: Vec<Option<usize>>,
}

impl<'r> Cells<'r> {
    /// Takes in rows of `cells`, and names those that no form has and those that are there twice.
    pub(super) fn of(rows: Vec<CellRow<'r>>, plan: &Plan<'_>) -> (Self, Vec<String>) {
        let mut by_name = vec![None; plan.names.len()];
        let mut wrong = Vec::new();
        for (at, cell) in rows.iter().enumerate() {
            // A local row or column has a label in place of its code.
            let (Some(row), Some(column), None) = (cell.row, cell.column, cell.label) else {
                if cell.label.is_none() {
                    wrong.push(format!("a cell of table {} has no code and no label", cell.table));
                }
                continue;
            };
            match plan.name([cell.table, row, column]) {
                None => wrong.push(format!("the cell {} is of no form", cell.name())),
                Some(name) if by_name[name].is_some() => wrong.push(format!("the cell {} is there twice", cell.name())),
                Some(name) => by_name[name] = Some(at),
            }
        }
        (Self { rows, by_name }, wrong)
    }

    /// A cell by the number of its name.
    pub(super) fn get(&self, name: usize) -> Option<&CellRow<'r>> {
        Some(&self.rows[self.by_name[name]?])
    }

    /// The cells that have codes, with the numbers of their names.
    pub(super) fn named(&self) -> impl Iterator<Item = (usize, &CellRow<'r>)> {
        self.by_name.iter().enumerate().filter_map(|(name, at)| Some((name, &self.rows[(*at)?])))
    }

    /// Whether the report has every cell that a rule asks for.
    pub(super) fn has_all(&self, formula: &Formula<Ask>) -> bool {
        formula.operands().filter_map(Ask::name).all(|name| self.by_name[name].is_some())
    }
}

impl Scope<'_> {
    /// Whether the rule is of the form that a report uses for the table.
    pub(super) fn is_of_form(&self, report: &ReportRow<'_>) -> bool {
        match self.table.shape {
            Shape::Matrix => report.form_applications == Some(self.form),
            Shape::Blocks => report.form == Some(self.form) || report.has_flag("mixed_form"),
            // These are built the same in every form that has them.
            Shape::Channels | Shape::List => true,
        }
    }
}
