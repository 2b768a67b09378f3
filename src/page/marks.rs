//! Which cells of a form a rule, a scope or a suggestion speaks of.

use std::collections::HashMap;

use crate::config::Config;
use crate::form::{Form, Operand, Place, RuleScope, Shape};

/// What the rules of each form speak of, found by rule and scope as published.
pub(super) struct Rules<'c> {
    config: &'c Config,
    /// Form, rule, scope.
    scopes: HashMap<(usize, &'c str, &'c str), &'c RuleScope>,
}

impl<'c> Rules<'c> {
    /// Of the forms of a configuration.
    pub(super) fn new(config: &'c Config) -> Self {
        let mut scopes = HashMap::new();
        for (at, form) in config.forms.forms.iter().enumerate() {
            for scope in &form.checks {
                let rule = config.forms.rules[scope.rule].code.as_str();
                scopes.insert((at, rule, scope.scope.as_str()), scope);
            }
        }
        Self { config, scopes }
    }

    /// A rule at a scope, with the form of a report that has it.
    pub(super) fn find(&self, own: OwnForms<'_>, rule: &str, scope: &str) -> Option<(usize, &'c RuleScope)> {
        let of = self.config.forms.rules.iter().find(|of| of.code == rule)?;
        let (_, table) = self.config.forms.tables(of.table.as_deref()?).next_back()?;
        let forms = forms_of(self.config, own, table.shape);
        forms.into_iter().find_map(|form| Some((form, *self.scopes.get(&(form, rule, scope))?)))
    }
}

/// The forms of a report as published: that of its first table, and that of the applications.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OwnForms<'r> {
    pub(super) form: Option<&'r str>,
    pub(super) applications: Option<&'r str>,
}

/// The forms in which a table of a report is looked for, its own first, then the others, newest first. The form of
/// the channels is not published, as they are the same on all that have them.
pub(super) fn forms_of(config: &Config, own: OwnForms<'_>, shape: Shape) -> Vec<usize> {
    let own = match shape {
        Shape::Matrix => [own.applications, own.form],
        Shape::Channels => [None, None],
        Shape::Blocks | Shape::List => [own.form, own.applications],
    };
    let own = own.into_iter().flatten().filter_map(|id| config.forms.by_id(id));
    let mut forms: Vec<usize> = Vec::new();
    for form in own.chain((0..config.forms.forms.len()).rev()) {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

/// The cells that a rule speaks of.
pub(super) fn operands(scope: &RuleScope) -> impl Iterator<Item = Place> + '_ {
    scope.formula.operands().filter_map(Operand::place).filter(|place| !place.is_last_year)
}

/// The place of a published cell `table.row.column`.
pub(super) fn place(form: &Form, name: &str) -> Option<(usize, usize, usize)> {
    let mut parts = name.splitn(3, '.');
    let (table, row, column) = (parts.next()?, parts.next()?, parts.next()?);
    let at = form.table(table)?;
    Some((at, form.tables[at].row(row)?, form.tables[at].column(column)?))
}
