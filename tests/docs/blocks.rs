//! Every command block is run, here or by a script of the whole check, or says why it cannot be.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use proxmox_mcp::demo::{self, Demo, Scenario};

use crate::{
    file,
    page::{Block, Page, all},
    read,
};

/// Languages of blocks that hold no commands.
const DATA: [&str; 6] = ["json", "ini", "toml", "yaml", "nginx", "text"];

/// What a block may use to be run here: the program, and what every shell has.
const HERE: [&str; 4] = ["proxmox-mcp", "echo", "printf", "cat"];

/// Who runs a block.
#[derive(Debug, PartialEq, Eq)]
enum Runner {
    /// This test.
    Here,
    /// A script of the whole check.
    Script(String),
    /// Nobody, for this reason.
    Nobody(String),
}

/// The mark before a block.
fn runner(block: &Block) -> Runner {
    match block.mark.as_deref() {
        None => Runner::Here,
        // What the check reads the test command from.
        Some("tests") => Runner::Script(".ci/run".to_owned()),
        Some(mark) => match (mark.strip_prefix("not run:"), mark.strip_prefix("run by")) {
            (Some(reason), _) => Runner::Nobody(reason.trim().to_owned()),
            (None, Some(script)) => Runner::Script(script.trim().to_owned()),
            (None, None) => Runner::Here,
        },
    }
}

/// The commands of a block; in a `console` block those behind a prompt, with the lines that a backslash leads to.
fn commands(block: &Block) -> String {
    if block.language == "sh" {
        return block.text.clone();
    }
    let (mut commands, mut goes_on) = (String::new(), false);
    for line in block.text.lines() {
        if let Some(command) = line.strip_prefix("$ ").or_else(|| goes_on.then_some(line)) {
            commands.push_str(command);
            commands.push('\n');
            goes_on = command.ends_with('\\');
        }
    }
    commands
}

/// The first word of each command of a script, without the variables that are set for it.
fn programs(commands: &str) -> Vec<String> {
    let joined = commands.replace("\\\n", " ");
    let parts = joined
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split(['|', ';', '&']));
    let word = |part: &str| part.split_whitespace().find(|word| !word.contains('=')).map(str::to_owned);
    parts.filter_map(word).collect()
}

/// Whether a block needs nothing but the program and an empty folder, and comes to an end.
fn can_run_here(commands: &str) -> bool {
    let own = programs(commands).iter().all(|program| HERE.contains(&program.as_str()));
    own && !commands.contains(" serve") && !commands.split_whitespace().any(|word| word.starts_with('/'))
}

fn is_command(block: &Block) -> bool {
    matches!(block.language.as_str(), "sh" | "console")
}

fn command_blocks(page: &Page) -> impl Iterator<Item = &Block> {
    page.blocks.iter().filter(|block| is_command(block))
}

#[test]
fn every_block_says_what_it_is() {
    for page in all() {
        for block in &page.blocks {
            assert!(
                is_command(block) || DATA.contains(&block.language.as_str()),
                "{}: a block of {:?}; commands belong in a fenced block of sh",
                block.at,
                block.language
            );
        }
    }
}

#[test]
fn every_command_block_has_somebody_who_runs_it_or_a_reason() {
    for block in all().iter().flat_map(command_blocks) {
        let at = &block.at;
        assert!(!commands(block).trim().is_empty(), "{at}: no command is in it");
        match runner(block) {
            Runner::Here => assert!(
                can_run_here(&commands(block)),
                "{at}: it needs more than the program, serves without end, or writes outside of its folder. Write \
                 `<!-- run by .ci/docs -->` before it, or `<!-- not run: REASON -->`"
            ),
            Runner::Nobody(reason) => assert!(reason.len() > 10, "{at}: the reason for not running it is missing"),
            Runner::Script(script) => {
                assert!(matches!(script.as_str(), ".ci/run" | ".ci/docs"), "{at}: {script} runs no blocks");
                assert!(file(&script).is_file(), "{at}: there is no {script}");
            }
        }
    }
}

/// What .ci/run does itself is a line of it; what .ci/docs does, it finds by the mark.
#[test]
fn the_whole_check_runs_what_is_left_to_it() {
    for block in all().iter().flat_map(command_blocks) {
        if runner(block) == Runner::Script(".ci/run".to_owned()) {
            let test = "cargo test --workspace";
            assert_eq!(block.text.trim(), test, "{}: .ci/run runs the command behind `<!-- tests -->` alone", block.at);
            assert!(read("README.md").contains(&format!("<!-- tests -->\n```sh\n{test}\n")));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_blocks_of_the_program_alone_do_what_they_say() {
    let demo = demo::start(Scenario::default()).await.expect("the demo starts");
    let mut seen = BTreeSet::new();
    for page in all() {
        // A block may use what an earlier one of its page has written.
        let folder = tempfile::tempdir().expect("a temporary folder");
        for block in &page.blocks {
            if let Some(name) = block.mark.as_deref().and_then(|mark| mark.strip_prefix("file:")) {
                fs::write(folder.path().join(name.trim()), &block.text).expect("written");
            }
            let commands = if is_command(block) { commands(block) } else { continue };
            // What the Spanish pages show was run as a block of the English ones.
            let here = runner(block) == Runner::Here && can_run_here(&commands);
            if here && seen.insert(commands.clone()) {
                run(&commands, &block.at, folder.path(), &demo);
            }
        }
    }
    assert!(seen.len() >= 8, "only {} blocks were run", seen.len());
}

fn run(commands: &str, at: &str, folder: &Path, demo: &Demo) {
    let program = Path::new(env!("CARGO_BIN_EXE_proxmox-mcp")).parent().expect("its folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("sh");
    command.args(["-euc", commands]).current_dir(folder).env_clear().env("PATH", path).env("HOME", folder);
    command.env("PROXMOX_HOST", demo.addr().to_string());
    command.env("PROXMOX_FINGERPRINT", demo.fingerprint().to_string());
    command.env("PROXMOX_TOKEN", format!("{}={}", demo.token().id, demo.token().secret.reveal()));
    let output = command.output().expect("a shell");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{at}: {}\n{commands}\n{errors}", output.status);
}

#[test]
fn a_new_block_without_a_mark_is_noticed() {
    let page = |text: &str| Page::of("page.md", text.to_owned());
    for (text, expected) in [
        ("```sh\nmake\n```\n", Runner::Here),
        ("<!-- not run: it takes a mountain -->\n```sh\nmake\n```\n", Runner::Nobody("it takes a mountain".into())),
        ("1. So:\n\n   <!-- run by .ci/docs -->\n   ```sh\n   make\n   ```\n", Runner::Script(".ci/docs".into())),
        ("<!-- not run: it takes a mountain -->\n\nBut this:\n\n```sh\nmake\n```\n", Runner::Here),
        ("<!-- only a remark -->\n```sh\nmake\n```\n", Runner::Here),
    ] {
        assert_eq!(runner(&page(text).blocks[0]), expected, "{text}");
    }
    assert_eq!(page("text\n\n    make\n").blocks[0].language, "");
    assert_eq!(programs("A=1 curl x |\n  cargo run\n# no\nproxmox-mcp a"), ["curl", "cargo", "proxmox-mcp"]);
    assert!(can_run_here("proxmox-mcp tools\n") && !can_run_here("proxmox-mcp token new a --tokens /etc/t\n"));
    assert!(!can_run_here("proxmox-mcp --demo serve\n") && !can_run_here("proxmox-mcp tools && make\n"));
    let console = page("```console\n$ a \\\n    b\nsaid\n$ c\n```\n");
    assert_eq!(commands(&console.blocks[0]), "a \\\n    b\nc\n");
}

#[test]
fn data_in_the_pages_can_be_read() {
    for page in all() {
        for block in &page.blocks {
            let wrong = match block.language.as_str() {
                "json" => serde_json::from_str::<serde_json::Value>(&block.text).err().map(|e| e.to_string()),
                "toml" => block.text.parse::<toml::Table>().err().map(|e| e.to_string()),
                _ => None,
            };
            assert_eq!(wrong, None, "{}", block.at);
        }
    }
    let snippets = fs::read_dir(file("docs/clients")).expect("the folder of snippets");
    for path in snippets.map(|entry| entry.expect("an entry").path()) {
        let text = fs::read_to_string(&path).expect("a snippet");
        if path.extension().is_some_and(|kind| kind == "yaml") {
            continue;
        }
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", path.display());
    }
}
