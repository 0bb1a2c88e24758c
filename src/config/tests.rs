use std::{collections::HashMap, fs, path::Path};

use super::*;
use crate::client::{Auth, Host};

const SECRET: &str = "5ec2e7aa-0000-4000-8000-c0ffee123456";

fn given(pairs: &[(&str, &str)]) -> Result<Given, BadSettings> {
    let map: HashMap<_, _> = pairs.iter().copied().collect();
    let names: Vec<_> = pairs.iter().map(|(name, _)| (*name).to_owned()).collect();
    whole(Given::read(&names, |name| map.get(name).map(|v| Ok((*v).to_owned())), None))
}

/// What was given, if all of it could be read.
fn whole(given: Given) -> Result<Given, BadSettings> {
    if given.problems().0.is_empty() { Ok(given) } else { Err(given.problems().clone()) }
}

/// The configuration with a host and a token, and these variables on top.
fn with(pairs: &[(&str, &str)]) -> Result<Config, BadSettings> {
    let token = format!("mcp@pve!ai={SECRET}");
    let mut all = vec![("PROXMOX_HOST", "pve1"), ("PROXMOX_TOKEN", token.as_str())];
    all.extend(pairs);
    Config::of(&given(&all)?)
}

fn problems(pairs: &[(&str, &str)]) -> String {
    with(pairs).expect_err("a problem").to_string()
}

#[test]
fn a_host_and_a_token_are_enough() {
    let config = with(&[]).expect("valid");
    assert_eq!(config.client.hosts, [Host { name: "pve1".to_owned(), port: 8006 }]);
    assert_eq!(config.client.auth.who(), "mcp@pve!ai");
    assert_eq!((config.client.tls, config.http_port), (Tls::System, 3000));
}

#[test]
fn nothing_given_names_all_that_is_missing_at_once() {
    let problems = Config::of(&Given::default()).expect_err("problems");
    assert_eq!(problems.0.len(), 2, "{problems}");
    assert!(problems.0[0].text.starts_with("PROXMOX_HOST is missing"));
    assert!(problems.0[1].text.contains("PROXMOX_TOKEN (user@realm!id=secret)"));
}

#[test]
fn hosts_are_read_as_people_write_them() {
    let text = "pve1, https://pve2:443/ ,[2001:db8::1]:8007,2001:db8::2,192.0.2.7";
    let hosts = with(&[("PROXMOX_HOST", text), ("PROXMOX_PORT", "9000")]).expect("valid").client.hosts;
    let shown: Vec<_> = hosts.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["pve1:9000", "pve2:443", "[2001:db8::1]:8007", "[2001:db8::2]:9000", "192.0.2.7:9000"]);
}

#[test]
fn wrong_values_are_named_with_what_would_be_right() {
    for (name, value, expected) in [
        ("PROXMOX_HOST", "http://pve1", "in the clear"),
        ("PROXMOX_HOST", "pve1/api2", "more than a host"),
        ("PROXMOX_HOST", "root@pve1", "before the @"),
        ("PROXMOX_HOST", "pve 1", "not a host name"),
        ("PROXMOX_HOST", ",", "names no host"),
        ("PROXMOX_HOST", "pve1:0", "1 to 65535"),
        ("PROXMOX_HOST", "[::1]x", "1 to 65535"),
        ("PROXMOX_PORT", "70000", "\"70000\" is not a whole number from 1 to 65535"),
        ("PROXMOX_PORT", "abc", "PROXMOX_PORT"),
        ("HTTP_PORT", "-1", "HTTP_PORT"),
        ("PROXMOX_AUTH_METHOD", "kerberos", "neither token nor password"),
        ("PROXMOX_REJECT_UNAUTHORIZED", "maybe", "neither true nor false"),
        ("PROXMOX_FINGERPRINT", "AB:CD", "32 pairs"),
        ("PROXMOX_REQUEST_TIMEOUT", "0", "1 to 3600"),
        ("PROXMOX_MAX_IN_FLIGHT", "65", "1 to 64"),
    ] {
        let said = problems(&[(name, value)]);
        assert!(said.contains(name) && said.contains(expected), "{name}={value}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn a_wrong_token_is_explained_without_showing_it() {
    for (value, expected) in [
        (format!("mcp@pve!ai:{SECRET}"), "no '='"),
        (format!("mcp@pve={SECRET}"), "no '!'"),
        (format!("mcp!ai={SECRET}"), "user and realm"),
        (format!("mcp@pve!a={SECRET}"), "an id that"),
        ("mcp@pve!ai=".to_owned(), "no secret"),
        (format!("mcp@pve!ai={SECRET} x"), "blanks"),
    ] {
        let said = problems(&[("PROXMOX_TOKEN", &value)]);
        assert!(said.contains(expected) && !said.contains(SECRET), "{said}");
    }
}

#[test]
fn a_token_is_read_from_the_right() {
    let auth = with(&[("PROXMOX_TOKEN", "PVEAPIToken=a@b!c@pve!ai=x")]).expect("valid").client.auth;
    assert_eq!(auth.who(), "a@b!c@pve!ai");
}

#[test]
fn the_login_is_what_is_set_unless_the_method_says_it() {
    let user = [("PROXMOX_USERNAME", "root@pam"), ("PROXMOX_PASSWORD", "geheim")];
    assert!(matches!(with(&user).expect("valid").client.auth, Auth::Token(_)));
    let password = [user[0], user[1], ("PROXMOX_AUTH_METHOD", "Password")];
    assert_eq!(with(&password).expect("valid").client.auth.who(), "root@pam");
    let alone = given(&[("PROXMOX_HOST", "pve1"), user[0], user[1]]).expect("given");
    assert_eq!(Config::of(&alone).expect("valid").client.auth.who(), "root@pam");
    assert!(problems(&[("PROXMOX_AUTH_METHOD", "password")]).starts_with("PROXMOX_USERNAME is missing"));
    let said = Config::of(&given(&[("PROXMOX_HOST", "pve1"), ("PROXMOX_USERNAME", "root")]).expect("given"));
    assert!(said.expect_err("no realm").to_string().contains("with its realm"));
}

#[test]
fn trust_that_contradicts_itself_is_refused() {
    let pin = ("PROXMOX_FINGERPRINT", "AB:".repeat(31) + "CD");
    let any = ("PROXMOX_REJECT_UNAUTHORIZED", "false");
    let file = ("PROXMOX_CA_FILE", "/ca.pem");
    let pin = (pin.0, pin.1.as_str());
    assert!(matches!(with(&[pin]).expect("valid").client.tls, Tls::Pinned(pins) if pins.len() == 1));
    assert_eq!(with(&[any]).expect("valid").client.tls, Tls::AcceptAny);
    assert_eq!(with(&[file]).expect("valid").client.tls, Tls::CaFile("/ca.pem".into()));
    for pair in [[pin, any], [file, any], [pin, file]] {
        assert_eq!(with(&pair).expect_err("contradiction").0.len(), 1);
    }
}

#[test]
fn secrets_come_from_files_and_credentials_and_the_environment_wins() {
    let folder = tempfile::tempdir().expect("folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    fs::write(path("token"), format!("mcp@pve!file={SECRET}\n")).expect("written");
    fs::write(path("proxmox-token"), format!("mcp@pve!systemd={SECRET}\n")).expect("written");
    fs::write(path(".env"), format!("PROXMOX_TOKEN='mcp@pve!dotenv={SECRET}'\nHTTP_PORT=4000\n")).expect("written");
    let read = |pairs: &[(&str, &str)], dotenv: Option<&Path>| {
        let map: HashMap<String, String> = pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let given = whole(Given::read(&[], |name| map.get(name).cloned().map(Ok), dotenv)).expect("given");
        (given.get("PROXMOX_TOKEN").unwrap_or_default().to_owned(), given)
    };
    let dotenv = folder.path().join(".env");
    let folder_name = folder.path().to_string_lossy().into_owned();
    let credentials = ("CREDENTIALS_DIRECTORY", folder_name.as_str());
    let file = path("token");
    let (token, given) = read(&[("PROXMOX_TOKEN_FILE", &file), credentials], Some(&dotenv));
    assert!(token.starts_with("mcp@pve!file="));
    assert_eq!(given.source("PROXMOX_TOKEN"), Some(&Source::File(file.into())));
    assert_eq!(given.get("HTTP_PORT"), Some("4000"));
    assert!(read(&[credentials], Some(&dotenv)).0.starts_with("mcp@pve!dotenv="));
    assert!(read(&[credentials, ("PROXMOX_TOKEN", " ")], None).0.starts_with("mcp@pve!systemd="));
    assert!(read(&[("PROXMOX_TOKEN", "direct"), credentials], Some(&dotenv)).0 == "direct");
}

#[test]
fn unreadable_files_are_named_and_their_content_is_not() {
    let both = given(&[("PROXMOX_TOKEN", "x"), ("PROXMOX_TOKEN_FILE", "/y")]).expect_err("both");
    assert!(both.to_string().contains("PROXMOX_TOKEN and PROXMOX_TOKEN_FILE are both set"));
    let gone = given(&[("PROXMOX_PASSWORD_FILE", "/nonexistent/secret")]).expect_err("gone");
    assert!(gone.to_string().starts_with("PROXMOX_PASSWORD_FILE: /nonexistent/secret cannot be read"));
    let folder = tempfile::tempdir().expect("folder");
    let dotenv = folder.path().join(".env");
    fs::write(&dotenv, format!("HTTP_PORT=1\nPROXMOX_PASSWORD={SECRET} two words\n")).expect("written");
    let said = Given::read(&[], |_| None, Some(&dotenv)).problems().to_string();
    assert!(said.contains("line 2") && !said.contains(SECRET), "{said}");
    let not_utf8 = Given::read(&[], |name| (name == "PROXMOX_HOST").then_some(Err(())), None);
    assert!(not_utf8.problems().to_string().contains("PROXMOX_HOST is not valid UTF-8"));
}

#[test]
fn debug_output_shows_no_secret() {
    let user = [
        ("PROXMOX_AUTH_METHOD", "password"),
        ("PROXMOX_USERNAME", "root@pam"),
        ("PROXMOX_PASSWORD", "hunter2-hunter2"),
        ("PROXMOX_TOTP_SECRET", "JBSWY3DPEHPK3PXP"),
    ];
    let shown = format!("{:#?} {:#?}", with(&[]).expect("valid"), with(&user).expect("valid"));
    let shown = format!("{shown} {:#?}", given(&user).expect("given"));
    for secret in [SECRET, "hunter2", "JBSWY3DPEHPK3PXP"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("root@pam"));
}

#[test]
fn what_only_the_environment_is_asked_for_must_not_hide_in_a_dotenv() {
    let folder = tempfile::tempdir().expect("folder");
    let dotenv = folder.path().join(".env");
    fs::write(&dotenv, "PROXMOX_LOG=debug\nPROXMOX_MCP_TOKENS=\n").expect("written");
    let said = Given::read(&[], |_| None, Some(&dotenv)).problems().to_string();
    assert!(said.contains("PROXMOX_LOG is read from the environment only") && !said.contains("TOKENS"), "{said}");
    let given = Given::read(&[], |name| (name == "PROXMOX_LOG").then(|| Ok("info".to_owned())), Some(&dotenv));
    assert_eq!(whole(given).expect("the environment wins").get("PROXMOX_LOG"), Some("info"));
}

#[test]
fn a_mistyped_setting_is_refused_and_anothers_is_only_told() {
    for (name, nearest) in [
        ("PROXMOX_MCP_READONLY", "; did you mean PROXMOX_MCP_READ_ONLY?"),
        ("PROXMOX_MCP_DESTRUCTIVE", "; did you mean PROXMOX_MCP_DISABLE_DESTRUCTIVE?"),
        ("PROXMOX_MCP_CONFIRM_FILE", "; did you mean PROXMOX_MCP_CONFIRM?"),
        ("PROXMOX_MCP_X", ""),
    ] {
        assert_eq!(problems(&[(name, "true")]), format!("{name}, in the environment, is no setting{nearest}"));
    }
    let others = [("PROXMOX_TOKN", "x"), ("PROXMOX_VE_ENDPOINT", "x"), ("PROXMOX_MCP_BEARER", "x")];
    let given = given(&others).expect("perhaps another program's");
    let [ours] = given.passed_over() else { panic!("{given:?}") };
    assert!(ours.starts_with("PROXMOX_TOKN, in") && ours.ends_with("did you mean PROXMOX_TOKEN?"), "{ours}");
}

#[test]
fn a_mistyped_line_of_a_dotenv_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let dotenv = folder.path().join(".env");
    fs::write(&dotenv, "PROXMOX_TOKN=x\nPROXMOX_TOKEN_FILE=\nOTHER=y\nPROXMOX_EMPTY=\nPROXMOX_VE_ENDPOINT=z\n")
        .expect("written");
    let said = Given::read(&[], |_| None, Some(&dotenv)).problems().clone();
    let expected = format!("PROXMOX_TOKN, in {}, is no setting; did you mean PROXMOX_TOKEN?", dotenv.display());
    assert_eq!(said.0, [BadSetting::of([], expected)]);
}

#[test]
fn a_password_in_an_address_is_refused_and_not_repeated() {
    for host in [
        "https://ops:hush@pve1",
        "http://ops:hush@pve1:8006/",
        "ops:hush@pve1",
        "https://ops:hu,sh@pve1",
        "pve1,https://a:hush@b",
    ] {
        let problems = with(&[("PROXMOX_HOST", host)]).expect_err(host).to_string();
        assert!(problems.contains("before the @"), "{problems}");
        assert!(!problems.contains("hush") && !problems.contains("hu,sh") && !problems.contains("ops:"), "{problems}");
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once_and_each_once() {
    let folder = tempfile::tempdir().expect("folder");
    let dotenv = folder.path().join(".env");
    fs::write(&dotenv, "PROXMOX_PASWORD=x\nPROXMOX_TOKEN=a$b\nHTTP_PORT=no\n").expect("written");
    let map = [("PROXMOX_HOST", "a b"), ("PROXMOX_PORT", "0"), ("PROXMOX_REJECT_UNAUTHORIZED", "flase")];
    let variable = |name: &str| map.iter().find(|(n, _)| *n == name).map(|(_, v)| Ok((*v).to_owned()));
    let said = Config::of(&Given::read(&[], variable, Some(&dotenv))).expect_err("wrong").0;
    for what in [
        "line 2: PROXMOX_TOKEN has a $",
        "PROXMOX_PASWORD, in",
        "did you mean PROXMOX_PASSWORD?",
        "PROXMOX_PORT: \"0\"",
        "PROXMOX_HOST: \"a b\" is not a host name",
        "did you mean false?",
        "HTTP_PORT: \"no\"",
    ] {
        assert_eq!(said.iter().filter(|problem| problem.text.contains(what)).count(), 1, "{what} in {said:#?}");
    }
    assert_eq!(said.len(), 6, "{said:#?}");
}

#[test]
fn quotes_that_were_kept_round_a_value_are_named_and_a_mark_at_the_beginning_is_none_of_it() {
    let quoted = format!("\"mcp@pve!ai={SECRET}\"");
    let said = problems(&[("PROXMOX_TOKEN", &quoted)]);
    assert!(
        said.starts_with("PROXMOX_TOKEN has quotes round it, from the environment") && !said.contains(SECRET),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("token");
    fs::write(&file, format!("\u{feff}mcp@pve!ai={SECRET}\r\n")).expect("written");
    let given = given(&[("PROXMOX_TOKEN_FILE", file.to_str().expect("UTF-8"))]).expect("given");
    assert_eq!(given.get("PROXMOX_TOKEN"), Some(format!("mcp@pve!ai={SECRET}").as_str()));
}

#[test]
fn the_names_of_other_tools_are_answered_with_ours() {
    let theirs = ["TOKEN_ID", "TOKEN_SECRET", "TOKEN_NAME", "TOKEN_VALUE", "VERIFY_SSL", "URL", "USER"];
    let ours = ["TOKEN", "TOKEN", "TOKEN", "TOKEN", "REJECT_UNAUTHORIZED", "HOST", "USERNAME"];
    for (theirs, ours) in theirs.iter().zip(ours) {
        let name = format!("PROXMOX_{theirs}");
        let told = given(&[(&name, "x")]).expect("perhaps another program's");
        let [said] = told.passed_over() else { panic!("{told:?}") };
        assert!(said.contains(&format!("; here it is PROXMOX_{ours}")), "{said}");
    }
}

#[test]
fn each_part_of_a_setting_that_is_wrong_is_named_and_so_is_what_depends_on_one() {
    let said = problems(&[("PROXMOX_FINGERPRINT", "AB,CD"), ("PROXMOX_CA_FILE", "/ca.pem")]);
    for what in ["\"AB\" is not", "\"CD\" is not", "are both set"] {
        assert!(said.contains(what), "{said}");
    }
    let said =
        problems(&[("PROXMOX_AUTH_METHOD", "tokn"), ("PROXMOX_TOKEN", "x"), ("PROXMOX_REJECT_UNAUTHORIZED", "nein")]);
    for what in ["did you mean token?", "PROXMOX_TOKEN has no '='", "neither true nor false"] {
        assert!(said.contains(what), "{said}");
    }
}

#[test]
fn a_problem_names_the_settings_that_it_is_about_and_no_others() {
    let wrong = [("PROXMOX_HOST", "root@pve1"), ("PROXMOX_MCP_READONLY", "true"), ("HTTP_PORT", "x")];
    let said = with(&[("PROXMOX_MCP_READONLY", "true")]).expect_err("mistyped");
    assert!(!said.concern("PROXMOX_MCP_READ_ONLY"), "{said:?}");
    let read: HashMap<_, _> = wrong.into_iter().collect();
    let said =
        Config::of(&Given::read(&[], |name| read.get(name).map(|v| Ok((*v).to_owned())), None)).expect_err("wrong");
    assert!(said.concern("PROXMOX_HOST") && said.concern("HTTP_PORT"), "{said:?}");
    let host = said.0.iter().find(|problem| problem.text.contains("before the @")).expect("the host");
    assert_eq!(host.settings, ["PROXMOX_HOST"], "the token that its text advises is not concerned");
}

#[test]
fn what_could_not_be_read_is_not_called_missing() {
    let said =
        Config::of(&Given::read(&[], |name| (name == "PROXMOX_TOKEN_FILE").then(|| Ok("/none".to_owned())), None));
    let said = said.expect_err("unreadable").to_string();
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(
        said.contains("PROXMOX_TOKEN_FILE: /none cannot be read") && said.contains("PROXMOX_HOST is missing"),
        "{said}"
    );
}

#[test]
fn a_file_as_windows_writes_it_is_read_or_its_encoding_is_named() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("token");
    let utf16: Vec<u8> = "\u{feff}mcp@pve!ai=x".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(&file, utf16).expect("written");
    let path = file.to_str().expect("UTF-8");
    let said = given(&[("PROXMOX_TOKEN_FILE", path)]).expect_err("UTF-16").to_string();
    assert_eq!(said, format!("PROXMOX_TOKEN_FILE: {path} is UTF-16; save it as UTF-8"));
    let said = Given::read(&[], |_| None, Some(&file)).problems().to_string();
    assert_eq!(said, format!("{path} is UTF-16; save it as UTF-8"));
    fs::write(&file, format!("PROXMOX_TOKEN=mcp@pve!ai={SECRET}")).expect("written");
    let said = Config::of(&given(&[("PROXMOX_HOST", "pve1"), ("PROXMOX_TOKEN_FILE", path)]).expect("read"));
    let said = said.expect_err("a line of .env").to_string();
    assert!(said.contains("PROXMOX_TOKEN begins with its own name") && !said.contains(SECRET), "{said}");
}
