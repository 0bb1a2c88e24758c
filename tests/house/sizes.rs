//! A file is read in one go.

use super::{root, sources};

/// Lines that a source may have.
const LINES: usize = 400;

/// Files that may be longer, each with why.
const LONGER: &[(&str, &str)] = &[];

#[test]
fn no_file_is_longer_than_can_be_read_in_one_go() {
    let mut files = Vec::new();
    for part in ["src/tools", "src/tools.rs", "spec/src", "search/src"] {
        sources(&root().join(part), &mut files);
    }
    assert!(files.len() > 80, "{} files: they are not read", files.len());
    let long: Vec<(String, usize)> = files
        .iter()
        .map(|file| {
            let text = std::fs::read_to_string(file).expect("a source");
            (file.strip_prefix(root()).expect("a source of ours").display().to_string(), text.lines().count())
        })
        .filter(|(_, lines)| *lines > LINES)
        .collect();
    let new: Vec<_> = long.iter().filter(|(file, _)| LONGER.iter().all(|(longer, _)| longer != file)).collect();
    assert!(new.is_empty(), "more than {LINES} lines: {new:#?}");
    let gone: Vec<_> = LONGER.iter().filter(|(file, _)| long.iter().all(|(longer, _)| longer != file)).collect();
    assert!(gone.is_empty(), "no longer so long, so take them off the list: {gone:?}");
}
