//! Office files as they come: a zip package or a compound file of any bytes.

#![no_main]

use std::sync::LazyLock;

use gongkai::config::Config;
use gongkai::decode::{decode_binary, is_binary};
use libfuzzer_sys::fuzz_target;

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::embedded().expect("settings"));

fuzz_target!(
    init: {
        // Settings take longer to load than a file may take to read.
        LazyLock::force(&CONFIG);
        // A panic of a library that its caller contains is no find: only what comes through ends the run.
        std::panic::set_hook(Box::new(|_| {}));
    },
    |bytes: &[u8]| {
        if is_binary(bytes) {
            let _ = decode_binary(bytes, &CONFIG.limits);
        }
    }
);
