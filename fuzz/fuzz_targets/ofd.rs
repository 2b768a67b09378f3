//! A page of an OFD file with any content, read through all stages.

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

const ROOT: &[u8] = b"<OFD><DocBody><DocRoot>D/Document.xml</DocRoot></DocBody></OFD>";

/// The page is also its own template, its resources and its notes.
const DOCUMENT: &[u8] = b"<Document><CommonData><PublicRes>P.xml</PublicRes><TemplatePage ID='1' BaseLoc='P.xml'/></CommonData>\
    <Pages><Page ID='1' BaseLoc='P.xml'/></Pages><Annotations>P.xml</Annotations></Document>";

fuzz_target!(
    // Settings take longer to load than a file may take to read.
    init: {
        LazyLock::force(&CONFIG);
    },
    |page: &[u8]| {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in [("OFD.xml", ROOT), ("D/Document.xml", DOCUMENT), ("D/P.xml", page)] {
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
