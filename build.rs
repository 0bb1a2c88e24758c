//! Generates the API layer from `apidata/` into OUT_DIR; `src/api.rs` includes it.
//!
//! `PVE_APIDATA` chooses another release than the default (`8.4`) or a published file (`/path/to/apidoc.js`), and
//! `PVE_APIDATA_RELEASE` says of which release such a file is.

use std::{env, fs, path::PathBuf, process::ExitCode};

use codegen::{
    pipeline::{self, Choice},
    report::Report,
};

fn main() -> ExitCode {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let given = |name: &str| {
        println!("cargo::rerun-if-env-changed={name}");
        env::var(name).ok().filter(|value| !value.is_empty())
    };
    // Relative to the package, so that problems name `apidata/pve-9.2.json`; build scripts run in that folder.
    let choice =
        Choice { apidata: PathBuf::from("apidata"), pick: given("PVE_APIDATA"), release: given("PVE_APIDATA_RELEASE") };
    println!("cargo::rerun-if-changed={}", root.join("apidata").display());
    if let Some(file) = choice.pick.as_deref().filter(|pick| fs::metadata(pick).is_ok()) {
        println!("cargo::rerun-if-changed={file}");
    }

    let mut report = Report::default();
    let generated = pipeline::generate(&choice, &mut report);
    report.warnings().for_each(|problem| println!("cargo::warning={problem}"));
    report.errors().for_each(|problem| println!("cargo::error={problem}"));
    let Ok(text) = generated else { return ExitCode::FAILURE };
    let target = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("api.rs");
    if let Err(e) = fs::write(&target, text) {
        println!("cargo::error={} cannot be written: {e}", target.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
