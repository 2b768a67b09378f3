//! Pages and texts of any bytes, flat OpenDocument among them: read and reconciled.

#![no_main]

use std::sync::LazyLock;

use gongkai::config::Config;
use gongkai::decode::{decode, is_binary};
use gongkai::extract::extract;
use gongkai::reconcile::reconcile;
use libfuzzer_sys::fuzz_target;

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::embedded().expect("settings"));

fuzz_target!(
    // Settings take longer to load than a file may take to read.
    init: {
        LazyLock::force(&CONFIG);
    },
    |bytes: &[u8]| {
        if is_binary(bytes) {
            return;
        }
        if let Ok(document) = decode(bytes, &CONFIG).document {
            for mut report in extract(&document, &CONFIG).reports {
                reconcile(&mut report, &CONFIG);
            }
        }
    }
);
