//! Any JSON as a schema: reported, or lowered into a model that code is generated from.

#![no_main]

use codegen::{emit, lower, releases, report::Report, source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut report = Report::default();
    // Everything is in scope that the seeds name: `/t` of the golden cases, `/nodes` of a published file.
    let index = "default = \"9.2\"\ntyped = [{ at = \"/t\", why = \"fuzz\" }, { at = \"/nodes\", why = \"fuzz\" }]";
    let Some(index) = source::Index::parse(index, "apidata.toml", &mut report) else { return };
    let Ok(read) = source::parse(bytes, "input") else { return };
    let mut api = lower::lower(&read, "9.2", &index, &mut report);
    let copy = api.clone();
    releases::mark(&mut api, &[&copy]);
    if report.check().is_ok() {
        assert!(!emit::generate(&api).is_empty());
    }
});
