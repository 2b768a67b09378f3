//! Table 2 corrects its own single errors: properties over made tables that are sound.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proptest::prelude::*;

use super::localise::{Explanation, locate};
use crate::config::Config;
use crate::form::check::{Number, Numbers, hard};
use crate::form::{Form, FormTable};
use crate::model::verdict::SuggestionKind;

type Cell = (usize, usize);

const APPLICANTS: usize = 6;

/// A made table 2 that obeys every rule.
#[derive(Clone)]
struct Made<'c> {
    form: &'c Form,
    table: usize,
    numbers: Numbers,
}

/// What a made table is made of: outcomes by applicant, requests carried in and forward.
type Seed = (Vec<Vec<i64>>, Vec<i64>, Vec<i64>);

fn seeds(most: i64) -> impl Strategy<Value = Seed> {
    // Most cells of real tables are zero.
    let count = prop_oneof![3 => Just(0), 1 => 1..=most];
    let outcomes = prop::collection::vec(prop::collection::vec(count, APPLICANTS), 21);
    (outcomes, prop::collection::vec(0..=most, APPLICANTS), prop::collection::vec(0..=most, APPLICANTS))
}

impl<'c> Made<'c> {
    fn new(config: &'c Config, form: &str, (outcomes, carried_in, carried_forward): &Seed) -> Self {
        let form = &config.forms.forms[config.forms.by_id(form).expect("form")];
        let table = form.table("applications").expect("table");
        let of = &form.tables[table];
        let mut made = Self { form, table, numbers: Numbers::of(of, &[]) };
        let row = |code: &str| of.row(code).expect("row");
        let leaves = of.value_rows.iter().filter(|row| of.rows[**row].outcome_group.is_some());
        let leaves: Vec<usize> = leaves.copied().collect();
        for column in 0..APPLICANTS {
            let mut total = 0;
            for (leaf, counts) in leaves.iter().zip(outcomes) {
                made.set((*leaf, column), counts[column]);
                total += counts[column];
            }
            let forward = carried_forward[column];
            let carried = carried_in[column].min(total + forward);
            made.set((row("outcome_total"), column), total);
            made.set((row("carried_forward"), column), forward);
            made.set((row("carried_in"), column), carried);
            made.set((row("new_received"), column), total + forward - carried);
        }
        for row in &of.value_rows {
            let total = (0..APPLICANTS).map(|column| made.value((*row, column))).sum();
            made.set((*row, APPLICANTS), total);
        }
        assert!(made.failed().is_empty());
        made
    }

    fn of(&self) -> &'c FormTable {
        &self.form.tables[self.table]
    }

    fn cells(&self) -> Vec<Cell> {
        let columns = 0..=APPLICANTS;
        self.of().value_rows.iter().flat_map(|row| columns.clone().map(|column| (*row, column))).collect()
    }

    fn value(&self, (row, column): Cell) -> i64 {
        match self.numbers.get(row, column) {
            Number::Known(value) => value,
            other => panic!("{row}, {column}: {other:?}"),
        }
    }

    fn set(&mut self, (row, column): Cell, value: i64) {
        self.numbers.set(row, column, Number::Known(value));
    }

    fn failed(&self) -> Vec<usize> {
        let hard = hard(self.form, self.table);
        hard.filter(|(_, scope)| self.numbers.breaks(scope)).map(|(at, _)| at).collect()
    }

    /// The explanations of what fails, which hangs together.
    fn explanations(&self) -> Vec<Explanation> {
        let mut located = locate(self.form, self.table, &self.numbers);
        assert_eq!(located.len(), 1);
        located.pop().expect("one").explanations
    }

    /// Moves so much of one cell to another.
    fn moved(&self, one: Cell, other: Cell, amount: i64) -> Self {
        let mut made = self.clone();
        made.set(one, self.value(one) - amount);
        made.set(other, self.value(other) + amount);
        made
    }
}

fn config() -> &'static Config {
    static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::embedded().expect("settings"));
    &CONFIG
}

fn cases(n: u32) -> ProptestConfig {
    ProptestConfig { cases: n, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn every_wrong_number_is_found_located_and_named(seed in seeds(40), size in 0..7_u32, is_more: bool) {
        let config = config();
        for (form, n_cells) in [("2021", 175), ("2019", 161)] {
            let made = Made::new(config, form, &seed);
            let cells = made.cells();
            prop_assert_eq!(cells.len(), n_cells);
            for cell in cells {
                let right = made.value(cell);
                // A number too large, or too small where there is one to take from.
                let wrong = if is_more || right == 0 { right + 10_i64.pow(size) } else { right - right.min(10_i64.pow(size)) };
                let mut printed = made.clone();
                printed.set(cell, wrong);
                prop_assert!(!printed.failed().is_empty());
                let found = printed.explanations();
                prop_assert_eq!(found.len(), 1, "{:?} {} for {}: {:?}", cell, wrong, right, found);
                prop_assert_eq!(&found[0].changes, &BTreeMap::from([(cell, right)]));
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn what_stands_in_another_cell_is_named_right_or_is_a_candidate(
        seed in seeds(9), from in 0..25_usize, to in 0..25_usize, column in 0..APPLICANTS, other in 0..APPLICANTS, is_row: bool,
    ) {
        let config = config();
        let made = Made::new(config, "2021", &seed);
        let rows = &made.of().value_rows;
        let (one, two) = if is_row {
            ((rows[from], column), (rows[from], other))
        } else {
            ((rows[from], column), (rows[to], column))
        };
        let amount = made.value(one);
        // Rows of the two sides of the balance are no parts of one sum.
        let is_outcome = |cell: Cell| made.of().rows[cell.0].outcome_group.is_some();
        prop_assume!(one != two && amount > 0 && (is_row || (is_outcome(one) && is_outcome(two))));
        let printed = made.moved(one, two, amount);
        let right = BTreeMap::from([(one, made.value(one)), (two, made.value(two))]);
        let found = printed.explanations();
        let changes: Vec<_> = found.iter().map(|of| of.changes.clone()).collect();
        prop_assert!(changes.contains(&right), "{:?} {:?} {}: {:?}", one, two, amount, found);
        if let [only] = found.as_slice() {
            let kinds = if is_row {
                [SuggestionKind::WrongApplicant, SuggestionKind::SwappedCells]
            } else {
                [SuggestionKind::WrongRow, SuggestionKind::SwappedCells]
            };
            prop_assert!(kinds.contains(&only.kind) || only.kind == SuggestionKind::TornDigits);
        }
    }

    #[test]
    fn swapped_cells_are_named_right_or_are_candidates(
        seed in seeds(9), from in 0..25_usize, column in 0..APPLICANTS, other in 0..APPLICANTS,
    ) {
        let config = config();
        let made = Made::new(config, "2021", &seed);
        let row = made.of().value_rows[from];
        let (one, two) = ((row, column), (row, other));
        let (a, b) = (made.value(one), made.value(two));
        prop_assume!(a != b && a > 0 && b > 0);
        let mut printed = made.clone();
        printed.set(one, b);
        printed.set(two, a);
        let found = printed.explanations();
        prop_assert!(found.iter().any(|of| of.changes == BTreeMap::from([(one, a), (two, b)])), "{:?}", found);
    }

    #[test]
    fn a_number_and_its_sum_that_are_both_wrong_are_named_right_or_are_candidates(
        seed in seeds(9), from in 0..25_usize, column in 0..APPLICANTS, is_row in any::<bool>(), size in 1..1000_i64,
    ) {
        let config = config();
        let made = Made::new(config, "2021", &seed);
        let of = made.of();
        let row = of.value_rows[from];
        let total = of.row("outcome_total").expect("row");
        prop_assume!(is_row || of.rows[row].outcome_group.is_some());
        let pair = [(row, column), if is_row { (row, APPLICANTS) } else { (total, column) }];
        let mut printed = made.clone();
        for cell in pair {
            printed.set(cell, made.value(cell) + size);
        }
        let found = printed.explanations();
        let right: BTreeMap<Cell, i64> = pair.into_iter().map(|cell| (cell, made.value(cell))).collect();
        // Whatever explains it makes every rule hold.
        for explanation in &found {
            let mut mended = printed.clone();
            for (cell, value) in &explanation.changes {
                mended.set(*cell, *value);
            }
            prop_assert!(mended.failed().is_empty(), "{:?}", explanation);
        }
        // A simpler explanation outranks it; else it is among the candidates, and alone it is right.
        let is_outranked = found.iter().any(|of| of.kind != SuggestionKind::PartAndTotal);
        prop_assert!(is_outranked || found.iter().any(|of| of.changes == right), "{:?}", found);
    }

    #[test]
    fn torn_digits_are_named_right_or_are_candidates(seed in seeds(9), from in 0..25_usize, column in 0..APPLICANTS - 1, a in 1..9_i64, b in 0..9_i64) {
        let config = config();
        let mut made = Made::new(config, "2021", &seed);
        let row = made.of().value_rows[from];
        prop_assume!(made.of().rows[row].outcome_group.is_some());
        // The row holds a whole number and nothing beside it; sums follow.
        let (one, two) = ((row, column), (row, column + 1));
        let of = made.of();
        let code = |code: &str| of.row(code).expect("row");
        for (cell, value) in [(one, 10 * a + b), (two, 0)] {
            let change = value - made.value(cell);
            for row in [cell.0, code("outcome_total"), code("new_received")] {
                for column in [cell.1, APPLICANTS] {
                    let value = made.value((row, column)) + change;
                    made.set((row, column), value);
                }
            }
        }
        prop_assume!(made.cells().iter().all(|cell| made.value(*cell) >= 0));
        assert!(made.failed().is_empty());
        let mut printed = made.clone();
        printed.set(one, a);
        printed.set(two, b);
        let found = printed.explanations();
        let right: BTreeMap<Cell, i64> =
            [(one, 10 * a + b), (two, 0)].into_iter().filter(|(cell, value)| printed.value(*cell) != *value).collect();
        let is_named = |of: &Explanation| of.changes.iter().filter(|(cell, new)| printed.value(**cell) != **new).eq(right.iter());
        prop_assert!(found.iter().any(is_named), "{:?}", found);
    }

    #[test]
    fn blanks_break_no_rule_and_hide_no_error_that_bounds_show(
        seed in seeds(40), blanks in prop::collection::btree_set(0..175_usize, 0..=10), wrong in 0..175_usize, size in 1..1000_i64,
    ) {
        let config = config();
        let made = Made::new(config, "2021", &seed);
        let cells = made.cells();
        let mut printed = made.clone();
        for at in &blanks {
            printed.numbers.set(cells[*at].0, cells[*at].1, Number::Blank);
        }
        prop_assert!(printed.failed().is_empty());
        prop_assert_eq!(printed.numbers.contradiction(made.form, made.table), None);
        for filled in printed.numbers.clone().fill(made.form, made.table) {
            prop_assert_eq!(filled.value, made.value((filled.row, filled.column)));
        }
        prop_assume!(!blanks.contains(&wrong));
        printed.set(cells[wrong], made.value(cells[wrong]) + size);
        // Any equation of the wrong cell without a blank shows it, and no other fails.
        let touched = hard(made.form, made.table).filter_map(|(at, scope)| {
            let cells_of = &scope.equation.as_ref()?.terms;
            let has = |cell: Cell| cells_of.iter().any(|(row, column, _)| (*row, *column) == cell);
            let is_whole = blanks.iter().all(|blank| !has(cells[*blank]));
            has(cells[wrong]).then_some((at, is_whole))
        });
        let touched: Vec<(usize, bool)> = touched.collect();
        let failed: BTreeSet<usize> = printed.failed().into_iter().collect();
        for (at, is_whole) in &touched {
            prop_assert!(!is_whole || failed.contains(at));
        }
        prop_assert!(failed.iter().all(|at| touched.iter().any(|(of, _)| of == at)));
        if let [line] = locate(made.form, made.table, &printed.numbers).as_slice()
            && let [only] = line.explanations.as_slice()
            && only.kind == SuggestionKind::Slip
            && touched.iter().all(|(_, is_whole)| *is_whole)
        {
            prop_assert_eq!(&only.changes, &BTreeMap::from([(cells[wrong], made.value(cells[wrong]))]));
        }
    }
}

#[test]
fn blanks_whose_bounds_fall_short_are_a_contradiction() {
    let config = config();
    let zeros = (vec![vec![0; APPLICANTS]; 21], vec![0; APPLICANTS], vec![0; APPLICANTS]);
    let mut made = Made::new(config, "2021", &zeros);
    let of = made.of();
    let row = |code: &str| of.row(code).expect("row");
    for code in ["new_received", "outcome_total"] {
        for (column, value) in [(0, 2), (1, 2), (2, 1), (APPLICANTS, 5)] {
            made.set((row(code), column), value);
        }
    }
    // The first row lacks five; its blanks stand in columns of two and two.
    made.set((row("granted"), APPLICANTS), 5);
    let blanks = [("granted", 0), ("granted", 1), ("partially_granted", 2), ("partially_granted", APPLICANTS)];
    for (code, column) in blanks {
        made.numbers.set(row(code), column, Number::Blank);
    }
    assert!(made.failed().is_empty());
    assert!(made.numbers.contradiction(made.form, made.table).is_some());
    // One more place is enough.
    made.numbers.set(row("granted"), 2, Number::Blank);
    assert_eq!(made.numbers.contradiction(made.form, made.table), None);
}

#[test]
fn blanks_that_share_too_little_are_a_contradiction() {
    let config = config();
    let zeros = (vec![vec![0; APPLICANTS]; 21], vec![0; APPLICANTS], vec![0; APPLICANTS]);
    let mut made = Made::new(config, "2021", &zeros);
    let of = made.of();
    let row = |code: &str| of.row(code).expect("row");
    // Two rows need six, in columns that have five; the one left over is free in a third row and a third column.
    for code in ["new_received", "outcome_total"] {
        for (column, value) in [(0, 3), (1, 2), (2, 1), (APPLICANTS, 6)] {
            made.set((row(code), column), value);
        }
    }
    for (code, need) in [("granted", 3), ("partially_granted", 3)] {
        made.set((row(code), APPLICANTS), need);
        for column in 0..2 {
            made.numbers.set(row(code), column, Number::Blank);
        }
    }
    let free = row("denied_state_secret");
    for column in [0, 1, 2, APPLICANTS] {
        made.numbers.set(free, column, Number::Blank);
    }
    assert!(made.failed().is_empty());
    assert!(made.numbers.contradiction(made.form, made.table).is_some());
    // With another place in the third column they fit.
    made.numbers.set(row("granted"), 2, Number::Blank);
    assert_eq!(made.numbers.contradiction(made.form, made.table), None);
}

#[test]
fn totals_left_at_zero_outrank_a_slip() {
    let config = config();
    let form = &config.forms.forms[config.forms.by_id("2021").expect("form")];
    let table = form.table("reviews").expect("table");
    let of = &form.tables[table];
    let row = of.value_rows[0];
    let mut numbers = Numbers::of(of, &[]);
    // The figures of a real filing: parts of 11 and 5 beside totals of 0.
    for (column, value) in [8, 1, 2, 0, 0, 3, 1, 1, 0, 0, 0, 0, 0, 0, 0].into_iter().enumerate() {
        numbers.set(row, column, Number::Known(value));
    }
    let located = locate(form, table, &numbers);
    let found: Vec<_> = located.iter().map(|located| &located.explanations).collect();
    let zero_total = |column: usize, value: i64| Explanation {
        kind: SuggestionKind::ZeroTotal,
        changes: BTreeMap::from([((row, column), value)]),
    };
    assert_eq!(found, [&vec![zero_total(4, 11)], &vec![zero_total(9, 5)]]);
    // A wrong total that is no zero may be any of the five cells.
    numbers.set(row, 4, Number::Known(10));
    let located = locate(form, table, &numbers);
    assert_eq!(located[0].explanations.len(), 4);
    assert!(located[0].explanations.iter().all(|of| of.kind == SuggestionKind::Slip));
}

#[test]
fn channels_that_fail_together_may_be_one_row_beside_its_cells() {
    let config = config();
    let form = &config.forms.forms[config.forms.by_id("2021").expect("form")];
    let table = form.table("reviews").expect("table");
    let of = &form.tables[table];
    let mut numbers = Numbers::of(of, &[]);
    for (column, value) in [0, 3, 0, 0, 0, 3, 0, 0, 0, 0, 0, 2, 2, 0, 0].into_iter().enumerate() {
        numbers.set(of.value_rows[0], column, Number::Known(value));
    }
    let located = locate(form, table, &numbers);
    assert_eq!(located.len(), 3);
    // 3 0 0 0 3 | 0 0 0 0 0 | 2 2 0 0 0 does not add up, so each channel is explained by itself.
    assert!(located.iter().all(|of| of.explanations.iter().all(|of| of.kind != SuggestionKind::ShiftedRow)));
    for (column, value) in [0, 3, 0, 0, 0, 3, 2, 0, 0, 0, 2, 0, 0, 0, 0].into_iter().enumerate() {
        numbers.set(of.value_rows[0], column, Number::Known(value));
    }
    // 3 0 0 0 3 | 2 0 0 0 2 | 0 0 0 0 0, shifted by one: every failing channel has that explanation too.
    let located = locate(form, table, &numbers);
    assert!(located.len() > 1);
    for part in &located {
        assert!(part.explanations.iter().any(|of| of.kind == SuggestionKind::ShiftedRow), "{part:?}");
        assert!(part.explanations.len() > 1, "{part:?}");
    }
}

#[test]
fn a_row_beside_its_cells_is_told() {
    let config = config();
    let mut outcomes = vec![vec![0; APPLICANTS]; 21];
    outcomes[0] = vec![7, 3, 2, 0, 0, 0];
    outcomes[5] = vec![4, 0, 0, 5, 0, 1];
    let made = Made::new(config, "2021", &(outcomes, vec![0; APPLICANTS], vec![1; APPLICANTS]));
    let row = made.of().value_rows[2];
    assert_eq!(made.value((row, 0)), 7);
    let mut printed = made.clone();
    let values: Vec<i64> = (0..=APPLICANTS).map(|column| made.value((row, column))).collect();
    // The total ran out of the row, and what stands in front is nothing.
    for (column, value) in std::iter::once(0).chain(values.iter().copied()).take(APPLICANTS + 1).enumerate() {
        printed.set((row, column), value);
    }
    assert!(!printed.failed().is_empty());
    // It was not nothing that was shifted out, so nothing is suggested.
    assert!(printed.explanations().iter().all(|of| of.kind != SuggestionKind::ShiftedRow));
    // Shifted to the left, over an empty first cell.
    outcomes = vec![vec![0; APPLICANTS]; 21];
    outcomes[0] = vec![0, 7, 3, 2, 0, 9];
    let made = Made::new(config, "2021", &(outcomes, vec![0; APPLICANTS], vec![1; APPLICANTS]));
    let mut printed = made.clone();
    let values: Vec<i64> = (1..=APPLICANTS).map(|column| made.value((row, column))).chain([0]).collect();
    for (column, value) in values.into_iter().enumerate() {
        printed.set((row, column), value);
    }
    let found = printed.explanations();
    assert_eq!(found.iter().map(|of| of.kind).collect::<Vec<_>>(), [SuggestionKind::ShiftedRow]);
    assert_eq!(found[0].changes[&(row, 1)], 7);
}
