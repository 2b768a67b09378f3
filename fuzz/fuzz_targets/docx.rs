//! The main part of a document of any text: read through all stages.

#![no_main]

use std::io::{Cursor, Write};
use std::sync::LazyLock;

use gongkai::config::Config;
use gongkai::decode::decode_binary;
use gongkai::extract::extract;
use libfuzzer_sys::fuzz_target;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::embedded().expect("settings"));

fuzz_target!(
    // Settings take longer to load than a file may take to read.
    init: {
        LazyLock::force(&CONFIG);
    },
    |document: &[u8]| {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in [("[Content_Types].xml", &b"<Types/>"[..]), ("word/document.xml", document)] {
            let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
            writer.start_file(name, options).expect("entry");
            writer.write_all(bytes).expect("writes");
        }
        let package = writer.finish().expect("finishes").into_inner();
        if let Ok(document) = decode_binary(&package, &CONFIG.limits).document {
            let _ = extract(&document, &CONFIG);
        }
    }
);
