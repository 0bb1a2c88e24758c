//! Generates the API layer from `apidata/` into OUT_DIR; `src/api.rs` includes it.
//!
//! `PVE_APIDATA` chooses another release than the default (`8.4`) or a published file (`/path/to/apidoc.js`), and
//! `PVE_APIDATA_RELEASE` says of which release such a file is.

use std::{
    env, fs,
    path::PathBuf,
    process::{Command, ExitCode},
};

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

    if packs_pointers() == Some(true) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }

    let mut report = Report::default();
    let generated = pipeline::generate(&choice, &mut report);
    report.warnings().for_each(|problem| println!("cargo::warning={problem}"));
    report.errors().for_each(|problem| println!("cargo::error={problem}"));
    let Ok(generated) = generated else { return ExitCode::FAILURE };
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let files =
        [("api.rs", generated.code.into_bytes()), ("api.model", generated.model), ("api.search", generated.search)];
    for (name, bytes) in files {
        let target = out.join(name);
        if let Err(e) = fs::write(&target, bytes) {
            println!("cargo::error={} cannot be written: {e}", target.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Whether the C library of this machine works through packed pointers, as glibc does from 2.36 on: the tables hold
/// thousands of them, which would otherwise cost half a megabyte, and time at every start.
fn packs_pointers() -> Option<bool> {
    let set = |name: &str| env::var(name).unwrap_or_default();
    if set("TARGET") != set("HOST") || set("CARGO_CFG_TARGET_OS") != "linux" || set("CARGO_CFG_TARGET_ENV") != "gnu" {
        return None;
    }
    let version = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?.stdout;
    let minor =
        String::from_utf8(version).ok()?.trim().strip_prefix("glibc 2.")?.split('.').next()?.parse::<u32>().ok()?;
    Some(minor >= 36)
}
