//! Holds the in-process PVE against exchanges that were recorded from real hosts.
//!
//! `facts/*.txt` is the table: one file for each group of exchanges that followed each other on one host, in the
//! order in which they were made (the format is described in `facts.rs`). `shapes.txt` has what many replies have in
//! common, `host.toml` and `second-node.toml` describe the recorded cluster.

#![allow(missing_docs)]

#[allow(dead_code, reason = "the table also says what a replay needs")]
mod facts;
#[allow(dead_code, reason = "a replay compares with them")]
mod shapes;

use facts::{Group, Recorded, Step};
use shapes::Shapes;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Exchanges that were recorded: one request and its reply each.
const RECORDED: usize = 593;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

fn read(file: &str) -> String {
    fs::read_to_string(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// All groups of the table with their file names, by name.
fn groups() -> Vec<(String, Group)> {
    let mut files: Vec<String> = fs::read_dir(folder().join("facts"))
        .expect("the table is a folder")
        .map(|entry| entry.expect("its files can be listed").file_name().to_string_lossy().into_owned())
        .collect();
    files.sort();
    let group =
        |file: &String| Group::read(&read(&format!("facts/{file}"))).unwrap_or_else(|error| panic!("{file}: {error}"));
    files.iter().map(|file| (file.clone(), group(file))).collect()
}

#[test]
fn recordings_table_is_sound() {
    let shapes = Shapes::read(&read("shapes.txt")).expect("shapes.txt");
    let mut names = BTreeSet::new();
    for (file, group) in groups() {
        assert!(!group.release.is_empty() && !group.cluster.is_empty(), "{file} says neither release nor cluster");
        for step in &group.steps {
            let Step::Case(case) = step else { continue };
            assert!(names.insert(case.name.clone()), "{} is there twice", case.name);
            assert!(case.status >= 200 && !case.connection.is_empty(), "{} is not complete", case.name);
            if let Recorded::Json(shape) = &case.reply {
                shapes.expand(shape.clone()).unwrap_or_else(|error| panic!("{}: {error}", case.name));
            }
        }
    }
    assert_eq!(names.len(), RECORDED);
}
