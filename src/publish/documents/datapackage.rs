//! `datapackage.json` (Data Package v2): every file and column for programs.

use serde_json::{Map, Value, json};

use super::super::facts::TableFacts;
use super::super::schema::{CHANGES, Column, ColumnType, Foreign, Key, SCHEMA_VERSION, Table};
use super::super::snapshot::{Edition, Summed};
use crate::config::{Codes, Config, CreatorKind};

/// Codes of a column are listed in the descriptor while they are so many; `codes.csv` has all.
const CATEGORIES: usize = 40;

/// The descriptor of an edition; `changes` is the table of changes with its rows.
pub(super) fn datapackage(edition: &Edition, facts: &[TableFacts], changes: (&Summed, u64), config: &Config) -> Value {
    let dataset = &config.dataset;
    let [title_zh, title_en] = dataset.title();
    let [description_zh, description_en] = dataset.description();
    let [source_zh, source_en] = dataset.source();
    let contributors = dataset.creators.iter().map(|creator| {
        let kind = match creator.kind {
            CreatorKind::Organization => "organization",
            CreatorKind::Person => "person",
        };
        json!({"title": creator.name, "roles": ["creator"], "kind": kind})
    });
    let mut resources = Vec::new();
    for facts in facts {
        let files = [Some((facts.table.parquet_path(), "")), facts.table.csv_path().map(|path| (path, CSV))];
        for (path, suffix) in files.into_iter().flatten() {
            if let Some(file) = edition.files.iter().find(|file| file.name == path) {
                resources.push(resource(facts.table, suffix, file, facts.rows, config));
            }
        }
    }
    if let Some(file) = edition.files.iter().find(|file| file.name == "codes.csv") {
        resources.push(codes_resource(file, &config.codes));
    }
    resources.push(resource(&CHANGES, "", changes.0, changes.1, config));
    let mut package = json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": dataset.name,
        "title": title_en,
        "title_zh": title_zh,
        "description": description_en,
        "description_zh": description_zh,
        "version": edition.id,
        "schema_version": SCHEMA_VERSION,
        "created": format!("{}T00:00:00Z", edition.day),
        "keywords": dataset.keywords,
        "licenses": [{"name": dataset.license.id, "title": dataset.license.title, "path": dataset.license.url}],
        "sources": [{"title": source_en, "title_zh": source_zh}],
        "contributors": contributors.collect::<Vec<_>>(),
        "resources": resources,
    });
    if !dataset.homepage.is_empty() {
        package["homepage"] = dataset.homepage.as_str().into();
    }
    package
}

/// What follows the name of a table in the name of its CSV resource.
const CSV: &str = "-csv";

fn resource(table: &Table, suffix: &str, file: &Summed, rows: u64, config: &Config) -> Value {
    let mut resource = json!({
        "name": format!("{}{suffix}", table.name),
        "path": file.name,
        "type": "table",
        "title": table.title[1],
        "title_zh": table.title[0],
        "description": table.about[1],
        "description_zh": table.about[0],
        "bytes": file.bytes,
        "hash": format!("sha256:{}", file.sha256),
        "rows": rows,
        "schema": schema(table, suffix, config),
    });
    if suffix == CSV {
        resource["format"] = "csv".into();
        resource["mediatype"] = "text/csv".into();
        resource["encoding"] = "utf-8".into();
    } else {
        resource["format"] = "parquet".into();
        resource["mediatype"] = "application/vnd.apache.parquet".into();
    }
    resource
}

fn schema(table: &Table, suffix: &str, config: &Config) -> Value {
    let fields: Vec<Value> =
        table.columns.iter().map(|column| field(column, table.key.columns().contains(&column.name), config)).collect();
    let mut schema = json!({"fields": fields, "missingValues": [""]});
    if let Key::Primary(key) = table.key {
        schema["primaryKey"] = json!(key);
    }
    let foreign: Vec<Value> = table.foreign.iter().filter_map(|foreign| reference(table, foreign, suffix)).collect();
    if !foreign.is_empty() {
        schema["foreignKeys"] = foreign.into();
    }
    schema
}

fn reference(table: &Table, foreign: &Foreign, suffix: &str) -> Option<Value> {
    // A column that may be null points to a row only where it is not, which a foreign key cannot say.
    let may_be_null = foreign.columns.iter().any(|name| table.column(name).is_some_and(|column| column.nullable()));
    let resource = format!("{}{suffix}", foreign.table);
    (!may_be_null)
        .then(|| json!({"fields": foreign.columns, "reference": {"resource": resource, "fields": foreign.to}}))
}

fn field(column: &Column, in_key: bool, config: &Config) -> Value {
    let kind = match column.column_type {
        ColumnType::Text => "string",
        ColumnType::Int64 | ColumnType::Int32 => "integer",
        ColumnType::Float64 => "number",
        ColumnType::Bool => "boolean",
        ColumnType::Date => "date",
    };
    let ([title_zh, title_en], [about_zh, about_en]) = (column.title(), column.about);
    let mut field = Map::new();
    let mut put = |key: &str, value: Value| drop(field.insert(key.to_owned(), value));
    put("name", column.name.into());
    put("type", kind.into());
    put("title", title_en.into());
    put("title_zh", title_zh.into());
    put("description", about_en.into());
    put("description_zh", about_zh.into());
    if let Some([zh, en]) = column.unit {
        put("unit", en.into());
        put("unit_zh", zh.into());
    }
    if let Some([zh, en]) = column.null.about() {
        put("missing_means", en.into());
        put("missing_means_zh", zh.into());
    } else if column.column_type != ColumnType::Text || column.codes.is_some() || in_key {
        // Other text may be empty, which CSV cannot tell from missing.
        put("constraints", json!({"required": true}));
    }
    if let Some(list) = column.codes {
        put("codes", list.into());
        let codes = config.codes.get(list).filter(|codes| codes.len() <= CATEGORIES && !column.joins_codes());
        if let Some(codes) = codes {
            let category =
                |(code, [zh, en]): (&String, &[String; 2])| json!({"value": code, "label": en, "label_zh": zh});
            put("categories", codes.iter().map(category).collect());
        }
    }
    field.into()
}

fn codes_resource(file: &Summed, codes: &Codes) -> Value {
    let rows: usize = codes.values().map(|codes| codes.len()).sum();
    let field = |name: &str| json!({"name": name, "type": "string", "constraints": {"required": true}});
    let fields = ["list", "code", "label_zh", "label_en"].map(field);
    json!({
        "name": "codes",
        "path": file.name,
        "type": "table",
        "title": "Codes with their labels",
        "title_zh": "代码表",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.bytes,
        "hash": format!("sha256:{}", file.sha256),
        "rows": rows,
        "schema": {"fields": fields, "primaryKey": ["list", "code"]},
    })
}
