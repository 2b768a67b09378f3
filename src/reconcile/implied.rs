//! What the rules say of cells in which nothing is printed.
//!
//! The result stands beside the cell, never in the place of what was printed.

use crate::form::Form;
use crate::form::check::Numbers;
use crate::model::report::{Cell, Implied};

/// Notes the implied number of every blank that the hard equations of a table fix.
///
/// `numbers` are those of `cells`; no hard rule of the table fails.
pub(super) fn fill(form: &Form, table: usize, numbers: &mut Numbers, cells: &mut [Cell]) {
    for filled in numbers.fill(form, table) {
        let place = (filled.row, filled.column);
        let cell = cells.iter_mut().find(|cell| (usize::from(cell.key.row), usize::from(cell.key.column)) == place);
        if let Some(cell) = cell {
            #[expect(clippy::cast_precision_loss, reason = "differences of numbers of 15 digits")]
            let value = filled.value as f64;
            cell.implied = Some(Implied { value, rule: u16::try_from(filled.rule).unwrap_or(u16::MAX) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::model::report::{CellKey, CellState, Origin};

    /// Fills one channel of table 3, blanks as `None`, and gives what is implied.
    fn implied(printed: [Option<i32>; 5]) -> [Option<f64>; 5] {
        let config = Config::embedded().expect("settings");
        let form = config.forms.by_id("2021").expect("form");
        let of = &config.forms.forms[form];
        let table = of.table("reviews").expect("table");
        let row = of.tables[table].value_rows[0];
        let mut cells: Vec<Cell> = (0..15_u16)
            .map(|column| {
                let value = if column < 5 { printed[usize::from(column)] } else { Some(0) };
                Cell {
                    key: CellKey {
                        form: u8::try_from(form).expect("few"),
                        table: u8::try_from(table).expect("few"),
                        row: u16::try_from(row).expect("few"),
                        column,
                    },
                    printed: None,
                    unit: None,
                    state: if value.is_some() { CellState::Number } else { CellState::Blank },
                    value: value.map(f64::from),
                    implied: None,
                    corrected: None,
                    flags: Vec::new(),
                    origin: Origin::default(),
                }
            })
            .collect();
        let mut known = Numbers::of(&of.tables[table], &cells);
        fill(of, table, &mut known, &mut cells);
        std::array::from_fn(|column| cells[column].implied.map(|implied| implied.value))
    }

    #[test]
    fn only_what_follows_is_implied() {
        assert_eq!(implied([None, None, None, None, Some(0)]), [Some(0.0), Some(0.0), Some(0.0), Some(0.0), None]);
        assert_eq!(implied([Some(2), None, Some(1), Some(0), Some(5)]), [None, Some(2.0), None, None, None]);
        assert_eq!(implied([Some(2), Some(1), Some(0), Some(0), None]), [None, None, None, None, Some(3.0)]);
        assert_eq!(implied([Some(2), None, Some(1), None, Some(5)]), [None; 5]);
        assert_eq!(implied([Some(2), None, Some(1), None, None]), [None; 5]);
        assert_eq!(implied([Some(2), None, Some(1), None, Some(3)]), [None, Some(0.0), None, Some(0.0), None]);
    }
}
