use std::path::Path;

use serde_json::{Map, Value};

use super::{chain::Place, *};

fn record(tool: &'static str) -> Record {
    Record { client: "test 1".into(), tool, decision: "allowed", outcome: Some("done".into()), ..Record::default() }
}

fn open(path: &Path, key: &str) -> AuditLog {
    let seal = if key.is_empty() { Seal::plain() } else { Seal::keyed(key) };
    AuditLog::open(path, seal).unwrap()
}

fn check(path: &Path, key: &str) -> Result<Verified, AuditError> {
    let seal = if key.is_empty() { Seal::plain() } else { Seal::keyed(key) };
    verify(&[path.to_owned()], &seal, None)
}

/// A head and three records.
fn three(key: &str) -> (tempfile::TempDir, PathBuf, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.jsonl");
    for tool in ["startVM", "stopVM", "deleteVM"] {
        // Reopened for each line: the chain goes on over a restart.
        open(&path, key).append(&record(tool)).unwrap();
    }
    let lines = std::fs::read_to_string(&path).unwrap().lines().map(|l| format!("{l}\n")).collect();
    (dir, path, lines)
}

fn failing_line(path: &Path, text: &str, key: &str) -> u64 {
    std::fs::write(path, text).unwrap();
    match check(path, key) {
        Err(AuditError::Broken { line, .. }) => line,
        other => panic!("expected a broken line, got {other:?}"),
    }
}

/// Lines as version 1 wrote them: without a head, numbered from 1.
const FIRST: &str = concat!(
    r#"{"seq":1,"time":"2026-01-01T00:00:00.000Z","client":"c","session":"s","tool":"startVM","arguments":{},"#,
    r#""decision":"allowed","outcome":"done","prev":"0000000000000000000000000000000000000000000000000000000000000000""#
);

fn first_version() -> String {
    let hash = Seal::plain().hash(chain::Chain::Plain, &format!("{FIRST}}}")).unwrap();
    format!("{FIRST},\"hash\":\"{hash}\"}}\n")
}

#[test]
fn a_whole_log_verifies() {
    for (key, keyed_from) in [("", None), ("secret", Some(1))] {
        let (_dir, path, lines) = three(key);
        let end = check(&path, key).unwrap();
        assert_eq!((end.lines, end.keyed_from, end.continues.clone()), (4, keyed_from, None));
        assert!(lines[3].contains(&end.hash));
        let said: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((&said[0]["format"], &said[1]["tool"], &said[1]["seq"]), (&2.into(), &"startVM".into(), &2.into()));
    }
}

#[test]
fn changes_are_found_where_they_are() {
    for key in ["", "secret"] {
        let (_dir, path, l) = three(key);
        assert_eq!(failing_line(&path, &l.concat().replacen("stopVM", "listVM", 1), key), 3);
        assert_eq!(failing_line(&path, &(l[0].clone() + &l[1] + &l[3]), key), 3, "a missing line");
        assert_eq!(failing_line(&path, &(l[1].clone() + &l[2]), key), 1, "a missing head");
        assert_eq!(failing_line(&path, &(l[0].clone() + &l[1] + &l[1] + &l[2]), key), 3, "a repeated line");
        assert_eq!(failing_line(&path, &(l[..3].concat() + &l[3][..40]), key), 4, "a torn line");
    }
}

#[test]
fn a_recomputed_line_breaks_the_next() {
    let (_dir, path, l) = three("");
    let before: Value = serde_json::from_str(&l[1]).unwrap();
    let before = Place { seq: 2, hash: before["hash"].as_str().unwrap().to_owned() };
    let (forged, _) = chain::line(&Seal::plain(), &before, &record("listVMs")).unwrap();
    assert_eq!(failing_line(&path, &(l[0].clone() + &l[1] + &forged + &l[3]), ""), 4);
}

#[test]
fn without_the_key_nothing_is_forged() {
    let (_dir, path, l) = three("secret");
    let before: Value = serde_json::from_str(&l[1]).unwrap();
    let before = Place { seq: 2, hash: before["hash"].as_str().unwrap().to_owned() };
    for seal in [Seal::plain(), Seal::keyed("guessed")] {
        let (line, _) = chain::line(&seal, &before, &record("listVMs")).unwrap();
        assert_eq!(failing_line(&path, &(l[..2].concat() + &line), "secret"), 3, "another line");
        let (head, at) = chain::head(&seal, &before).unwrap();
        let (line, _) = chain::line(&seal, &at, &record("listVMs")).unwrap();
        std::fs::write(&path, l[..2].concat() + &head + &line).unwrap();
        let said = check(&path, "secret").unwrap_err();
        assert!(matches!(said, AuditError::Broken { line: 3, .. } | AuditError::Key { .. }), "another head: {said}");
    }
    std::fs::write(&path, l.concat()).unwrap();
    for key in ["", "guessed"] {
        assert!(matches!(check(&path, key), Err(AuditError::Key { .. })), "it cannot be checked with {key:?}");
        let seal = if key.is_empty() { Seal::plain() } else { Seal::keyed(key) };
        assert!(matches!(AuditLog::open(&path, seal), Err(AuditError::Torn { .. })), "nor continued");
    }
}

#[test]
fn a_log_of_the_first_version_is_unkeyed_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    for (key, keyed_from) in [("", None), ("secret", Some(2))] {
        let path = dir.path().join(format!("audit{key}.jsonl"));
        std::fs::write(&path, first_version()).unwrap();
        assert_eq!(check(&path, key).unwrap().keyed_from, None);
        open(&path, key).append(&record("stopVM")).unwrap();
        let end = check(&path, key).unwrap();
        assert_eq!((end.lines, end.keyed_from), (3, keyed_from), "a line, a head and a line");
    }
}

#[test]
fn what_was_noted_has_to_be_there() {
    let (_dir, path, l) = three("secret");
    let seal = Seal::keyed("secret");
    let hash = |line: usize| serde_json::from_str::<Value>(&l[line - 1]).unwrap()["hash"].as_str().unwrap().to_owned();
    let noted = |line: u64, hash: String| format!("{line}:{hash}").parse::<Noted>().unwrap();
    let files = [path.clone()];
    for line in 1..=4 {
        verify(&files, &seal, Some(&noted(line as u64, hash(line)))).unwrap();
    }
    let wrong = verify(&files, &seal, Some(&noted(2, hash(3)))).unwrap_err();
    assert!(matches!(wrong, AuditError::Broken { line: 2, .. }), "{wrong}");
    std::fs::write(&path, l[..3].concat()).unwrap();
    assert_eq!(check(&path, "secret").unwrap().lines, 3, "from the file alone it cannot be seen");
    let cut = verify(&files, &seal, Some(&noted(4, hash(4)))).unwrap_err();
    assert!(matches!(cut, AuditError::Short { line: 4, lines: 3, .. }), "{cut}");
    for text in ["", "4", "4:", "0:".to_owned().as_str(), &format!("0:{}", hash(1)), &format!("4:{}0", hash(1)), "x:y"]
    {
        assert!(text.parse::<Noted>().is_err(), "{text}");
    }
}

#[test]
fn intents_without_a_result_are_named() {
    let (_dir, path, _) = three("");
    let mut log = open(&path, "");
    let of =
        |phase, call: &str| Record { phase, call: call.to_owned(), guest: Some("VM 1".into()), ..record("stopVM") };
    for (phase, call) in [(Phase::Intent, "a"), (Phase::Intent, "b"), (Phase::Result, "a"), (Phase::Result, "c")] {
        log.append(&of(phase, call)).unwrap();
    }
    let found = check(&path, "").unwrap().open;
    let told: Vec<_> =
        found.iter().map(|intent| (intent.line, intent.tool.as_str(), intent.guest.as_deref())).collect();
    assert_eq!(told, [(6, "stopVM", Some("VM 1"))]);
}

#[test]
fn a_torn_file_is_not_continued() {
    let (_dir, path, l) = three("");
    std::fs::write(&path, &l[0][..50]).unwrap();
    let said = AuditLog::open(&path, Seal::plain()).unwrap_err().to_string();
    assert!(said.contains("cannot be continued"), "{said}");
}

#[test]
fn no_record_ends_the_log() {
    let (_dir, path, _) = three("");
    let mut log = open(&path, "");
    let long = "é".repeat(1 << 20);
    let many = (0..2_000).map(|n| (format!("{n}{long:.300}"), Value::from(n)));
    let texts = [("vmid".to_owned(), long.as_str().into()), (long.clone(), vec![1e9; 1 << 17].into())];
    for arguments in [Map::from_iter(texts), many.collect()] {
        let (rule, reason) = (Some(long.clone()), Some(long.clone()));
        log.append(&Record { client: long.clone(), arguments, rule, reason, ..record("startVM") }).unwrap();
        open(&path, "").append(&record("stopVM")).unwrap();
    }
    assert_eq!(check(&path, "").unwrap().lines, 8);
}

#[test]
fn two_writers_share_one_chain() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.jsonl");
    let (mut a, mut b) = (open(&path, "k"), open(&path, "k"));
    for tool in ["startVM", "stopVM", "startVM"] {
        a.append(&record(tool)).unwrap();
        b.append(&record(tool)).unwrap();
    }
    assert_eq!(check(&path, "k").unwrap().lines, 7);
    // Both go on in the file that the first of them begins.
    let old = dir.path().join("audit.jsonl.1");
    std::fs::rename(&path, &old).unwrap();
    for log in [&mut a, &mut b] {
        assert!(matches!(log.append(&record("stopVM")), Err(AuditError::Moved { .. })));
    }
    for log in [&mut a, &mut b] {
        log.reopen().unwrap();
        log.append(&record("deleteVM")).unwrap();
    }
    let end = verify(&[old, path.clone()], &Seal::keyed("k"), None).unwrap();
    assert_eq!((end.lines, end.continues), (10, None));
    assert_eq!(check(&path, "k").unwrap().continues.map(|(line, _)| line), Some(7));
}

#[test]
fn a_file_that_is_moved_removed_or_replaced_is_not_written() {
    type Change = fn(&Path, &str);
    let changes: [(Change, bool); 5] = [
        (|path, _| std::fs::rename(path, path.with_extension("1")).unwrap(), true),
        (|path, _| std::fs::remove_file(path).unwrap(), true),
        // Copied away and emptied, as copytruncate does.
        (|path, _| std::fs::write(path, "").unwrap(), true),
        // Emptied, and filled by somebody else since.
        (|path, _| std::fs::write(path, "x".repeat(9_000)).unwrap(), false),
        (
            |path, text| {
                std::fs::rename(path, path.with_extension("1")).unwrap();
                std::fs::write(path, text).unwrap();
            },
            false,
        ),
    ];
    for (number, (change, can_go_on)) in changes.into_iter().enumerate() {
        let (_dir, path, lines) = three("k");
        let mut log = open(&path, "k");
        change(&path, &lines.concat());
        for _ in 0..2 {
            let said = log.append(&record("stopVM")).unwrap_err();
            assert!(matches!(said, AuditError::Moved { .. } | AuditError::Cut { .. }), "{number}: {said}");
            assert!(log.check().is_err(), "{number}");
        }
        assert_eq!(log.reopen().is_ok(), can_go_on, "{number}");
        assert_eq!(log.append(&record("stopVM")).is_ok(), can_go_on, "{number}");
        if can_go_on {
            let end = check(&path, "k").unwrap();
            assert_eq!((end.lines, end.continues.map(|(line, _)| line)), (6, Some(4)), "{number}");
        }
    }
}

#[test]
fn a_file_that_is_where_it_was_is_reopened_as_it_is() {
    let (_dir, path, lines) = three("k");
    open(&path, "k").reopen().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), lines.concat());
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe.as_path(), dir.path(), Path::new("/dev/null")] {
        assert!(matches!(AuditLog::open(path, Seal::plain()), Err(AuditError::NoFile { .. })), "{}", path.display());
        assert!(matches!(check(path, ""), Err(AuditError::NoFile { .. })), "{}", path.display());
    }
}

#[test]
fn a_lock_that_is_held_elsewhere_is_waited_for_so_long() {
    let (_dir, path, _) = three("");
    let mut log = open(&path, "");
    let other = std::fs::File::open(&path).unwrap();
    other.lock().unwrap();
    assert!(matches!(log.append(&record("stopVM")), Err(AuditError::Locked { .. })));
    other.unlock().unwrap();
    log.append(&record("stopVM")).unwrap();
}

#[test]
fn an_empty_log_is_not_whole_and_a_new_one_is_not_empty() {
    let (_dir, path, _) = three("");
    std::fs::write(&path, "").unwrap();
    assert!(matches!(check(&path, ""), Err(AuditError::Empty { .. })));
    let fresh = path.with_extension("new");
    open(&fresh, "k");
    assert_eq!(check(&fresh, "k").unwrap().lines, 1);
    assert!(matches!(verify(&[fresh, path], &Seal::keyed("k"), None), Err(AuditError::Empty { .. })));
}

#[test]
fn a_line_that_is_being_written_is_not_taken_for_a_torn_one() {
    let (_dir, path, lines) = three("");
    let writer = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    writer.lock().unwrap();
    std::io::Write::write_all(&mut &writer, &lines[3].as_bytes()[..40]).unwrap();
    let reader = std::thread::spawn({
        let path = path.clone();
        move || check(&path, "").map(|end| end.lines)
    });
    std::thread::sleep(std::time::Duration::from_millis(50));
    writer.set_len(lines.concat().len() as u64).unwrap();
    writer.unlock().unwrap();
    assert_eq!(reader.join().unwrap().unwrap(), 4);
}
