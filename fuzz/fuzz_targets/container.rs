//! Containers of any bytes: what comes out stays within the limits.

#![no_main]

use std::sync::LazyLock;

use gongkai::archive::{Contents, container, for_each};
use gongkai::config::{Config, Limits};
use libfuzzer_sys::fuzz_target;

static LIMITS: LazyLock<Limits> = LazyLock::new(|| Limits {
    archive_bytes: 8 << 20,
    inflated_bytes: 4 << 20,
    ..Config::embedded().expect("settings").limits
});

fuzz_target!(
    // Settings take longer to load than a file may take to read.
    init: {
        LazyLock::force(&LIMITS);
    },
    |bytes: &[u8]| {
        let Some(format) = container(bytes, &LIMITS) else { return };
        let mut total = 0;
        let _ = for_each(bytes, format, "file", &LIMITS, &mut |member| {
            if let Contents::Bytes(bytes) = member.contents {
                total += bytes.len() as u64;
            }
            Ok::<(), ()>(())
        });
        assert!(total <= LIMITS.archive_bytes);
    }
);
