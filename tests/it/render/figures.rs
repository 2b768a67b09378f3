//! Oddities of figures: blanks, marks, digits, units.

use gongkai::form::ValueType;

use super::filing::{Key, Mark};
use super::oddity::Oddity;
use super::{Class, Work};

pub(super) fn apply(oddity: Oddity, work: &mut Work<'_>) {
    match oddity {
        Oddity::BlankCells => {
            let zeros = keys(work, |work, key| work.truth.filing.figures[&key].print == "0");
            let n = 1 + work.dice.index(12);
            blank(oddity, work, some(zeros, n), "", Mark::Blank);
        }
        Oddity::Dashes => {
            let zeros = keys(work, |work, key| work.truth.filing.figures[&key].print == "0");
            let n = 1 + work.dice.index(12);
            let mark = work.dice.pick(&["/", "-", "—", "——", "无", "×", "－"]);
            blank(oddity, work, some(zeros, n), mark, Mark::Dash);
        }
        Oddity::BlankOrganisations => {
            let zeros = keys(work, |work, (table, row, column)| {
                let is_zero = |column| work.truth.filing.figures[&(table, row, column)].print == "0";
                table == 1 && (1..6).contains(&column) && (1..6).all(is_zero)
            });
            blank(oddity, work, |_| zeros, "", Mark::Blank);
        }
        Oddity::BlankTotals => {
            let totals = keys(work, |work, (table, row, column)| {
                let of = work.truth.filing.table(1, work.config);
                table == 1 && column == 6 && of.rows[row].outcome_group.is_some()
            });
            blank(oddity, work, |_| totals, "", Mark::Blank);
        }
        Oddity::BlankChannel => {
            for (key, figure) in &mut work.truth.filing.figures {
                if key.0 == 2 && key.2 >= 10 {
                    (figure.number, figure.print) = (0.0, "0".to_owned());
                }
            }
            let cells = keys(work, |_, key| key.0 == 2 && key.2 >= 10);
            blank(oddity, work, |_| cells, "", Mark::Blank);
        }
        Oddity::SpacedFigures => {
            let spaces = ["\u{3000}", "\u{3000}\u{3000}", "\u{a0}", " ", "  "];
            let (before, after) = (work.dice.pick(&spaces), work.dice.pick(&["", "", "\u{a0}", " ", "\u{3000}"]));
            reprint(oddity, work, Class::Sound, |_, print| Some(format!("{before}{print}{after}")));
        }
        Oddity::FullWidthDigits => {
            let wide = |c: char| match c {
                '0'..='9' | '.' | '+' => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
                c => c,
            };
            reprint(oddity, work, Class::Sound, |_, print| Some(print.chars().map(wide).collect()));
        }
        Oddity::Thousands => {
            let mark = work.dice.pick(&[',', ',', '，']);
            reprint(oddity, work, Class::Sound, |_, print| Some(separated(print, mark)));
        }
        Oddity::UnitsInCells => {
            let unit = work.dice.pick(&["件", " 件"]);
            let keeps_all = work.dice.percent(50);
            let counts = keys(work, |work, (table, _, column)| {
                work.truth.filing.table(table, work.config).columns[column].value_type == ValueType::Count
            });
            let mut odd = false;
            reprint(oddity, work, Class::Sound, |key, print| {
                odd = !odd;
                (counts.contains(&key) && (keeps_all || odd)).then(|| format!("{print}{unit}"))
            });
        }
        Oddity::Letters => {
            let n = 1 + work.dice.index(3);
            let chosen =
                some(keys(work, |work, key| work.truth.filing.figures[&key].print.contains(['0', '1'])), n)(work);
            let (zero, one) = work.dice.pick(&[("O", "l"), ("o", "I")]);
            reprint(oddity, work, Class::Ambiguous, |key, print| {
                chosen.contains(&key).then(|| print.replace('0', zero).replace('1', one))
            });
        }
        Oddity::CellNote => {
            let chosen =
                some(keys(work, |work, key| key.0 < 2 && work.truth.filing.figures[&key].print != "0"), 1)(work);
            let note = work.dice.pick(&["（其中修订 16 件）", "（3）", " (2)", "（含自然失效29件）"]);
            work.truth.lost.extend(&chosen);
            reprint(oddity, work, Class::Ambiguous, |key, print| {
                chosen.contains(&key).then(|| format!("{print}{note}"))
            });
        }
        Oddity::FigureTorn => {
            let is_long = |work: &Work<'_>, key| {
                let print = &work.truth.filing.figures[&key].print;
                print.len() > 1 && print.bytes().all(|byte| byte.is_ascii_digit())
            };
            let chosen = some(keys(work, is_long), 1)(work);
            reprint(oddity, work, Class::Ambiguous, |key, print| {
                chosen.contains(&key).then(|| format!("{}\n{}", &print[..1], &print[1..]))
            });
        }
        Oddity::DigitChanged => {
            let chosen = some(keys(work, |_, key| key.0 > 0), 1)(work);
            let (at, by) = (work.dice.index(20), work.dice.index(9));
            reprint(oddity, work, Class::Damaged, |key, print| chosen.contains(&key).then(|| changed(print, at, by)));
            work.truth.is_void |= work.applied.contains(&oddity);
        }
        Oddity::TotalZero => {
            let totals = keys(work, |work, key| {
                let of = &work.truth.filing.table(key.0, work.config).columns[key.2];
                key.0 == 2 && of.result.as_deref() == Some("total") && work.truth.filing.figures[&key].number != 0.0
            });
            reprint(oddity, work, Class::Damaged, |key, _| totals.contains(&key).then(|| "0".to_owned()));
            work.truth.is_void |= work.applied.contains(&oddity);
        }
        _ => {}
    }
}

fn keys(work: &Work<'_>, keep: impl Fn(&Work<'_>, Key) -> bool) -> Vec<Key> {
    work.truth.filing.figures.keys().copied().filter(|key| keep(work, *key)).collect()
}

/// So many of some cells, drawn.
fn some(from: Vec<Key>, n: usize) -> impl FnOnce(&mut Work<'_>) -> Vec<Key> {
    move |work| if from.is_empty() { from } else { (0..n).map(|_| work.dice.pick(&from)).collect() }
}

/// Prints a mark, or nothing, in the place of figures.
fn blank(oddity: Oddity, work: &mut Work<'_>, choose: impl FnOnce(&mut Work<'_>) -> Vec<Key>, print: &str, mark: Mark) {
    let chosen = choose(work);
    if chosen.is_empty() {
        return;
    }
    for key in &chosen {
        let figure = work.truth.filing.figures.get_mut(key).expect("a cell of the filing");
        (figure.print, figure.mark) = (print.to_owned(), mark);
    }
    let is_shown = mark == Mark::Dash || work.layout.keeps_blanks();
    let class = Class::sound_if(is_shown);
    work.note(oddity, class);
}

/// Prints figures otherwise.
fn reprint(oddity: Oddity, work: &mut Work<'_>, class: Class, mut print: impl FnMut(Key, &str) -> Option<String>) {
    let mut has_changed = false;
    for (key, figure) in work.truth.filing.figures.iter_mut().filter(|(_, figure)| figure.mark != Mark::Blank) {
        if figure.mark == Mark::Dash {
            continue;
        }
        if let Some(new) = print(*key, &figure.print) {
            has_changed |= new != figure.print;
            figure.print = new;
        }
    }
    if has_changed {
        work.note(oddity, class);
    }
}

fn separated(print: &str, mark: char) -> String {
    let start = print.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let n_digits = print[start..].bytes().take_while(u8::is_ascii_digit).count();
    let mut text = print[..start].to_owned();
    for (at, c) in print[start..start + n_digits].chars().enumerate() {
        if at > 0 && (n_digits - at).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(c);
    }
    text + &print[start + n_digits..]
}

/// Another digit in the place of one.
fn changed(print: &str, at: usize, by: usize) -> String {
    let digits: Vec<usize> =
        print.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()).map(|(at, _)| at).collect();
    let Some(place) = digits.get(at % digits.len().max(1)) else { return print.to_owned() };
    let old = usize::from(print.as_bytes()[*place] - b'0');
    let new = (old + 1 + by) % 10;
    // A leading zero would be another matter.
    let new = if new == 0 && *place == digits[0] && digits.len() > 1 { 1 + old % 9 } else { new };
    format!("{}{new}{}", &print[..*place], &print[place + 1..])
}
