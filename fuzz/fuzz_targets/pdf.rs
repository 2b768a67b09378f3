//! A page of a PDF file with any content, read through all stages.

#![no_main]

use std::sync::LazyLock;

use gongkai::config::Config;
use gongkai::decode::decode_binary;
use gongkai::extract::extract;
use libfuzzer_sys::fuzz_target;

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::embedded().expect("settings"));

const BEFORE: &str = "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] \
    /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] /Contents 4 0 R /Resources << /Font << \
    /F 5 0 R >> >> >>\nendobj\n5 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n4 0 obj\n<< /Length ";

fuzz_target!(
    // A panic of a library that its caller contains is no find: only what comes through ends the run.
    init: {
        LazyLock::force(&CONFIG);
        std::panic::set_hook(Box::new(|_| {}));
    },
    |content: &[u8]| {
        // No table of places: the reader looks for the objects itself.
        let length = format!("{} >>\nstream\n", content.len());
        let end = b"\nendstream\nendobj\ntrailer\n<< /Size 6 /Root 1 0 R >>\n%%EOF\n";
        let file = [BEFORE.as_bytes(), length.as_bytes(), content, end].concat();
        if let Ok(document) = decode_binary(&file, &CONFIG.limits).document {
            let _ = extract(&document, &CONFIG);
        }
    }
);
