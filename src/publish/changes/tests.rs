//! Walks over tables whose reports come, go, change and move.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use arrow::array::{ArrayRef, RecordBatch, StringArray, new_null_array};
use proptest::prelude::*;

use super::super::schema::SECTIONS;
use super::*;

/// Reports in their order, each with the texts of its rows.
type Reports = Vec<(u8, Vec<u8>)>;

/// A table of sections that holds these reports, and nothing else.
fn snapshot(reports: &Reports) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join(SECTIONS.parquet_path());
    fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
    let rows: Vec<(String, String)> = reports
        .iter()
        .flat_map(|(report, rows)| rows.iter().map(move |text| (format!("r{report}"), format!("t{text}"))))
        .collect();
    let schema = SECTIONS.arrow();
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.name().as_str() {
            "report_id" => Arc::new(StringArray::from_iter_values(rows.iter().map(|(report, _)| report))),
            "text" => Arc::new(StringArray::from_iter_values(rows.iter().map(|(_, text)| text))),
            _ => new_null_array(field.data_type(), rows.len()),
        }
    });
    let fields: Vec<_> = schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect();
    let schema = Arc::new(arrow::datatypes::Schema::new(fields));
    let batch = RecordBatch::try_new(schema.clone(), columns.collect()).expect("batch");
    let mut writer = ArrowWriter::try_new(File::create(path).expect("file"), schema, None).expect("writer");
    writer.write(&batch).expect("write");
    writer.close().expect("close");
    folder
}

fn reports() -> impl Strategy<Value = Reports> {
    let rows = prop::collection::vec(0..3_u8, 1..30);
    prop::collection::btree_map(0..40_u8, rows, 0..30).prop_map(|reports| reports.into_iter().collect())
}

/// What becomes of a report in the other snapshot.
fn edited(reports: Reports, edits: &[u8], moved: &[prop::sample::Index]) -> Reports {
    let edit = |((report, mut rows), edit): ((u8, Vec<u8>), &u8)| match edit {
        0 => None,
        1 => {
            *rows.last_mut().expect("a row") += 1;
            Some((report, rows))
        }
        2 => {
            rows.push(7);
            Some((report, rows))
        }
        3 => Some((report + 100, rows)),
        _ => Some((report, rows)),
    };
    let mut reports: Reports = reports.into_iter().zip(edits).filter_map(edit).collect();
    for pair in moved.chunks_exact(2).filter(|_| !reports.is_empty()).collect::<Vec<_>>() {
        let (one, other) = (pair[0].index(reports.len()), pair[1].index(reports.len()));
        reports.swap(one, other);
    }
    reports
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_differs_is_told_and_nothing_else(
        before in reports(),
        edits in prop::collection::vec(0..60_u8, 30),
        moved in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let after = edited(before.clone(), &edits, &moved);
        let (old, new) = (snapshot(&before), snapshot(&after));
        let mut told = BTreeSet::new();
        compare(old.path(), new.path(), &mut |change| {
            assert_eq!(change.table, SECTIONS.name);
            told.insert(change.key.split(['|', '#']).next().unwrap_or_default().to_owned());
            Ok(())
        })
        .expect("both can be read");
        let (before, after): (BTreeMap<_, _>, BTreeMap<_, _>) = (before.into_iter().collect(), after.into_iter().collect());
        let differ = before.keys().chain(after.keys()).filter(|report| before.get(report) != after.get(report));
        let differ: BTreeSet<String> = differ.map(|report| format!("r{report}")).collect();
        prop_assert_eq!(told, differ);
    }

    #[test]
    fn who_stops_listening_ends_the_walk(before in reports(), n in 0..20_usize) {
        let (old, new) = (snapshot(&before), snapshot(&Reports::new()));
        let mut heard = 0;
        let n_rows: usize = before.iter().map(|(_, rows)| rows.len()).sum();
        let result = compare(old.path(), new.path(), &mut |_| {
            if heard == n {
                return Err(PublishError::NoSnapshot { id: "enough".into() });
            }
            heard += 1;
            Ok(())
        });
        prop_assert_eq!(result.is_err(), n_rows > n);
    }
}
