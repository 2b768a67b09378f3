//! Indicators over the years: quartiles over the accepted reports of each year, and how many there are.

use std::collections::BTreeMap;
use std::path::Path;

use super::PageError;
use super::read::{Table, value};

/// The values of an indicator in a year: quartiles, interpolated between neighbours as most tools do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quartiles {
    /// Reports with a value.
    pub(super) n: u64,
    /// A quarter of them lies below.
    pub(super) low: f64,
    /// The median.
    pub(super) middle: f64,
    /// A quarter of them lies above.
    pub(super) high: f64,
}

/// Quartiles by year, for each of the indicators asked for.
pub(super) type Trends = Vec<BTreeMap<i32, Quartiles>>;

/// Reads the indicators. In memory are the values of one year at a time, as the table is in the order of years.
///
/// # Errors
/// When the table cannot be read, or is in another order.
pub(super) fn trends(folder: &Path, indicators: &[String]) -> Result<Trends, PageError> {
    let mut trends: Trends = vec![BTreeMap::new(); indicators.len()];
    let mut values: Vec<Vec<f64>> = vec![Vec::new(); indicators.len()];
    let mut current = None;
    let mut table = Table::open(folder, "indicators", &["year", "indicator", "value"])?;
    while let Some(batch) = table.next()? {
        let (years, codes, numbers) = (batch.integers("year")?, batch.texts("indicator")?, batch.numbers("value")?);
        for row in 0..batch.n_rows() {
            let year = years.value(row);
            if current != Some(year) {
                end_year(current, &mut values, &mut trends);
                if trends.iter().any(|trend| trend.contains_key(&year)) {
                    return Err(PageError::Order { table: "indicators" });
                }
                current = Some(year);
            }
            let at = indicators.iter().position(|code| code == codes.value(row));
            if let (Some(at), Some(value)) = (at, value(numbers, row)) {
                values[at].push(value);
            }
        }
    }
    end_year(current, &mut values, &mut trends);
    Ok(trends)
}

fn end_year(year: Option<i32>, values: &mut [Vec<f64>], trends: &mut Trends) {
    let Some(year) = year else { return };
    for (values, trend) in values.iter_mut().zip(trends) {
        trend.extend(quartiles(values).map(|quartiles| (year, quartiles)));
        values.clear();
    }
}

fn quartiles(values: &mut [f64]) -> Option<Quartiles> {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let at = |quarter: usize| {
        let (below, rest) = (last * quarter / 4, last * quarter % 4);
        let next = values[(below + 1).min(last)];
        let quarters = [0.0, 0.25, 0.5, 0.75];
        values[below] + (next - values[below]) * quarters[rest]
    };
    Some(Quartiles { n: values.len() as u64, low: at(1), middle: at(2), high: at(3) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_those_of_most_tools() {
        let of = |values: &[f64]| {
            let found = quartiles(&mut values.to_vec()).expect("values");
            (found.n, found.low, found.middle, found.high)
        };
        assert_eq!(of(&[0.5]), (1, 0.5, 0.5, 0.5));
        assert_eq!(of(&[4.0, 1.0, 2.0, 3.0]), (4, 1.75, 2.5, 3.25));
        assert_eq!(of(&[0.0, 1.0, 2.0, 3.0, 10.0]), (5, 1.0, 2.0, 3.0));
        assert!(quartiles(&mut []).is_none());
    }
}
