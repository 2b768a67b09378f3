//! A made filing that is valid by every rule: who, when, and a figure for each cell of its form.

use std::collections::BTreeMap;

use gongkai::config::Config;
use gongkai::form::{FormTable, Shape, ValueType};

use super::dice::Dice;

/// Table (0 to 2), row, column: indices into the form that the table follows.
pub(crate) type Key = (usize, usize, usize);

/// What a cell shows of its figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Number,
    Blank,
    Dash,
    /// An amount without a unit: which figure it is cannot be told.
    NoUnit,
}

/// The figure of a cell and how it is printed.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) number: f64,
    pub(crate) print: String,
    pub(crate) mark: Mark,
}

impl Figure {
    fn new(print: String) -> Self {
        let number = print.trim_start_matches('+').parse().expect("a printed number");
        Self { number, print, mark: Mark::Number }
    }
}

/// Which forms the tables of a report follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generation {
    Form2021,
    Form2019,
    Form2019Procurement,
    /// Table 1 of 2021 above the other two of 2019.
    Hybrid,
}

impl Generation {
    pub(crate) const ALL: [Self; 4] = [Self::Form2021, Self::Form2019, Self::Form2019Procurement, Self::Hybrid];

    fn forms(self) -> [&'static str; 3] {
        match self {
            Self::Form2021 => ["2021"; 3],
            Self::Form2019 | Self::Form2019Procurement => ["2019"; 3],
            Self::Hybrid => ["2021", "2019", "2019"],
        }
    }
}

/// How large the figures are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// As it falls: most filings are mostly zeros, some are not.
    Any,
    /// Many figures of five and more digits.
    Large,
}

/// A filing.
#[derive(Clone, Debug)]
pub(crate) struct Filing {
    pub(crate) agency: String,
    pub(crate) year: i32,
    pub(crate) generation: Generation,
    /// Index of the form of each table.
    pub(crate) forms: [usize; 3],
    /// The header of the amount of procurement names the unit.
    pub(crate) has_money_header: bool,
    pub(crate) figures: BTreeMap<Key, Figure>,
}

const TABLES: [&str; 3] = ["disclosures", "applications", "reviews"];

impl Filing {
    /// A filing of a generation, drawn from a seed.
    pub(crate) fn new(generation: Generation, scale: Scale, config: &Config, dice: &mut Dice) -> Self {
        let forms = generation.forms().map(|id| config.forms.by_id(id).expect("form"));
        let (zeros, size) = match scale {
            Scale::Any => (dice.pick(&[100, 85, 40, 5]), dice.pick(&[3, 40, 5000, 120_000])),
            Scale::Large => (30, 9_000_000),
        };
        let mut filing = Self {
            agency: format!(
                "虚构省样例市第{}区{}",
                dice.pick(&["一", "二", "三", "四", "五"]),
                dice.pick(&["财政局", "教育局", "水务局", "审计局", "统计局"])
            ),
            year: 2019 + i32::try_from(dice.roll(7)).expect("small"),
            generation,
            forms,
            has_money_header: dice.percent(40),
            figures: BTreeMap::new(),
        };
        for at in 0..3 {
            let table = filing.table(at, config);
            let figures = match table.shape {
                Shape::Matrix => matrix(table, zeros, size, dice),
                Shape::Channels => channels(table, zeros, size, dice),
                _ => filing.blocks(table, zeros, size, dice),
            };
            filing.figures.extend(figures.into_iter().map(|((row, column), figure)| ((at, row, column), figure)));
        }
        filing
    }

    /// The table that a number from 0 to 2 stands for.
    pub(crate) fn table<'c>(&self, at: usize, config: &'c Config) -> &'c FormTable {
        let form = &config.forms.forms[self.forms[at]];
        &form.tables[form.table(TABLES[at]).expect("every form has the three tables")]
    }

    /// Whether a block of table 1 is printed.
    pub(crate) fn has_block(&self, table: &FormTable, block: usize) -> bool {
        !table.blocks[block].optional || self.generation == Generation::Form2019Procurement
    }

    /// The name of a cell: table, row, column.
    pub(crate) fn name(&self, (at, row, column): Key, config: &Config) -> String {
        let table = self.table(at, config);
        format!("{}.{}.{}", table.code, table.rows[row].code, table.columns[column].code)
    }

    fn blocks(&self, table: &FormTable, zeros: u64, size: u64, dice: &mut Dice) -> BTreeMap<(usize, usize), Figure> {
        let mut figures = BTreeMap::new();
        for (_, block) in table.blocks.iter().enumerate().filter(|(at, _)| self.has_block(table, *at)) {
            for row in block.rows.clone() {
                for column in block.columns.clone() {
                    let figure = match table.columns[column].value_type {
                        ValueType::SignedCount => match dice.roll(4) {
                            0 => Figure::new(format!("+{}", 1 + dice.roll(99))),
                            1 => Figure::new(format!("-{}", 1 + dice.roll(99))),
                            2 => Figure::new((1 + dice.roll(20)).to_string()),
                            _ => Figure::new("0".to_owned()),
                        },
                        ValueType::Decimal => match dice.roll(3) {
                            0 => Figure::new(count(zeros, size, dice).to_string()),
                            1 => Figure::new("0".to_owned()),
                            _ => Figure::new(decimal(dice)),
                        },
                        ValueType::Money => self.money(dice),
                        _ => Figure::new(count(zeros, size, dice).to_string()),
                    };
                    figures.insert((row, column), figure);
                }
            }
        }
        figures
    }

    /// An amount, in 万元 in the end.
    fn money(&self, dice: &mut Dice) -> Figure {
        let print = decimal(dice);
        if self.has_money_header {
            return Figure::new(print);
        }
        match dice.roll(4) {
            0 => Figure { mark: Mark::NoUnit, ..Figure::new(print) },
            1 => {
                let yuan = 1 + dice.roll(9_999_999);
                let number = format!("{yuan}e-4").parse().expect("a number");
                Figure { number, print: format!("{yuan}元"), mark: Mark::Number }
            }
            _ => Figure { print: format!("{print}万元"), ..Figure::new(print) },
        }
    }
}

fn count(zeros: u64, size: u64, dice: &mut Dice) -> u64 {
    if dice.percent(zeros) { 0 } else { dice.roll(size) }
}

fn decimal(dice: &mut Dice) -> String {
    let digits = dice.pick(&[1, 2, 4]);
    let fraction: String =
        (0..digits).map(|_| char::from(b'1' + u8::try_from(dice.roll(9)).expect("a digit"))).collect();
    format!("{}.{fraction}", dice.roll(9999))
}

fn matrix(table: &FormTable, zeros: u64, size: u64, dice: &mut Dice) -> BTreeMap<(usize, usize), Figure> {
    let row = |code: &str| table.row(code).expect("row");
    let last = table.columns.len() - 1;
    let mut numbers: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for column in 0..last {
        let mut total = 0;
        for leaf in table.value_rows.iter().filter(|row| table.rows[**row].outcome_group.is_some()) {
            let number = count(zeros, size, dice);
            numbers.insert((*leaf, column), number);
            total += number;
        }
        let forward = count(zeros, size, dice);
        let carried = if dice.percent(zeros) { 0 } else { dice.roll(total + forward + 1) };
        numbers.insert((row("outcome_total"), column), total);
        numbers.insert((row("carried_forward"), column), forward);
        numbers.insert((row("carried_in"), column), carried);
        numbers.insert((row("new_received"), column), total + forward - carried);
    }
    for row in &table.value_rows {
        let total = (0..last).map(|column| numbers[&(*row, column)]).sum();
        numbers.insert((*row, last), total);
    }
    numbers.into_iter().map(|(key, number)| (key, Figure::new(number.to_string()))).collect()
}

fn channels(table: &FormTable, zeros: u64, size: u64, dice: &mut Dice) -> BTreeMap<(usize, usize), Figure> {
    let mut figures = BTreeMap::new();
    let mut total = 0;
    for (column, of) in table.columns.iter().enumerate() {
        let number = if of.result.as_deref() == Some("total") {
            std::mem::take(&mut total)
        } else {
            let number = count(zeros, size.min(500), dice);
            total += number;
            number
        };
        figures.insert((table.value_rows[0], column), Figure::new(number.to_string()));
    }
    figures
}
