//! `proxmox-mcp tools`: what is offered, and whether the token has the privileges for it.

use proxmox_mcp::tools::Need;
use serde_json::{Value, json};

use super::{Failure, Output, setup::Setup};

/// Options of the command.
#[derive(Debug, clap::Args)]
pub struct ToolsArgs {
    /// Print names, privileges and input schemas as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// When nothing can be written. A host that cannot be asked is no error: the table then says so.
pub async fn run(args: &ToolsArgs, setup: &Setup, out: &mut Output) -> Result<(), Failure> {
    let needs = setup.tools.needs().await;
    if args.json {
        let listed = proxmox_mcp::tools::Tools::all(setup.lang);
        let rows: Vec<Value> = needs.iter().zip(&listed).map(|(need, tool)| {
            json!({
                "name": need.spec.name, "title": tool.title, "description": tool.description, "inputSchema": tool.input,
                "outputSchema": tool.output, "privileges": need.required, "missing": need.missing, "denied": need.denied,
            })
        }).collect();
        out.json(&rows)?;
        return Ok(());
    }
    let width = needs.iter().map(|need| need.spec.name.len()).max().unwrap_or(0);
    let privileges = needs.iter().map(|need| need.required.join(" ").len()).max().unwrap_or(0).max("PRIVILEGES".len());
    out.line(&format!("{:width$}  {:privileges$}  STATE", "TOOL", "PRIVILEGES"))?;
    for need in &needs {
        out.line(&format!("{:width$}  {:privileges$}  {}", need.spec.name, need.required.join(" "), state(need)))?;
    }
    Ok(())
}

fn state(need: &Need) -> String {
    match (&need.denied, &need.missing) {
        (Some(rule), _) => format!("denied by {rule}"),
        (None, None) => "unknown: the host could not be asked".to_owned(),
        (None, Some(missing)) if missing.is_empty() => "have".to_owned(),
        (None, Some(missing)) => format!("miss {}", missing.join(" ")),
    }
}
