//! The manual pages of `packaging/man`, one a command, made from the command line's definition and held to it here.

use std::{collections::BTreeMap, path::Path};

use clap::{Command, CommandFactory};
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};
use proxmox_mcp::config::DEFINITIONS;

use super::{Cli, EXIT_CODES};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/man");

/// Set, the test writes the pages instead of comparing them.
const BLESS: &str = "BLESS_MAN";

/// The pages by file name.
fn pages() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    // The text of the exit codes has a section of its own.
    collect(&named(Cli::command().after_long_help(""), "proxmox-mcp"), &mut found);
    found
}

/// The command with the name of its page, `proxmox-mcp-token-new`, and as it is typed, `proxmox-mcp token new`.
fn named(command: Command, page: &str) -> Command {
    let typed = page.replacen('-', "\0", 1).replace('-', " ").replace('\0', "-");
    let below = |sub: Command| {
        let page = format!("{page}-{}", sub.get_name());
        named(sub, &page)
    };
    command.disable_help_subcommand(true).mut_subcommands(below).display_name(page).bin_name(typed)
}

/// A page shows the options of its own command; those that every command takes are on the first.
fn collect(command: &Command, found: &mut BTreeMap<String, String>) {
    let name = command.get_display_name().expect("it was given one");
    let source = concat!("proxmox-mcp ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).title(name).source(source).manual("proxmox-mcp");
    let text = sections(&man, command, name).expect("memory takes all");
    found.insert(format!("{name}.1"), String::from_utf8(text).expect("text"));
    command.get_subcommands().filter(|c| !c.is_hide_set()).for_each(|below| collect(below, found));
}

fn sections(man: &Man, command: &Command, name: &str) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if command.get_arguments().next().is_some() {
        man.render_options_section(&mut page)?;
    }
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    closing(name).to_writer(&mut page)?;
    Ok(page)
}

/// What the definition does not hold: settings, files, exit codes, examples.
fn closing(name: &str) -> Roff {
    let mut roff = Roff::new();
    if name != "proxmox-mcp" {
        roff.control("SH", ["SEE ALSO"]).text([
            bold("proxmox-mcp"),
            roman("(1) has the options that every command takes, the settings and the exit codes."),
        ]);
        return roff;
    }
    roff.control("SH", ["ENVIRONMENT"]);
    roff.text([roman("The same names stand in a file .env in the folder in which the program is started. Secrets may also be in a file that the name with _FILE gives, or in a systemd credential.")]);
    for definition in DEFINITIONS {
        let default = definition.default.map(|value| format!(" Default: {value}.")).unwrap_or_default();
        // Plain text of what is Markdown elsewhere.
        let meaning = format!("{}{default}", definition.meaning.replace(['`', '*'], ""));
        roff.control("TP", []).text([bold(definition.name)]).text([roman(meaning)]);
    }
    roff.control("SH", ["EXIT STATUS"]);
    for (code, means) in EXIT_CODES.lines().skip(1).filter_map(|line| line.trim().split_once("  ")) {
        roff.control("TP", []).text([bold(code)]).text([roman(means)]);
    }
    roff.control("SH", ["EXAMPLES"]);
    for (command, does) in [
        ("proxmox-mcp --demo call listVMs", "Lists the virtual machines of a cluster that exists inside the process."),
        ("proxmox-mcp doctor", "Looks at settings, connection, login and privileges."),
        ("proxmox-mcp call stopVM vmid=100 mode=shutdown", "Shuts a virtual machine down and waits for the end."),
        ("echo '{\"vmid\": 100}' | proxmox-mcp call getVM - --json", "Reads the arguments as JSON, prints JSON."),
    ] {
        roff.control("TP", []).text([bold(command)]).text([roman(does)]);
    }
    roff
}

#[test]
fn the_manual_pages_are_those_of_this_command_line() {
    let pages = pages();
    if std::env::var_os(BLESS).is_some() {
        let _ = std::fs::remove_dir_all(FOLDER);
        std::fs::create_dir_all(FOLDER).expect("a folder");
        pages.iter().for_each(|(name, text)| std::fs::write(Path::new(FOLDER).join(name), text).expect("written"));
    }
    let bless = format!("{BLESS}=1 cargo test --bin proxmox-mcp man:: writes packaging/man anew");
    let entries = std::fs::read_dir(FOLDER).unwrap_or_else(|e| panic!("{FOLDER}: {e}; {bless}"));
    let committed: BTreeMap<String, String> = entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            (
                path.file_name().expect("a name").to_string_lossy().into_owned(),
                std::fs::read_to_string(&path).expect("text"),
            )
        })
        .collect();
    let names = |pages: &BTreeMap<String, String>| pages.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&committed), names(&pages), "{bless}");
    for (name, text) in &pages {
        let differs = committed[name].lines().zip(text.lines()).find(|(a, b)| a != b);
        assert!(committed[name] == *text, "{name} differs, first in {differs:?}; {bless}");
    }
}
