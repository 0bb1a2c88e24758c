//! Any bytes as the reply to a list of guests: the rows that are read at one go are those of the JSON values.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../rows.rs"]
mod rows;

fuzz_target!(|bytes: &[u8]| rows::same(bytes));
