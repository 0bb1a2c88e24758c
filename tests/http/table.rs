//! docs/security.md names tests that there are.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn each_threat_has_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/security.md")).expect("docs/security.md");
    let files: Vec<_> = ["src", "tests"].iter().flat_map(|f| sources(&root.join(f))).collect();
    let named = |module: &str| {
        let stems = [module.to_owned(), format!("{module}_tests")];
        let fits = move |path: &&PathBuf| path.file_stem().is_some_and(|stem| stems.iter().any(|s| stem == s.as_str()));
        files.iter().filter(fits).map(|path| fs::read_to_string(path).expect("source")).collect::<Vec<_>>()
    };
    let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| threat")).collect();
    let threats = rows.iter().filter(|row| !row.starts_with("| ---"));
    for row in threats.clone() {
        let [_, threat, _, tests, _] = row.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("not three columns: {row}")
        };
        let mut found = 0;
        for name in tests.split('`').skip(1).step_by(2) {
            found += 1;
            if let Some(script) = name.strip_prefix(".ci/") {
                assert!(root.join(".ci").join(script).is_file(), "{threat}: no {name}");
                continue;
            }
            let Some((module, test)) = name.split_once("::") else { panic!("{threat}: {name:?} is no test") };
            let there = named(module).iter().any(|text| text.contains(&format!("fn {test}(")));
            assert!(there, "{threat}: there is no test {name}");
        }
        assert!(found > 0, "{threat}: no test is named");
    }
    assert!(threats.count() > 15, "the table was not read");
}
