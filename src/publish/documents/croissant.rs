//! `croissant.json` (Croissant 1.0): the files and columns for search engines and programs that learn.

use serde_json::{Value, json};

use super::super::facts::TableFacts;
use super::super::schema::{Column, ColumnType, Key, Table};
use super::super::snapshot::Edition;
use crate::config::{Config, CreatorKind};

/// What a descriptor describes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// An edition, which never changes once it is published: its files carry their checksums.
    Edition,
    /// Whatever is newest, served from one address: its files change, and carry none.
    Newest,
}

/// The descriptor of an edition, or of the newest edition whichever that is.
pub(super) fn croissant(subject: Subject, edition: &Edition, facts: &[TableFacts], config: &Config) -> Value {
    let dataset = &config.dataset;
    let creators = dataset.creators.iter().map(|creator| {
        let kind = match creator.kind {
            CreatorKind::Organization => "Organization",
            CreatorKind::Person => "Person",
        };
        json!({"@type": kind, "name": creator.name})
    });
    let files = facts.iter().filter_map(|facts| {
        let path = facts.table.parquet_path();
        let file = edition.files.iter().find(|file| file.name == path)?;
        let mut object = json!({
            "@type": "cr:FileObject",
            "@id": path,
            "name": format!("{}.parquet", facts.table.name),
            "description": facts.table.about[1],
            "contentUrl": path,
            "encodingFormat": "application/vnd.apache.parquet",
        });
        if subject == Subject::Edition {
            object["contentSize"] = format!("{} B", file.bytes).into();
            object["sha256"] = file.sha256.as_str().into();
        }
        Some(object)
    });
    let mut descriptor = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": dataset.name,
        "alternateName": dataset.title(),
        "description": dataset.description()[1],
        "license": dataset.license.url,
        "creator": creators.collect::<Vec<_>>(),
        "keywords": dataset.keywords,
        "inLanguage": dataset.languages,
        "version": edition.id,
        "datePublished": edition.day,
        "isLiveDataset": subject == Subject::Newest,
        "citeAs": super::citation::sentence(edition, config),
        "distribution": files.collect::<Vec<_>>(),
        "recordSet": facts.iter().map(|facts| record_set(facts.table)).collect::<Vec<_>>(),
    });
    if !dataset.homepage.is_empty() {
        descriptor["url"] = dataset.homepage.as_str().into();
    }
    descriptor
}

fn record_set(table: &Table) -> Value {
    let id = |column: &str| json!({"@id": format!("{}/{column}", table.name)});
    let mut records = json!({
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.about[1],
        "field": table.columns.iter().map(|column| field(table, column)).collect::<Vec<_>>(),
    });
    if let Key::Primary(key) = table.key {
        records["key"] = key.iter().map(|column| id(column)).collect();
    }
    records
}

fn field(table: &Table, column: &Column) -> Value {
    let kind = match column.column_type {
        ColumnType::Text => "sc:Text",
        ColumnType::Int64 | ColumnType::Int32 => "sc:Integer",
        ColumnType::Float64 => "sc:Float",
        ColumnType::Bool => "sc:Boolean",
        ColumnType::Date => "sc:Date",
    };
    let mut field = json!({
        "@type": "cr:Field",
        "@id": format!("{}/{}", table.name, column.name),
        "name": column.name,
        "description": column.about[1],
        "dataType": kind,
        "source": {"fileObject": {"@id": table.parquet_path()}, "extract": {"column": column.name}},
    });
    // A field refers to one field; what points by several columns is said in the datapackage.
    let foreign = table.foreign.iter().find(|foreign| foreign.columns == [column.name]);
    if let Some(foreign) = foreign.filter(|foreign| foreign.table != table.name) {
        field["references"] = json!({"field": {"@id": format!("{}/{}", foreign.table, foreign.to[0])}});
    }
    field
}

/// The context that the format prescribes.
fn context() -> Value {
    let json_type = |id: &str| json!({"@id": id, "@type": "@json"});
    let mut context = json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/",
        "sc": "https://schema.org/",
        "conformsTo": "dct:conformsTo",
        "data": json_type("cr:data"),
        "examples": json_type("cr:examples"),
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    });
    let terms = [
        "citeAs",
        "column",
        "extract",
        "field",
        "fileProperty",
        "fileObject",
        "fileSet",
        "format",
        "includes",
        "isLiveDataset",
        "jsonPath",
        "key",
        "md5",
        "parentField",
        "path",
        "recordSet",
        "references",
        "regex",
        "repeated",
        "replace",
        "separator",
        "source",
        "subField",
        "transform",
    ];
    for term in terms {
        context[term] = format!("cr:{term}").into();
    }
    context
}
