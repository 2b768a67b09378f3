//! Rich text of any content, read through all stages.

#![no_main]

use std::sync::LazyLock;

use gongkai::config::Config;
use gongkai::decode::decode_binary;
use gongkai::extract::extract;
use libfuzzer_sys::fuzz_target;

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::embedded().expect("settings"));

fuzz_target!(|inside: &[u8]| {
    let rtf = [b"{\\rtf1\\ansi\\ansicpg936 ", inside].concat();
    if let Ok(document) = decode_binary(&rtf, &CONFIG.limits).document {
        let _ = extract(&document, &CONFIG);
    }
});
