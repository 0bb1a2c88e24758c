use super::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time in range")
}

fn new(name: &str, scope: Scope) -> NewToken {
    NewToken { name: name.into(), scope, tools: None, expires: None }
}

#[test]
fn a_token_comes_back_as_its_bearer_after_a_round_trip_through_the_file() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("tokens.toml");
    let mut tokens = Tokens::read_or_none(&path).expect("none yet");
    assert!(tokens.is_empty());
    let first = tokens.add(new("first", Scope::Read), now()).expect("made");
    let mut narrow = new("second", Scope::Power);
    narrow.tools = Some(["startVM".to_owned()].into());
    let second = tokens.add(narrow, now()).expect("made");
    assert_ne!(first, second);
    assert_eq!(first.len(), PREFIX.len() + 43);
    tokens.write(&path).expect("written");

    let text = fs::read_to_string(&path).expect("text");
    for secret in [&first, &second] {
        assert!(!text.contains(secret.trim_start_matches(PREFIX)), "the file holds a token: {text}");
    }
    let read = Tokens::read(&path).expect("read");
    let bearer = read.bearer(&second, now()).expect("known");
    assert_eq!((bearer.name.as_str(), bearer.scope), ("second", Scope::Power));
    assert_eq!(bearer.tools, Some(["startVM".to_owned()].into()));
    assert_eq!(read.bearer(&first, now()).expect("known").scope, Scope::Read);
    assert_eq!(read.bearer("", now()), None);
    assert_eq!(read.bearer(&first[..first.len() - 1], now()), None);
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("tokens.toml");
    Tokens::default().write(&path).expect("written");
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
}

#[test]
fn revoked_and_expired_tokens_let_nobody_in() {
    let mut tokens = Tokens::default();
    let gone = tokens.add(new("gone", Scope::All), now()).expect("made");
    let mut soon = new("soon", Scope::All);
    soon.expires = Some(now() + chrono::Duration::seconds(60));
    let soon = tokens.add(soon, now()).expect("made");
    tokens.revoke("gone").expect("was there");
    assert_eq!(tokens.bearer(&gone, now()), None);
    assert!(tokens.bearer(&soon, now() + chrono::Duration::seconds(59)).is_some());
    assert_eq!(tokens.bearer(&soon, now() + chrono::Duration::seconds(60)), None);
    assert_eq!(
        tokens.revoke("gone").expect_err("twice").to_string(),
        "there is no token \"gone\"; `proxmox-mcp token list` shows those that there are"
    );
}

#[test]
fn names_are_fit_and_unique() {
    let mut tokens = Tokens::default();
    tokens.add(new("ci", Scope::Read), now()).expect("made");
    assert!(matches!(tokens.add(new("ci", Scope::All), now()), Err(TokenError::Taken(_))));
    for bad in ["", "a b", "a\n", "ü", &"x".repeat(65)] {
        assert!(matches!(tokens.add(new(bad, Scope::All), now()), Err(TokenError::Name(_))), "{bad:?}");
    }
}

#[test]
fn a_file_that_was_damaged_is_refused_and_says_where() {
    let good = "[[token]]\nname = \"a\"\nscope = \"read\"\ncreated = \"2026-01-01T00:00:00Z\"\n";
    let hash = "0".repeat(64);
    let cases = [
        ("[[token]\n".to_owned(), ""),
        (format!("{good}sha256 = \"12\"\n"), "sha256 of token \"a\" is not 64 hexadecimal digits"),
        (format!("{good}sha256 = \"{}\"\n", "é".repeat(32)), "sha256 of token \"a\" is not 64 hexadecimal digits"),
        (format!("{good}sha256 = \"{hash}\"\nexpires = \"soon\"\n"), "expires of token \"a\" is not a time"),
        (format!("{good}sha256 = \"{hash}\"\nscoop = 1\n"), "unknown field `scoop`"),
        (format!("{good}sha256 = \"{hash}\"\n{good}sha256 = \"{hash}\"\n"), "two tokens are named \"a\""),
        (good.replace("read", "root"), "unknown variant `root`"),
    ];
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("tokens.toml");
    for (text, says) in cases {
        fs::write(&path, text).expect("written");
        let what = Tokens::read(&path).expect_err("is refused").to_string();
        assert!(what.contains(says), "{what:?} does not say {says:?}");
    }
}

#[test]
fn an_entry_that_cannot_be_used_lets_nobody_in_and_keeps_no_other_from_being_revoked() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("tokens.toml");
    let mut tokens = Tokens::default();
    let kept = tokens.add(new("kept", Scope::Read), now()).expect("made");
    let gone = tokens.add(new("gone", Scope::Read), now()).expect("made");
    let far = tokens.add(new("far", Scope::All), now()).expect("made");
    tokens.write(&path).expect("written");
    let text =
        fs::read_to_string(&path).expect("text").replace("name = \"far\"", "name = \"far\"\nexpires = \"+10240\"");
    fs::write(&path, text).expect("written");
    let mut read = Tokens::read_each(&path).expect("read");
    assert_eq!(read.faults().count(), 1, "{:?}", read.faults().collect::<Vec<_>>());
    assert!(read.bearer(&kept, now()).is_some() && read.bearer(&far, now()).is_none());
    assert!(matches!(read.add(new("far", Scope::Read), now()), Err(TokenError::Taken(_))));
    read.revoke("gone").expect("there");
    read.write(&path).expect("written");
    let mut read = Tokens::read_each(&path).expect("read");
    assert_eq!((read.faults().count(), read.bearer(&gone, now())), (1, None), "what is faulty is not lost");
    read.revoke("far").expect("there");
    read.write(&path).expect("written");
    assert!(Tokens::read(&path).expect("whole").bearer(&kept, now()).is_some());
}

#[test]
fn what_was_written_by_hand_stays() {
    let hash = "0".repeat(64);
    let entry = |name: &str| {
        format!(
            "[[token]]\nname = \"{name}\" # its owner\nscope = 'read'\nsha256 = \"{hash}\"\ncreated = \"2026-01-01T00:00:00Z\"\n"
        )
    };
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("tokens.toml");
    fs::write(&path, format!("# Kept.\n{}\n# Goes with it.\n{}", entry("stays"), entry("goes"))).expect("written");
    let mut tokens = Tokens::read(&path).expect("read");
    tokens.revoke("goes").expect("there");
    let made = tokens.add(new("comes", Scope::Read), now()).expect("made");
    tokens.write(&path).expect("written");
    let text = fs::read_to_string(&path).expect("text");
    assert!(text.starts_with(&format!("# Kept.\n{}\n[[token]]\nname = \"comes\"\n", entry("stays"))), "{text}");
    assert!(!text.contains("goes") && !text.contains("Goes"), "{text}");
    assert!(Tokens::read(&path).expect("read").bearer(&made, now()).is_some());
    // Within one line, as TOML allows, too.
    let inline = format!(
        "token = [{{name = \"a\", scope = \"read\", sha256 = \"{hash}\", created = \"2026-01-01T00:00:00Z\"}}]\n"
    );
    for text in [inline.as_str(), "token = []\n", ""] {
        fs::write(&path, text).expect("written");
        let mut tokens = Tokens::read(&path).expect("read");
        tokens.add(new("b", Scope::All), now()).expect("made");
        tokens.write(&path).expect("written");
        let names: Vec<_> = Tokens::read(&path).expect("read").entries().map(|entry| entry.name.clone()).collect();
        assert_eq!(names.len(), 1 + usize::from(text.contains("name")), "{names:?}");
    }
}
