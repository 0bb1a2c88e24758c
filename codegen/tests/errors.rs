//! Input that is no good: one message each that says where, nothing written, and never a panic.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
    process::Command,
};

use codegen::{import, report::Report, source};

const BLESS: &str = "BLESS=1 cargo test -p proxmox-mcp-codegen --test errors";

const INDEX: &str = "default = \"9.2\"\n\n[[typed]]\nat = \"/t\"\nwhy = \"test\"\n\n[[snapshot]]\nrelease = \"9.2\"\n\
                     file = \"pve-9.2.json\"\nsha256 = \"\"\ndate = \"2026-01-01\"\n";

/// An `apidata/` with a snapshot that must stay as it is.
fn apidata() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("apidata.toml"), INDEX).unwrap();
    fs::write(dir.path().join("pve-9.2.json"), "committed").unwrap();
    dir
}

fn untouched(dir: &Path) {
    let mut names: Vec<_> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["apidata.toml", "pve-9.2.json"], "nothing is left lying about");
    assert_eq!(fs::read_to_string(dir.join("pve-9.2.json")).unwrap(), "committed");
    assert_eq!(fs::read_to_string(dir.join("apidata.toml")).unwrap(), INDEX);
}

/// What importing these bytes reports; it must fail and change nothing.
fn refusal(stream: impl io::Read) -> String {
    let dir = apidata();
    let mut report = Report::default();
    match source::read(stream, "input") {
        Ok(source) => {
            assert!(import::import(dir.path(), "9.2", source, true, &mut report).is_err(), "it was taken: {report}")
        }
        Err(problem) => report.add(problem),
    }
    untouched(dir.path());
    assert!(report.check().is_err(), "a failure has an error to tell: {report}");
    report.to_string()
}

#[test]
fn each_case_is_refused_with_its_message() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let mut cases: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 15, "the cases are gone from {}", root.display());
    let mut wrong = Vec::new();
    for case in cases {
        let actual = refusal(fs::File::open(case.join("input")).expect("every case has an input"));
        let path = case.join("expected.txt");
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if expected == actual {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, actual).unwrap();
        } else {
            wrong.push(format!("{}\n--- expected\n{expected}--- actual\n{actual}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}\nwhen this is right, accept it with\n  {BLESS}", wrong.join("\n"));
}

#[test]
fn a_file_of_fifty_megabytes_is_refused_without_being_held() {
    let report = refusal(io::repeat(b'[').take(50 * 1024 * 1024));
    assert_eq!(report, "error: input: is larger than 32 MiB; a published apidoc.js has about 4\n");
}

/// A file of half a million nodes costs memory and time by what stands in it, not by its length.
#[test]
fn a_file_of_very_many_nodes_is_refused_before_it_is_read() {
    let node = r#"{"path":"/a","info":{"GET":{}}},"#;
    let report = refusal(format!("[{}null]", node.repeat(200_000)).as_bytes());
    assert!(report.contains("parts, more than 600000; a published apidoc.js has about 60000"), "{report}");
    assert_eq!(report.lines().count(), 1, "{report}");
}

#[test]
fn a_small_gzip_of_a_huge_text_is_refused_at_the_bound() {
    use io::Write as _;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let line = [b' '; 1 << 16];
    (0..1024).for_each(|_| packed.write_all(&line).unwrap());
    let report = refusal(&packed.finish().unwrap()[..]);
    assert_eq!(report, "error: input: is larger than 32 MiB; a published apidoc.js has about 4\n");
}

#[test]
fn a_release_that_is_none_is_refused() {
    let dir = apidata();
    for release in ["", "9", "9.x", "../9.2", "9.2/../../x", "9.2.3", "09.3", "9.03", "+9.3", "9.+3", "9. 3", "9.3 "] {
        let mut report = Report::default();
        let source = source::parse(br#"[{"path": "/t", "info": {"GET": {}}}]"#, "input").unwrap();
        assert!(import::import(dir.path(), release, source, true, &mut report).is_err(), "{release}");
        assert!(report.to_string().contains("must be two numbers with a point between"), "{report}");
    }
    untouched(dir.path());
}

#[test]
fn the_command_fails_with_the_message_and_leaves_the_snapshot() {
    let dir = apidata();
    let output = Command::new(env!("CARGO_BIN_EXE_proxmox-mcp-codegen"))
        .args(["import", "--release", "9.2", "--apidata"])
        .arg(dir.path())
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors/html/input"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("this is HTML, not apidoc.js"), "{told}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
    untouched(dir.path());
}

#[test]
fn what_is_good_replaces_both_files() {
    let dir = apidata();
    let mut report = Report::default();
    let bytes = br#"const apiSchema = [{"path": "/t/a", "info": {"GET": {"description": "Prose.", "name": "a"}}}];
        let viewer = [1, 2];"#;
    let source = source::parse(bytes, "input").unwrap();
    let imported = import::import(dir.path(), "9.2", source, true, &mut report).unwrap_or_else(|_| panic!("{report}"));
    assert_eq!((imported.stripped.prose, imported.methods), (1, 1));
    let snapshot = fs::read_to_string(dir.path().join("pve-9.2.json")).unwrap();
    assert_eq!(snapshot, "[\n {\n  \"info\": {\n   \"GET\": {\"name\":\"a\"}\n  },\n  \"path\": \"/t/a\"\n }\n]\n");
    let index = fs::read_to_string(dir.path().join("apidata.toml")).unwrap();
    assert!(index.contains(&source::sha256(bytes)) && !index.contains("2026-01-01"), "{index}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn the_same_file_is_of_one_release_and_keeps_its_date() {
    let dir = apidata();
    let bytes = br#"[{"path": "/t", "info": {"GET": {"name": "a"}}}]"#;
    let toml = dir.path().join("apidata.toml");
    let import = |release: &str| {
        let mut report = Report::default();
        let source = source::parse(bytes, "input").unwrap();
        import::import(dir.path(), release, source, true, &mut report).map(drop).map_err(|_| report.to_string())
    };
    import("9.2").expect("a good file");
    let first = fs::read_to_string(&toml).unwrap();
    let date = first.split("date = \"").nth(1).unwrap().get(..10).unwrap();
    let older = first.replace(date, "2026-01-02");
    fs::write(&toml, &older).unwrap();
    import("9.2").expect("the same once more");
    assert_eq!(fs::read_to_string(&toml).unwrap(), older);
    let told = import("9.3").unwrap_err();
    assert!(told.contains("this file is already there as release 9.2"), "{told}");
    assert_eq!(fs::read_to_string(&toml).unwrap(), older);
    assert!(!dir.path().join("pve-9.3.json").exists());
}

/// What people save or pipe by mistake, each by the command: one message, 1, and the snapshot as it was.
#[test]
fn each_sort_of_bad_file_ends_the_command_with_one_message() {
    let good = r#"const apiSchema = [{"path": "/t/a", "info": {"GET": {"name": "a"}}}];"#;
    let gzip = {
        use io::Write as _;
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(good.as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    let twice = good.replace("{\"path\": \"/t/a\",", "{\"path\": \"/t/a\", \"path\": \"/t/b\",");
    let cases: [(&str, Vec<u8>, &str); 13] = [
        ("html", b"<!DOCTYPE html><html>".to_vec(), ": this is HTML, not apidoc.js"),
        ("cut", good.as_bytes()[..50].to_vec(), ":1:51: after /t/a: the file ends in the middle of the array"),
        ("gzip-cut", gzip[..gzip.len() - 12].to_vec(), ": the gzip data is cut short or damaged after "),
        ("empty", Vec::new(), ": the file is empty"),
        ("large", vec![b' '; 60_000_000], ": is larger than 32 MiB"),
        ("deep", vec![b'['; 100_000], ":1:129: this is no valid JSON: recursion limit exceeded"),
        ("twice", twice.into_bytes(), ": this is no valid JSON: the key `path` stands twice in one object"),
        ("nan", good.replace("\"a\"", "NaN").into_bytes(), ": after /t/a: this is no valid JSON: expected value"),
        ("data", br#"{"data":[{"path":"/t/a"}]}"#.to_vec(), ": this is neither `const apiSchema = [` nor a JSON array"),
        ("pvesh", "┌─────┬─────┐\n│ key │ value │\n".into(), ": there is no array in this file: it is no apidoc.js"),
        ("pvesh-json", br#"{"release":"9.2"}"#.to_vec(), ": there is no array in this file: it is no apidoc.js"),
        ("no-guests", good.into(), ": there is not one method for virtual machines or containers among the 1"),
        ("nothing", b"[]".to_vec(), ": the array is empty: there is no API in this file"),
    ];
    let files = tempfile::tempdir().unwrap();
    for (name, bytes, told) in cases {
        let dir = apidata();
        let file = files.path().join(name);
        fs::write(&file, bytes).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_proxmox-mcp-codegen"))
            .args(["import", "--release", "9.2", "--apidata"])
            .args([dir.path(), &file])
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{name}: {said}");
        assert!(said.starts_with(&format!("error: {}", file.display())) && said.contains(told), "{name}: {said}");
        untouched(dir.path());
    }
}

/// A mark at the beginning or line breaks of another system change nothing of what is read.
#[test]
fn a_byte_order_mark_and_carriage_returns_lose_nothing() {
    let good = "const apiSchema = [\n{\"path\": \"/t/a\",\n \"info\": {\"GET\": {\"name\": \"a\"}}}\n];\n";
    let read = |text: &str| source::parse(text.as_bytes(), "input").unwrap().tree;
    assert_eq!(read(&format!("\u{feff}{good}")), read(good));
    assert_eq!(read(&good.replace('\n', "\r\n")), read(good));
}
