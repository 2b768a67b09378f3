//! A document of Word 97 of any streams: text, properties and their tables, in a sound compound file.

#![no_main]

use std::io::{Cursor, Write};
use std::sync::LazyLock;

use gongkai::config::Config;
use gongkai::decode::decode_binary;
use libfuzzer_sys::fuzz_target;

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::embedded().expect("settings"));

fuzz_target!(|bytes: &[u8]| {
    let [low, high, streams @ ..] = bytes else { return };
    // The first two bytes part the streams; the head is made sound enough to be read on.
    let (main, table) = streams.split_at(usize::from(u16::from_le_bytes([*low, *high])).min(streams.len()));
    let mut document = main.to_vec();
    document.resize(main.len().max(1_024), 0);
    document[..4].copy_from_slice(&[0xec, 0xa5, 0xc1, 0]);
    document[10..12].copy_from_slice(&[0, 2]);
    document[152..154].copy_from_slice(&[93, 0]);
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("creates");
    for (name, stream) in [("/WordDocument", &document[..]), ("/1Table", table)] {
        file.create_stream(name).and_then(|mut to| to.write_all(stream)).expect("writes");
    }
    let _ = decode_binary(&file.into_inner().into_inner(), &CONFIG.limits);
});
