//! `proxmox-mcp api search|describe|call`: the whole API from the command line, by the same tools as an AI has.

use std::io::{self, IsTerminal};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use proxmox_mcp::{
    client::Rehearsal,
    spec::Risk,
    tools::{ToolResult, method},
};
use serde_json::{Map, Value, json};

use super::{
    Failure, Output,
    call::{self, Form},
    output,
    setup::Setup,
};

/// What to do with the API.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Api {
    /// Find methods by what is to be done, in everyday words, English or Spanish.
    Search(Search),
    /// Tell of one method what it takes, needs and gives.
    Describe(Describe),
    /// Call one method.
    Call(Call),
}

/// Options of `api search`.
#[derive(Debug, clap::Args)]
pub(super) struct Search {
    /// What is to be done, such as: back up a VM.
    #[arg(required = true)]
    words: Vec<String>,
    /// Only methods of this risk.
    #[arg(long, value_parser = risks())]
    risk: Option<String>,
    /// Only methods whose path begins so, such as /nodes.
    #[arg(long)]
    path: Option<String>,
    /// Most methods to show, 1 to 20.
    #[arg(long)]
    limit: Option<u64>,
    /// Print the structured result as JSON.
    #[arg(long)]
    json: bool,
}

/// Options of `api describe`.
#[derive(Debug, clap::Args)]
pub(super) struct Describe {
    /// The method: its id, such as get_nodes, or verb and path, such as "GET /nodes".
    id: String,
    /// One parameter, with everything that is known of it.
    #[arg(long)]
    parameter: Option<String>,
    /// Print the structured result as JSON.
    #[arg(long)]
    json: bool,
}

/// Options of `api call`.
#[derive(Debug, clap::Args)]
pub(super) struct Call {
    /// The method: its id, such as get_nodes, or verb and path, such as "GET /nodes/pve1/status".
    id: String,
    /// Its parameters, such as vmid=100; one that is given several times is a list, `-` reads them from standard input as a
    /// JSON object, and confirm=CODE agrees to a plan.
    #[arg(value_name = "KEY=VALUE")]
    arguments: Vec<String>,
    /// Only these fields of each row, separated by commas.
    #[arg(long, value_name = "NAMES")]
    fields: Option<String>,
    /// Only rows with this value (status=running), or that hold this text.
    #[arg(long)]
    filter: Option<String>,
    /// Most rows to show, 1 to 500.
    #[arg(long)]
    limit: Option<u64>,
    /// Where to go on.
    #[arg(long)]
    cursor: Option<String>,
    /// Do not wait for the task that the call begins.
    #[arg(long)]
    no_wait: bool,
    /// Seconds to wait for it.
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    #[command(flatten)]
    form: Form,
    /// Show the requests and send only those that change nothing.
    #[arg(long)]
    dry_run: bool,
}

fn risks() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(Risk::ALL.map(Risk::as_str))
}

impl Api {
    /// What keeps changes back, for a dry run.
    pub(super) fn rehearsal(&self) -> Option<Rehearsal> {
        matches!(self, Self::Call(call) if call.dry_run).then(Rehearsal::default)
    }
}

/// Runs the command.
///
/// # Errors
/// When the tool says that it failed, or that what it began goes on.
pub(super) async fn run(
    api: &Api,
    setup: &Setup,
    rehearsal: Option<&Rehearsal>,
    out: &mut Output,
) -> Result<(), Failure> {
    match api {
        Api::Search(search) => {
            let given = given([
                ("query", Some(search.words.join(" ").into())),
                ("risk", search.risk.clone().map(Value::from)),
                ("path", search.path.clone().map(Value::from)),
                ("limit", search.limit.map(Value::from)),
            ]);
            let result = call::outcome("searchApi", &given, setup).await?;
            if search.json || result.problem.is_some() || !io::stdout().is_terminal() {
                return call::print(&result, Form::of(search.json), out);
            }
            found(&result, out)
        }
        Api::Describe(describe) => {
            let given = given([
                ("id", Some(describe.id.clone().into())),
                ("parameter", describe.parameter.clone().map(Value::from)),
            ]);
            let result = call::outcome("describeApi", &given, setup).await?;
            call::print(&result, Form::of(describe.json), out)
        }
        Api::Call(typed) => {
            let mut arguments = arguments(&typed.arguments)?;
            let takes = |name: &str| method(&typed.id).is_some_and(|endpoint| endpoint.param(name).is_some());
            let confirm = if takes("confirm") { None } else { arguments.remove("confirm") };
            let piped = arguments.clone();
            let given = given([
                ("id", Some(typed.id.clone().into())),
                ("arguments", Some(arguments.into())),
                ("fields", typed.fields.clone().map(Value::from)),
                ("filter", typed.filter.clone().map(Value::from)),
                ("limit", typed.limit.map(Value::from)),
                ("cursor", typed.cursor.clone().map(Value::from)),
                ("wait", typed.no_wait.then_some(Value::from(false))),
                ("timeout", typed.timeout.map(Value::from)),
                ("confirm", confirm),
            ]);
            let result = call::piped_outcome("callApi", &given, &piped, setup).await?;
            call::told(&result, typed.form, rehearsal, out)
        }
    }
}

fn given<const N: usize>(pairs: [(&str, Option<Value>); N]) -> Map<String, Value> {
    pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The parameters of a method as they are typed. What type each has the tool finds out.
fn arguments(words: &[String]) -> Result<Map<String, Value>, Failure> {
    let mut out: Map<String, Value> = Map::new();
    for word in words {
        if word == "-" {
            out.extend(call::document(io::stdin().lock())?);
            continue;
        }
        let Some((name, value)) = word.split_once('=') else {
            return Err(Failure::usage(format!("{word:?} is not KEY=VALUE, such as vmid=100")));
        };
        match out.get_mut(name) {
            None => drop(out.insert(name.to_owned(), value.into())),
            Some(Value::Array(list)) => list.push(value.into()),
            Some(first) => *first = json!([first.clone(), value]),
        }
    }
    Ok(out)
}

/// Methods as a person reads them: the id by itself, and beneath it what it does and needs.
fn found(result: &ToolResult, out: &mut Output) -> Result<(), Failure> {
    let hits = result.structured.as_ref().and_then(|facts| facts.get("hits")).and_then(Value::as_array);
    let Some(hits) = hits.filter(|hits| !hits.is_empty()) else { return Ok(out.line(&result.text)?) };
    let (bold, plain) = if output::colour_out() { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
    for hit in hits {
        let text = |key: &str| hit[key].as_str().unwrap_or_default();
        out.line(&format!("{bold}{}{plain}  {}", text("id"), text("call")))?;
        out.line(&format!("    {}", text("summary")))?;
        let needs: Vec<&str> = hit["needs"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let needs = if needs.is_empty() { String::new() } else { format!("; needs {}", needs.join(", ")) };
        out.line(&format!("    {}{needs}", text("risk")))?;
        if !text("closed").is_empty() {
            out.line(&format!("    {}", text("closed")))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_several_times_is_a_list() {
        let read = |words: &[&str]| arguments(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        let all = read(&["vms=100", "node=pve1", "vms=101", "vms=web", "note=a=b"]).map(Value::Object);
        assert_eq!(
            all.map_err(|e| e.to_string()),
            Ok(json!({"vms": ["100", "101", "web"], "node": "pve1", "note": "a=b"}))
        );
        assert!(read(&["100"]).is_err_and(|e| e.to_string().contains("is not KEY=VALUE")));
    }
}
