//! Rows in another order than that of the form.
//!
//! Labels that come in pieces, late or early are told by the order of the rows; where that is broken, only
//! whole labels count: each run of numbers stands right behind the label of one row, printed to its end, and
//! each row of the form stands on the page once.

use super::rows::{Event, Explanation, RowLabels, is_row};

/// Finds the row of every run of numbers by the whole label before it; `None` when any of them has none, or
/// one that another row has or may have.
pub(in crate::extract) fn rows_in_any_order(events: &[Event<'_>], rows: &[RowLabels<'_>]) -> Option<Explanation> {
    let mut found = Explanation::default();
    let mut is_met = vec![false; rows.len()];
    let mut label = String::new();
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Word(_) if is_met.iter().all(|met| *met) => found.unexplained.push(at),
            Event::Word(word) => label.push_str(word),
            // Beside a heading they are padding; a row of blanks leaves its label to the next one, which it spoils.
            Event::Run { is_blank: true, .. } => found.rows.push(None),
            Event::Run { .. } if is_met.iter().all(|met| *met) => found.rows.push(None),
            Event::Run { .. } => {
                let mut fitting = (0..rows.len()).filter(|row| is_row(&label, &rows[*row]));
                let row = fitting.next().filter(|row| fitting.next().is_none() && !is_met[*row])?;
                is_met[row] = true;
                found.rows.push(Some(row));
                label.clear();
            }
        }
    }
    is_met.iter().all(|met| *met).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&[Option<usize>]>) {
        let keys = |label: &str| vec![label.to_owned()];
        let heading = keys("不予公开");
        let labels = [keys("予以公开"), keys("属于国家秘密"), keys("总计")];
        let headings = [vec![], vec![&heading[..]], vec![]];
        let rows: Vec<RowLabels<'_>> =
            labels.iter().zip(headings).map(|(keys, headings)| RowLabels { keys, headings }).collect();
        let events: Vec<Event<'_>> = text
            .split(' ')
            .map(|word| match word {
                "#" | "_" => Event::Run { is_blank: word == "_", is_beside: false },
                word => Event::Word(word),
            })
            .collect();
        let found = rows_in_any_order(&events, &rows);
        assert_eq!(found.map(|found| found.rows).as_deref(), expected, "{text}");
    }

    #[test]
    fn rows_in_another_order_keep_their_numbers() {
        check("总计 # 不予公开 属于国家 秘密 # 予以公开 #", Some(&[Some(2), Some(1), Some(0)]));
        check("总计 # 不予公开 _ 属于国家秘密 # 予以公开 # 附注", Some(&[Some(2), None, Some(1), Some(0)]));
    }

    #[test]
    fn anything_but_whole_labels_before_their_numbers_is_left_alone() {
        for text in [
            "# 总计 # 属于国家秘密 # 予以公开",
            "总计 # 属于国家秘密 予以公开 # #",
            "总计 # 属于国家秘密 # 予以 # 公开",
            "总计 # 属于国家秘密 _ 予以公开 #",
            "总计 # 属于国家秘密 # 总计 # 予以公开 #",
            "总计 # 予以公开 #",
            "总计 # 不予公开 予以公开 # 属于国家秘密 #",
        ] {
            check(text, None);
        }
    }
}
