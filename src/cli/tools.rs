//! `proxmox-mcp tools`: which tools there are, and whether the token has the privileges for them. Without a host, or
//! without an answer from it, the rest is told all the same.

use proxmox_mcp::{
    client::{Client, Settings},
    config::Config,
    doctor,
    tools::{Listed, Policy, Rights, Tools, required},
};
use serde_json::{Value, json};

use super::{Failure, Output, output, setup};

/// Options of the command.
#[derive(Debug, clap::Args)]
pub(super) struct ToolsArgs {
    /// Print names, privileges and input schemas as JSON.
    #[arg(long)]
    json: bool,
}

/// What is known of one tool here.
struct Row {
    tool: Listed,
    /// The privileges that it always needs.
    required: Vec<&'static str>,
    /// The rule of this server that forbids it.
    denied: Option<String>,
    /// What the token has of it, if that could be asked.
    held: Option<Held>,
}

/// What the token has of the privileges of a tool.
struct Held {
    missing: Vec<&'static str>,
    /// Pools that rules ask for and that are not shown: every call is denied.
    hidden: Vec<String>,
    /// Privileges that are held on some guests, with the paths.
    limited: Vec<(&'static str, String)>,
}

/// Runs the command; `demo` holds the settings of the demo when there is one.
///
/// # Errors
/// When a rule cannot be read or nothing can be written. A host that cannot be asked is no error.
pub(super) async fn run(
    args: &ToolsArgs,
    rules: &setup::Rules,
    demo: Option<Settings>,
    out: &mut Output,
) -> Result<(), Failure> {
    let given = setup::given()?;
    setup::warn(&given);
    let policy = setup::policy(&given, rules)?;
    let rights = match demo.map_or_else(|| Config::of(&given).map(|config| config.client), Ok) {
        Ok(settings) => asked(settings).await,
        Err(problems) => Err(format!("{}; `proxmox-mcp doctor` says more", problems.to_string().replace('\n', "; "))),
    };
    let sets = setup::toolsets(&given, rules).map_err(Failure::new)?;
    let mut all = Tools::all(setup::lang(&given, rules)?);
    all.retain(|listed| sets.contains(&listed.tool.toolset));
    let rows: Vec<Row> = all.into_iter().map(|tool| row(tool, &policy, rights.as_ref().ok())).collect();
    if args.json {
        out.json(&rows.iter().map(document).collect::<Vec<_>>())?;
    } else {
        table(&rows, rights.is_ok(), out)?;
    }
    if let Err(why) = rights {
        output::complain(&format!("whether the token has these privileges could not be asked: {why}"));
    }
    Ok(())
}

async fn asked(settings: Settings) -> Result<Rights, String> {
    let client = Client::new(settings).map_err(|e| e.to_string())?;
    Rights::read(&client).await.map_err(|e| e.to_string())
}

fn row(tool: Listed, policy: &Policy, rights: Option<&Rights>) -> Row {
    let required = required(tool.tool);
    let denied = policy.tool(tool.tool).err().map(|denied| denied.0);
    let held = rights.map(|rights| {
        let some = required.iter().filter(|p| rights.on_some_guest(p) && !rights.on_every_guest(p));
        Held {
            missing: rights.missing(tool.tool),
            hidden: doctor::hidden_pools(policy, rights).into_iter().map(|pool| format!("/pool/{pool}")).collect(),
            limited: some.map(|p| (*p, rights.paths(p).join(", "))).collect(),
        }
    });
    Row { tool, required, denied, held }
}

fn document(row: &Row) -> Value {
    let mut document = json!({
        "name": row.tool.tool.name, "title": row.tool.title, "description": row.tool.description,
        "inputSchema": row.tool.input, "outputSchema": row.tool.output, "privileges": row.required,
        "missing": row.held.as_ref().map(|held| &held.missing), "denied": row.denied,
    });
    if let Some(held) = &row.held {
        document["hiddenPools"] = json!(held.hidden);
        document["onlyOn"] =
            held.limited.iter().map(|(privilege, paths)| ((*privilege).to_owned(), json!(paths))).collect();
    }
    document
}

fn table(rows: &[Row], asked: bool, out: &mut Output) -> Result<(), Failure> {
    let state_of = |row: &Row| state(row).unwrap_or_default();
    // Without a host there may still be rules that deny.
    let states = asked || rows.iter().any(|row| row.denied.is_some());
    let head = ["TOOL", "WHAT IT DOES", "PRIVILEGES", if states { "STATE" } else { "" }].map(str::to_owned);
    let body = rows
        .iter()
        .map(|row| [row.tool.tool.name.to_owned(), row.tool.title.to_owned(), row.required.join(" "), state_of(row)]);
    let lines: Vec<[String; 4]> = std::iter::once(head).chain(body).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let (tool, title, privileges) = (width(0), width(1), width(2));
    for [a, b, c, d] in &lines {
        out.line(format!("{a:tool$}  {b:title$}  {c:privileges$}  {d}").trim_end())?;
    }
    Ok(())
}

/// Whether it can be used; nothing where that is not known.
fn state(row: &Row) -> Option<String> {
    if let Some(rule) = &row.denied {
        return Some(format!("denied by {rule}"));
    }
    let held = row.held.as_ref()?;
    let limited = || held.limited.iter().map(|(privilege, paths)| format!("{privilege} on {paths}"));
    Some(match (held.missing.as_slice(), held.hidden.as_slice()) {
        ([], []) if held.limited.is_empty() => "granted".to_owned(),
        ([], []) => format!("granted only: {}", limited().collect::<Vec<_>>().join("; ")),
        ([], hidden) => format!("missing Pool.Audit on {}, which rules need", hidden.join(", ")),
        (missing, _) => format!("missing {}", missing.join(" ")),
    })
}
