//! Any bytes as a published file: refused in words, or a snapshot that reads back as what was written.

#![no_main]

use codegen::{report::Report, source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(read) = source::read(bytes, "input") else { return };
    let mut tree = read.tree;
    source::strip(&mut tree, "input", &mut Report::default());
    let text = source::write(&tree);
    let again = source::parse(text.as_bytes(), "input");
    assert!(again.is_ok_and(|again| source::write(&again.tree) == text));
});
