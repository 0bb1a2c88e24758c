//! What is typed: options, variables, completions, slips of the pen.

use std::process::{Command, Stdio};

use super::{PROGRAM, command, doctor::names, ends, err, out, run, settings, slow};

#[test]
fn bash_completes_what_the_program_says() {
    let script = run(&["completions", "bash"]);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("script");
    std::fs::write(&file, &script.stdout).expect("written");
    let line = r#". "$1"; COMP_LINE="proxmox-mcp call stopVM vmid=100 mode=s"; COMP_POINT=${#COMP_LINE}
        _proxmox_mcp; echo "${COMPREPLY[*]}""#;
    let path = format!("{}:/usr/bin:/bin", std::path::Path::new(PROGRAM).parent().expect("its folder").display());
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", line, "bash"]).arg(&file).env("PATH", path);
    let output = bash.output().expect("bash");
    assert_eq!(out(&output), "shutdown stop\n", "{}", err(&output));
    for shell in ["zsh", "fish"] {
        assert!(out(&run(&["completions", shell])).contains("proxmox-mcp __complete -- "), "{shell}");
    }
}

#[test]
fn a_filter_of_the_log_that_is_none_is_named_by_where_it_was_given() {
    let typed = run(&["--log", "x=y=z", "--demo", "tools"]);
    ends(&typed, 2);
    assert!(err(&typed).contains("--log \"x=y=z\""), "{}", err(&typed));
    let set = command(&["--demo", "tools"]).env("PROXMOX_LOG", "x=y=z").output().expect("the program starts");
    ends(&set, 1);
    assert!(err(&set).contains("PROXMOX_LOG=\"x=y=z\"") && !err(&set).contains("--log"), "{}", err(&set));
}

#[test]
fn complaints_name_what_was_typed() {
    let french = run(&["--lang", "fr", "tools"]);
    ends(&french, 2);
    assert!(err(&french).contains("--lang") && !err(&french).contains("PROXMOX_MCP_LANG"), "{}", err(&french));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("tokens.toml").to_string_lossy().into_owned();
    let none = run(&["token", "list", "--tokens", &file]);
    ends(&none, 0);
    assert!(out(&none).is_empty() && err(&none).contains(&format!("there is no token in {file}")), "{}", err(&none));
    let mut mistyped = command(&["--demo", "tools"]);
    let mistyped = mistyped.env("PROXMOX_MCP_READONLY", "true").output().expect("the program starts");
    ends(&mistyped, 1);
    assert!(err(&mistyped).contains("did you mean PROXMOX_MCP_READ_ONLY?"), "{}", err(&mistyped));
}

#[test]
fn days_of_a_token_that_lead_nowhere_are_refused_and_leave_no_file() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("tokens.toml");
    let path = file.to_string_lossy().into_owned();
    for (days, says) in [("0", "nobody could use"), ("3000000", "year 9999"), ("4294967295", "year 9999")] {
        let refused = run(&["token", "new", "a", "--scope", "read", "--days", days, "--tokens", &path]);
        ends(&refused, 2);
        assert!(err(&refused).contains(says) && !file.exists(), "{}", err(&refused));
    }
    ends(&run(&["token", "new", "a", "--scope", "read", "--days", "30", "--tokens", &path]), 0);
    ends(&run(&["token", "list", "--tokens", &path]), 0);
}

#[test]
fn a_word_that_is_no_level_is_no_filter_of_the_log() {
    for (filter, says) in [
        ("loud", "\"loud\" is none of off, error, warn, info, debug, trace"),
        ("dbug", "did you mean debug?"),
        ("proxmox_mcp=loud", "\"loud\" is none of"),
        ("info,hyper", "\"hyper\" is none of"),
    ] {
        let typed = run(&["--log", filter, "--demo", "tools"]);
        ends(&typed, 2);
        assert!(err(&typed).contains(says), "{}", err(&typed));
    }
    for filter in ["warn", "off", "proxmox_mcp=debug,hyper=error", "INFO", "proxmox_mcp::client"] {
        ends(&run(&["--log", filter, "--demo", "tools"]), 0);
    }
}

/// What people write into `.env`, into files of secrets and into `docker --env-file`.
#[test]
fn settings_as_people_write_them_are_read_or_refused_with_the_place() {
    let secret = "11111111-2222-3333-4444-555555555555";
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("token");
    let file = file.to_str().expect("UTF-8");
    for (dotenv, token, environment, says) in [
        ("PROXMOX_PASSWORD=Secret$9x\n", "", &[][..], "line 1: PROXMOX_PASSWORD has a $"),
        ("A=1\nPROXMOX_PASSWORD=pa$$word$HOME\n", "", &[], "line 2: PROXMOX_PASSWORD has a $"),
        ("HTTP_PORT=1\nPROXMOX_PASSWORD='open\n", "", &[], "line 2: PROXMOX_PASSWORD has a quote that is not closed"),
        ("\u{feff}PROXMOX_PORT=x\n", "", &[], "PROXMOX_PORT: \"x\""),
        ("PROXMOX_VERIFY_SSL=false\n", "", &[], "here it is PROXMOX_REJECT_UNAUTHORIZED"),
        ("", "\"mcp@pve!ai=SECRET\"\n", &[("PROXMOX_TOKEN_FILE", file)], "PROXMOX_TOKEN has quotes round it"),
        (
            "",
            "",
            &[("PROXMOX_TOKEN", "'mcp@pve!ai=SECRET'")],
            "PROXMOX_TOKEN has quotes round it, from the environment",
        ),
        ("", "", &[("PROXMOX_TOKEN_ID", "mcp@pve!ai"), ("PROXMOX_TOKEN_SECRET", "SECRET")], "here it is PROXMOX_TOKEN"),
        ("", "", &[("PROXMOX_URL", "https://pve1:8006")], "here it is PROXMOX_HOST"),
        ("", "", &[("PROXMOX_USER", "ops@pve")], "here it is PROXMOX_USERNAME"),
    ] {
        std::fs::write(folder.path().join(".env"), dotenv).expect("written");
        std::fs::write(file, token.replace("SECRET", secret)).expect("written");
        let mut command = command(&["call", "listVMs"]);
        command.current_dir(folder.path()).env("HOME", folder.path());
        command.envs(environment.iter().map(|(name, value)| (*name, value.replace("SECRET", secret))));
        let output = command.output().expect("the program starts");
        ends(&output, 1);
        assert!(err(&output).contains(says) && !err(&output).contains(secret), "{says} in {}", err(&output));
    }
    // With a mark at its beginning a file is read all the same: what is wrong is the host alone.
    std::fs::write(folder.path().join(".env"), "\u{feff}PROXMOX_HOST=a/b\n").expect("written");
    std::fs::write(file, format!("\u{feff}mcp@pve!ai={secret}\n")).expect("written");
    let mut command = command(&["call", "listVMs"]);
    let output =
        command.current_dir(folder.path()).env("PROXMOX_TOKEN_FILE", file).output().expect("the program starts");
    assert_eq!(err(&output).lines().count(), 1, "{}", err(&output));
    assert!(err(&output).contains("PROXMOX_HOST: \"a/b\" is more than a host"), "{}", err(&output));
}

#[test]
fn serve_prints_its_addresses() {
    let mut command = command(&["--demo", "serve", "--listen", "127.0.0.1:0"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program starts");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("its output")));
    let mut line = || lines.next().expect("a line").expect("text");
    let (mcp, rest) = (line(), line());
    child.kill().expect("it ends");
    child.wait().expect("it ends");
    assert!(mcp.starts_with("MCP   http://127.0.0.1:") && mcp.ends_with("/mcp"), "{mcp}");
    let base = mcp.trim_start_matches("MCP   ").trim_end_matches("/mcp");
    assert_eq!(rest, format!("REST  {base}/  (described by {base}/openapi.json)"));
}

#[test]
fn slips_of_the_pen_are_answered_with_what_was_meant() {
    for (args, meant) in [
        (&["call", "startVm", "vmid=100"][..], "Did you mean startVM?"),
        (&["call", "lisVMs"], "Did you mean listVMs?"),
        (&["call", "listVMs", "status=runing"], "did you mean running?"),
        (&["call", "stopVM", "vmid=100", "mode=shutdwon"], "did you mean shutdown?"),
        (&["call", "stopVM", "vmdi=100"], "did you mean vmid?"),
        (&["--deny", "tol:stopVM", "tools"], "did you mean tool?"),
        (&["--deny", "tool:stopvm", "tools"], "did you mean stopVM?"),
        (
            &["token", "new", "a", "--scope", "read", "--tools", "lisVMs", "--tokens", "/nonexistent/t"],
            "did you mean listVMs?",
        ),
        (&["--demo-speed", "rael", "tools"], "did you mean real?"),
        (&["token", "new", "a", "--scope", "raed", "--tokens", "/nonexistent/t"], "did you mean read?"),
        (&["doctr"], "'doctor'"),
        (&["call", "--jsn"], "'--json'"),
    ] {
        let output = run(&[&["--demo"], args].concat());
        ends(&output, 2);
        assert!(err(&output).contains(meant), "{args:?}: {}", err(&output));
    }
}

/// Each setting is declared once, and what it can be with it: whatever else is refused, by the doctor and by every start.
#[tokio::test(flavor = "multi_thread")]
async fn each_setting_takes_what_it_is_declared_to_take_and_nothing_else() {
    use proxmox_mcp::config::{DEFINITIONS, Value};
    let demo = slow().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let started = |args: &[&str], set: &[(&str, String)]| {
        let mut command = command(args);
        command.envs(settings(&demo)).env("HOME", folder.path()).current_dir(folder.path());
        command.envs(set.iter().map(|(name, value)| (*name, value.as_str()))).output().expect("the program starts")
    };
    let wrong: Vec<_> = DEFINITIONS
        .iter()
        .filter_map(|d| match d.value {
            Value::Switch => Some((d.name, "flase".to_owned(), "did you mean false?".to_owned())),
            Value::Whole(least, most) => {
                Some((d.name, (most + 1).to_string(), format!("is not a whole number from {least} to {most}")))
            }
            Value::Word(words) => Some((d.name, format!("{}x", words[0]), format!("did you mean {}?", words[0]))),
            Value::Text => None,
        })
        .collect();
    assert!(wrong.len() > 10, "{wrong:?}");
    let set: Vec<_> = wrong.iter().map(|(name, value, _)| (*name, value.clone())).collect();
    for (args, told) in
        [(&["doctor"][..], "✗"), (&["call", "listVMs"], ""), (&["serve", "--listen", "127.0.0.1:0"], ""), (&[], "")]
    {
        let output = started(args, &set);
        ends(&output, 1);
        let said = if told.is_empty() { err(&output) } else { out(&output) };
        for (name, _, says) in &wrong {
            let named: Vec<_> = said.lines().filter(|line| names(line, name)).collect();
            let [verdict] = named[..] else { panic!("{args:?}: {name}: {named:#?} in {said}") };
            assert!(verdict.contains(says.as_str()) && verdict.starts_with(told), "{args:?}: {verdict}");
        }
    }
    // Every word and both ends of every range are taken; the addresses and the trust are those of the demo.
    let others = ["PROXMOX_PORT", "PROXMOX_REJECT_UNAUTHORIZED", "PROXMOX_AUTH_METHOD"];
    for last in [false, true] {
        let good = DEFINITIONS.iter().filter(|d| !others.contains(&d.name)).filter_map(|d| match d.value {
            Value::Switch => Some((d.name, last.to_string())),
            Value::Whole(least, most) => Some((d.name, if last { most } else { least }.to_string())),
            Value::Word(words) => words.get(usize::from(last)).map(|word| (d.name, (*word).to_owned())),
            Value::Text => None,
        });
        let output = started(&["doctor"], &good.collect::<Vec<_>>());
        assert!(!out(&output).contains("✗ configuration"), "{}", out(&output));
    }
}

/// An empty variable counts as not given, wherever it is read.
#[test]
fn an_empty_variable_of_a_file_is_as_good_as_none() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut empty = command(&["--demo", "token", "list"]);
    empty.env("HOME", folder.path()).env("PROXMOX_MCP_TOKENS", "");
    ends(&empty.output().expect("the program starts"), 0);
    let mut half = command(&["--demo", "serve", "--listen", "127.0.0.1:0"]);
    half.env("HOME", folder.path()).env("PROXMOX_MCP_TLS_CERT", "").env("PROXMOX_MCP_TLS_KEY", "/none/key.pem");
    let output = half.output().expect("the program starts");
    ends(&output, 1);
    assert!(
        err(&output).contains("PROXMOX_MCP_TLS_KEY is set without its certificate (--tls-cert, PROXMOX_MCP_TLS_CERT)"),
        "{}",
        err(&output)
    );
}
