//! `proxmox-mcp completions SHELL`: a script that asks the program itself what can come next, so that tools and their
//! arguments are completed too, and nothing has to be made again when options change.

use clap::{Arg, Command, CommandFactory, ValueEnum};
use proxmox_mcp::{
    api,
    spec::{Endpoint, Kind, Param},
    tools::{Lang, Listed, Tools, method},
};

use super::{Cli, Failure, Output};

/// Options of the command.
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

/// Shells with a script.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// The words typed so far; the last one is to be completed.
#[derive(Debug, clap::Args)]
pub(super) struct Complete {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

const BASH: &str = include_str!("completions/proxmox-mcp.bash");
const ZSH: &str = include_str!("completions/proxmox-mcp.zsh");
const FISH: &str = include_str!("completions/proxmox-mcp.fish");

/// Prints the script.
///
/// # Errors
/// When nothing can be written.
pub(super) fn script(args: &Completions, out: &mut Output) -> Result<(), Failure> {
    out.line(match args.shell {
        Shell::Bash => BASH,
        Shell::Zsh => ZSH,
        Shell::Fish => FISH,
    })?;
    Ok(())
}

/// Prints what can stand in place of the last word.
///
/// # Errors
/// When nothing can be written.
pub(super) fn complete(args: &Complete, out: &mut Output) -> Result<(), Failure> {
    for candidate in candidates(&args.words) {
        out.line(&candidate)?;
    }
    Ok(())
}

fn candidates(words: &[String]) -> Vec<String> {
    let root = Cli::command();
    let (word, before) = words.split_last().map_or(("", &[][..]), |(word, before)| (word.as_str(), before));
    let (mut command, mut above) = (&root, "");
    let (mut rest, mut awaiting) = (Vec::new(), None);
    for typed in before {
        if awaiting.take().is_some() {
            // The value of an option, whatever it is called.
        } else if typed.starts_with('-') {
            awaiting = valued(command, &root, typed);
        } else if let Some(next) = command.find_subcommand(typed) {
            above = command.get_name();
            command = next;
        } else {
            rest.push(typed.as_str());
        }
    }
    if let Some(option) = awaiting {
        let parameters = (above, option.get_long()) == ("api", Some("parameter"));
        return begun(word, if parameters { parameter_names(&rest) } else { possible(option).collect() });
    }
    let mut found = match command.get_name() {
        "describe" | "call" if above == "api" && rest.is_empty() => api::endpoints().map(Endpoint::function).collect(),
        "call" if above == "api" => parameters(&rest, word),
        "call" => call(&rest, word),
        "surface" if rest.is_empty() => Tools::all(Lang::En).iter().map(|tool| tool.tool.name.to_owned()).collect(),
        _ => command.get_positionals().flat_map(possible).collect(),
    };
    found.extend(command.get_subcommands().filter(|c| !c.is_hide_set()).map(|c| c.get_name().to_owned()));
    if word.starts_with('-') {
        let global = root.get_arguments().filter(|arg| arg.is_global_set());
        let long = command.get_arguments().chain(global).filter_map(clap::Arg::get_long);
        found.extend(long.map(|long| format!("--{long}")));
    }
    begun(word, found)
}

/// Those that begin with the word.
fn begun(word: &str, mut found: Vec<String>) -> Vec<String> {
    found.retain(|candidate| candidate.starts_with(word));
    found.sort_unstable();
    found.dedup();
    found
}

/// The option that was typed, if its value is the next word.
fn valued<'a>(command: &'a Command, root: &'a Command, typed: &str) -> Option<&'a Arg> {
    let long = typed.strip_prefix("--")?;
    let global = root.get_arguments().filter(|arg| arg.is_global_set());
    let option = command.get_arguments().chain(global).find(|arg| arg.get_long() == Some(long))?;
    option.get_action().takes_values().then_some(option)
}

/// The values that an argument takes, where they can be listed.
fn possible(argument: &Arg) -> impl Iterator<Item = String> {
    argument.get_possible_values().into_iter().map(|value| value.get_name().to_owned())
}

/// Tools, then the arguments of the tool that was chosen.
fn call(rest: &[&str], word: &str) -> Vec<String> {
    let tools = Tools::all(Lang::En);
    let Some(tool) = rest.first().and_then(|name| tools.iter().find(|tool| tool.tool.name == *name)) else {
        return tools.iter().map(|tool| tool.tool.name.to_owned()).collect();
    };
    match word.split_once('=') {
        Some((key, _)) => choices(tool, key).into_iter().map(|value| format!("{key}={value}")).collect(),
        None => {
            let properties = tool.input.get("properties").and_then(serde_json::Value::as_object);
            let keys = properties.into_iter().flat_map(|p| p.keys()).map(|key| format!("{key}="));
            keys.filter(|key| !rest.iter().any(|typed| typed.starts_with(key.as_str()))).collect()
        }
    }
}

/// The names of the parameters of the method that was typed.
fn parameter_names(rest: &[&str]) -> Vec<String> {
    let endpoint = rest.first().and_then(|id| method(id));
    endpoint.into_iter().flat_map(|endpoint| &endpoint.params).map(Param::published).collect()
}

/// The parameters of the method that was chosen, then the values that one of them takes.
fn parameters(rest: &[&str], word: &str) -> Vec<String> {
    let Some(endpoint) = rest.first().and_then(|id| method(id)) else { return Vec::new() };
    match word.split_once('=') {
        Some((name, _)) => {
            let shape = endpoint.param(name).map(|param| &param.shape);
            let switch = shape.is_some_and(|shape| shape.kind == Kind::Boolean);
            let values: Vec<&str> = match shape {
                _ if switch => vec!["false", "true"],
                Some(shape) => shape.values.iter().map(String::as_str).collect(),
                None => Vec::new(),
            };
            values.into_iter().map(|value| format!("{name}={value}")).collect()
        }
        None => {
            // Of a family the first that is not typed yet.
            let typed = |key: &str| rest.iter().any(|typed| typed.starts_with(key));
            let key = |param: &Param| {
                let numbers = 0..if param.indexed { 32 } else { 1 };
                let names = numbers
                    .map(|n| if param.indexed { format!("{}{n}=", param.name) } else { format!("{}=", param.name) });
                names.into_iter().find(|key| !typed(key))
            };
            endpoint.params.iter().filter_map(key).collect()
        }
    }
}

/// The values that the tool's schema lists for an argument.
fn choices(tool: &Listed, key: &str) -> Vec<String> {
    let Some(schema) = tool.input.get("properties").and_then(|p| p.get(key)) else { return Vec::new() };
    match (schema.get("enum").and_then(serde_json::Value::as_array), schema.get("type")) {
        (Some(values), _) => values.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
        (None, Some(kind)) if kind == "boolean" => vec!["true".to_owned(), "false".to_owned()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &[&str]) -> Vec<String> {
        candidates(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn commands_and_their_options_are_completed() {
        assert_eq!(found(&["do"]), ["doctor"]);
        assert!(found(&[""]).contains(&"call".to_owned()));
        assert!(!found(&["_"]).contains(&"__complete".to_owned()));
        assert_eq!(found(&["--read-only", "doctor", "--j"]), ["--json"]);
        assert_eq!(found(&["doctor", "--read"]), ["--read-only"]);
        assert_eq!(found(&["completions", ""]), ["bash", "fish", "zsh"]);
        assert_eq!(found(&["surface", "st"]), ["startContainer", "startVM", "stopContainer", "stopTask", "stopVM"]);
    }

    #[test]
    fn the_value_of_an_option_is_not_taken_for_a_command() {
        assert_eq!(found(&["--lang", ""]), ["en", "es"]);
        assert_eq!(found(&["doctor", "--lang", "e"]), ["en", "es"]);
        assert_eq!(found(&["serve", "--listen", ""]), Vec::<String>::new());
        assert_eq!(found(&["--audit-file", "call", "do"]), ["doctor"]);
        assert_eq!(found(&["--lang", "es", "call", "restart"]), ["restartContainer", "restartVM"]);
    }

    #[test]
    fn methods_their_parameters_and_values_are_completed() {
        assert_eq!(found(&["api", ""]), ["call", "describe", "search"]);
        assert_eq!(
            found(&["api", "call", "get_nodes_node_qemu_vmid_c"]),
            [
                "get_nodes_node_qemu_vmid_cloudinit",
                "get_nodes_node_qemu_vmid_cloudinit_dump",
                "get_nodes_node_qemu_vmid_config",
            ]
        );
        assert!(found(&["api", "describe", "post_nodes_node_vz"]).contains(&"post_nodes_node_vzdump".to_owned()));
        assert_eq!(found(&["api", "call", "post_nodes_node_vzdump", "mo"]), ["mode="]);
        assert_eq!(
            found(&["api", "call", "post_nodes_node_vzdump", "mode=s"]),
            ["mode=snapshot", "mode=stop", "mode=suspend"]
        );
        assert_eq!(found(&["api", "call", "post_nodes_node_vzdump", "remove="]), ["remove=false", "remove=true"]);
        let config = "put_nodes_node_qemu_vmid_config";
        assert_eq!(found(&["api", "call", config, "net0=virtio", "net"]), ["net1="]);
        assert_eq!(found(&["api", "call", config, "vmid=1", "vm"]), ["vmgenid=", "vmstatestorage="]);
        assert_eq!(found(&["api", "describe", config, "--parameter", "net"]), ["net[n]"]);
        assert_eq!(found(&["api", "search", "--risk", "de"]), ["destroy"]);
        assert_eq!(found(&["api", "call", "--no"]), ["--no-wait"]);
        assert_eq!(found(&["call", "restart"]), ["restartContainer", "restartVM"], "a tool, not a method");
    }

    #[test]
    fn tools_their_arguments_and_values_are_completed() {
        assert_eq!(found(&["call", "restart"]), ["restartContainer", "restartVM"]);
        assert_eq!(found(&["call", "stopVM", "mo"]), ["mode="]);
        assert_eq!(found(&["call", "stopVM", "vmid=100", "vm"]), Vec::<String>::new());
        assert_eq!(found(&["call", "stopVM", "mode=s"]), ["mode=shutdown", "mode=stop"]);
        assert_eq!(found(&["call", "stopVM", "wait="]), ["wait=false", "wait=true"]);
    }
}
