//! Holds the in-process PVE against exchanges that were recorded from real hosts.
//!
//! `facts/*.txt` is the table: one file for each group of exchanges that followed each other on one host, in the
//! order in which they were made (the format is described in `facts.rs`). `shapes.txt` has what many replies have in
//! common, `host.toml` and `second-node.toml` describe the recorded cluster, `left-out.txt` lists the exchanges that
//! are not held, each with its reason.

#![allow(missing_docs)]

mod facts;
mod replay;
mod shapes;
mod stage;
mod transport;
mod wire;

use facts::{Group, Recorded, Step};
use replay::Replay;
use shapes::Shapes;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Exchanges that were recorded: one request and its reply each.
const RECORDED: usize = 1614;

/// Exchanges that held when the table was last changed.
const HELD: usize = 1535;

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
    let mut groups: Vec<(String, Group)> = Vec::new();
    for (file, mut read) in files.iter().map(|file| (file.clone(), group(file))) {
        match (&read.follows, groups.last_mut()) {
            (Some(_), Some((_, story))) => story.steps.append(&mut read.steps),
            _ => groups.push((file, read)),
        }
    }
    groups
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

/// The exchanges that are left out, with the reasons.
fn left_out() -> BTreeMap<String, String> {
    let text = read("left-out.txt");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| line.split_once(": ").unwrap_or_else(|| panic!("left-out.txt: no reason: {line}")))
        .map(|(name, reason)| (name.to_owned(), reason.to_owned()))
        .collect()
}

#[test]
fn recordings_hold() {
    let shapes = Shapes::read(&read("shapes.txt")).expect("shapes.txt");
    let mut left_out = left_out();
    let mut held = 0;
    let mut wrong = Vec::new();
    for (file, group) in groups() {
        for verdict in Replay::run(&group, &shapes).unwrap_or_else(|error| panic!("{file}: {error}")) {
            let reason = left_out.remove(&verdict.case);
            match (verdict.differences.is_empty(), reason) {
                (true, None) => held += 1,
                (false, Some(_)) => {}
                (true, Some(_)) => wrong.push(format!("{} holds: take it out of left-out.txt", verdict.case)),
                (false, None) => wrong.push(format!("{}:\n    {}", verdict.case, verdict.differences.join("\n    "))),
            }
        }
    }
    wrong.extend(left_out.into_keys().map(|name| format!("{name} is left out but was not recorded")));
    eprintln!("recordings: {held} held, {RECORDED} recorded");
    assert!(wrong.is_empty(), "{} disagree:\n{}", wrong.len(), wrong.join("\n"));
    assert!(held >= HELD, "only {held} recordings hold; there were {HELD}");
}
