//! The pages: every command block of the program alone is run against a demo cluster, or says why it cannot be; every link
//! leads somewhere.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use proxmox_mcp::demo::{self, Scenario};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// README and all pages below docs.
fn pages() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = ["README.md", "README.es.md"].iter().map(|name| Path::new(ROOT).join(name)).collect();
    for folder in ["docs", "docs/es"] {
        let entries = fs::read_dir(Path::new(ROOT).join(folder)).expect("the folder of the pages");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        found.extend(paths.filter(|path| path.extension().is_some_and(|ext| ext == "md")));
    }
    found.sort();
    found
}

/// A block of commands, and the reason that stands before it for not running it.
struct Block {
    line: usize,
    commands: String,
    excused: Option<String>,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    let mut excuse = None;
    for (at, line) in page.lines().enumerate() {
        let bare = line.trim();
        match &mut open {
            Some(_) if bare == "```" => found.extend(open.take()),
            Some(block) => block.commands = format!("{}{bare}\n", block.commands),
            None if bare == "```sh" => {
                open = Some(Block { line: at + 1, commands: String::new(), excused: excuse.take() });
            }
            None => {
                if let Some(reason) = bare.strip_prefix("<!-- not run:").and_then(|b| b.strip_suffix("-->")) {
                    excuse = Some(reason.trim().to_owned());
                } else if !bare.is_empty() {
                    excuse = None;
                }
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_block_runs_or_says_why_not() {
    let demo = demo::start(Scenario::default()).await.expect("the demo starts");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = Path::new(env!("CARGO_BIN_EXE_proxmox-mcp")).parent().expect("its folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let mut ran = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page");
        for block in blocks(&text) {
            let at = format!("{}:{}", page.display(), block.line);
            if let Some(reason) = &block.excused {
                assert!(reason.len() > 10, "{at}: the reason for not running it is missing");
                continue;
            }
            // What builds the program or fetches something is run by the whole check and by the generator's tests.
            let own = block
                .commands
                .lines()
                .all(|l| l.contains("proxmox-mcp ") && !l.contains("cargo") && !l.contains("claude "));
            if !own {
                continue;
            }
            let mut command = Command::new("sh");
            command.args(["-euc", &block.commands]).current_dir(folder.path()).env_clear().env("PATH", &path);
            command.env("PROXMOX_HOST", demo.addr().to_string());
            command.env("PROXMOX_FINGERPRINT", demo.fingerprint().to_string());
            command.env("PROXMOX_TOKEN", format!("{}={}", demo.token().id, demo.token().secret.reveal()));
            let output = command.output().expect("a shell");
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{at}: {}\n{}\n{errors}", output.status, block.commands);
            ran += 1;
        }
    }
    assert!(ran >= 8, "only {ran} blocks were run");
}

#[test]
fn every_link_leads_somewhere() {
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            if link.contains("://") || link.starts_with('#') || link.starts_with("mailto:") {
                continue;
            }
            let file = link.split('#').next().unwrap_or_default();
            let target = page.parent().expect("a folder").join(file);
            assert!(target.exists(), "{}: {link} leads nowhere", page.display());
        }
    }
}

#[test]
fn the_index_names_every_page() {
    let index = fs::read_to_string(Path::new(ROOT).join("docs/index.md")).expect("the index");
    for page in pages() {
        let name = page.file_name().expect("a name").to_string_lossy().into_owned();
        if page.parent() == Some(&Path::new(ROOT).join("docs")) && name != "index.md" {
            assert!(index.contains(&format!("({name})")), "docs/index.md does not name {name}");
        }
    }
}
