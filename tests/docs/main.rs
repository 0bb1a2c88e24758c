//! The pages: what they tell to type is typed, what they name exists, and the Spanish ones say what the English ones say.

mod blocks;
mod facts;
mod links;
mod page;
mod spanish;

use std::path::{Path, PathBuf};

/// The working copy.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A file of the working copy.
fn file(path: &str) -> PathBuf {
    Path::new(ROOT).join(path)
}

/// Its text.
fn read(path: &str) -> String {
    std::fs::read_to_string(file(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}
