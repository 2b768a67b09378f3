//! Writes one table as Parquet and CSV, row group by row group.
//!
//! Columns are encoded in parallel and appended in order by one thread, so the bytes do not depend on
//! the number of threads.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;

use super::PublishError;
use super::csv::to_csv;
use super::schema::{SCHEMA_VERSION, Table};
use crate::config::Publish;
use crate::disk::File;

/// Buffer of a file being written.
const BUFFER_BYTES: usize = 256 << 10;

/// Rows ready to be written, in both forms.
pub(super) struct Batch {
    rows: RecordBatch,
    /// Empty for a table without CSV.
    csv: Vec<u8>,
}

impl Batch {
    /// Prints the rows as CSV too, where their table has one.
    pub(super) fn new(table: &Table, rows: RecordBatch) -> Self {
        let csv = if table.csv_folder.is_some() { to_csv(&rows) } else { Vec::new() };
        Self { rows, csv }
    }
}

/// A table being written.
pub(super) struct TableWriter {
    pub(super) table: Table,
    schema: SchemaRef,
    parquet_path: PathBuf,
    parquet: SerializedFileWriter<BufWriter<File>>,
    factory: ArrowRowGroupWriterFactory,
    columns: Vec<ArrowColumnWriter>,
    csv: Option<(PathBuf, BufWriter<File>)>,
    rows_in_group: usize,
    row_group_rows: usize,
    n_groups: usize,
    pub(super) n_rows: usize,
}

impl TableWriter {
    /// Opens the files of a table in the folder of a snapshot.
    pub(super) fn create(
        folder: &Path,
        table: Table,
        settings: &Publish,
        metadata: &[(String, String)],
    ) -> Result<Self, PublishError> {
        let parquet_path = folder.join(table.folder).join(format!("{}.parquet", table.name));
        let parquet_error =
            |source: ParquetError| PublishError::Parquet { path: parquet_path.clone(), source: Box::new(source) };
        let schema = table.arrow();
        let level = ZstdLevel::try_new(settings.zstd_level).map_err(parquet_error)?;
        let key_values = metadata
            .iter()
            .cloned()
            .chain([
                ("gongkai.table".to_owned(), table.name.to_owned()),
                ("gongkai.schema_version".to_owned(), SCHEMA_VERSION.to_owned()),
                ("gongkai.title_zh".to_owned(), table.title[0].to_owned()),
                ("gongkai.title_en".to_owned(), table.title[1].to_owned()),
            ])
            .map(|(key, value)| KeyValue::new(key, value));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_statistics_enabled(EnabledStatistics::Page)
            .set_dictionary_enabled(true)
            // The version of a library is no part of the data.
            .set_created_by("gongkai".to_owned())
            .set_key_value_metadata(Some(key_values.collect()))
            .build();
        let parquet_schema = ArrowSchemaConverter::new().convert(&schema).map_err(parquet_error)?;
        let open = |path: &Path| -> Result<BufWriter<File>, PublishError> {
            let file = File::create(path).map_err(|source| PublishError::io("make", path, source))?;
            Ok(BufWriter::with_capacity(BUFFER_BYTES, file))
        };
        let parquet =
            SerializedFileWriter::new(open(&parquet_path)?, parquet_schema.root_schema_ptr(), Arc::new(properties))
                .map_err(parquet_error)?;
        let factory = ArrowRowGroupWriterFactory::new(&parquet, Arc::clone(&schema));
        let columns = factory.create_column_writers(0).map_err(parquet_error)?;
        let csv = match table.csv_folder {
            None => None,
            Some(csv_folder) => {
                let path = folder.join(csv_folder).join(format!("{}.csv", table.name));
                let mut file = open(&path)?;
                super::csv::write_header(&mut file, &table)
                    .map_err(|source| PublishError::io("write", &path, source))?;
                Some((path, file))
            }
        };
        Ok(Self {
            table,
            schema,
            parquet_path,
            parquet,
            factory,
            columns,
            csv,
            rows_in_group: 0,
            row_group_rows: settings.row_group_rows,
            n_groups: 0,
            n_rows: 0,
        })
    }

    /// Appends batches to several tables at once: every column of every table is a task of its own.
    pub(super) fn write_all(writers: &mut [Self], batches: &[Vec<Batch>]) -> Result<(), PublishError> {
        enum Task<'a> {
            Column {
                writer: &'a mut ArrowColumnWriter,
                at: usize,
                schema: &'a SchemaRef,
                path: &'a Path,
                batches: &'a [Batch],
            },
            Csv {
                path: &'a Path,
                file: &'a mut BufWriter<File>,
                batches: &'a [Batch],
            },
        }
        let mut tasks: Vec<Task<'_>> = Vec::new();
        for (writer, batches) in writers.iter_mut().zip(batches) {
            let Self { columns, schema, parquet_path, csv, .. } = writer;
            if let Some((path, file)) = csv {
                tasks.push(Task::Csv { path, file, batches });
            }
            let columns = columns.iter_mut().enumerate();
            tasks.extend(columns.map(|(at, writer)| Task::Column { writer, at, schema, path: parquet_path, batches }));
        }
        tasks.into_par_iter().with_max_len(1).try_for_each(|task| match task {
            Task::Column { writer, at, schema, path, batches } => {
                let parquet_error =
                    |source: ParquetError| PublishError::Parquet { path: path.to_owned(), source: Box::new(source) };
                for batch in batches {
                    for leaf in compute_leaves(schema.field(at), batch.rows.column(at)).map_err(parquet_error)? {
                        writer.write(&leaf).map_err(parquet_error)?;
                    }
                }
                Ok(())
            }
            Task::Csv { path, file, batches } => batches.iter().try_for_each(|batch| {
                file.write_all(&batch.csv).map_err(|source| PublishError::io("write", path, source))
            }),
        })?;
        for (writer, batches) in writers.iter_mut().zip(batches) {
            let n_rows: usize = batches.iter().map(|batch| batch.rows.num_rows()).sum();
            writer.n_rows += n_rows;
            writer.rows_in_group += n_rows;
            if writer.rows_in_group >= writer.row_group_rows {
                writer.end_group()?;
                writer.columns = writer.factory.create_column_writers(writer.n_groups).map_err(|source| {
                    PublishError::Parquet { path: writer.parquet_path.clone(), source: Box::new(source) }
                })?;
            }
        }
        Ok(())
    }

    fn end_group(&mut self) -> Result<(), PublishError> {
        let columns = std::mem::take(&mut self.columns);
        let write = || -> Result<(), ParquetError> {
            let chunks = columns.into_par_iter().map(ArrowColumnWriter::close).collect::<Vec<_>>();
            let mut group = self.parquet.next_row_group()?;
            for chunk in chunks {
                chunk?.append_to_row_group(&mut group)?;
            }
            group.close()?;
            Ok(())
        };
        write()
            .map_err(|source| PublishError::Parquet { path: self.parquet_path.clone(), source: Box::new(source) })?;
        self.rows_in_group = 0;
        self.n_groups += 1;
        Ok(())
    }

    /// Closes the files and syncs them; gives their paths and the number of rows.
    pub(super) fn finish(mut self) -> Result<(PathBuf, usize), PublishError> {
        if self.rows_in_group > 0 {
            self.end_group()?;
        }
        let path = self.parquet_path.clone();
        let file = self
            .parquet
            .into_inner()
            .map_err(|source| PublishError::Parquet { path: path.clone(), source: Box::new(source) })?;
        sync(file, &path)?;
        if let Some((path, file)) = self.csv {
            sync(file, &path)?;
        }
        Ok((self.parquet_path, self.n_rows))
    }
}

fn sync(file: BufWriter<File>, path: &Path) -> Result<(), PublishError> {
    let file = file.into_inner().map_err(|error| PublishError::io("write", path, error.into_error()))?;
    file.sync_all().map_err(|source| PublishError::io("sync", path, source))
}
