//! The arguments of a call held against the model before anybody is asked anything: all that is wrong, at once, in PVE's words.

use serde_json::{Map, Value};

use super::{
    given::plain,
    lists,
    say::{self, Say},
    target,
};
use crate::{
    foreign::line,
    near,
    spec::{BadCall, Call as Request, Endpoint, Method, Param, verify},
    tools::{call::ToolResult, say::capital, tool::Call},
};

/// What PVE takes in the body of a request; older releases take less, and say so themselves.
const BODY_MAX: usize = 512 * 1024;
/// What it takes in the first line of one.
const QUERY_MAX: usize = 8 * 1024;

/// Names under which callers hand over parameters as if PVE's own request were theirs to build.
const WRAPPERS: [&str; 8] = ["body", "data", "form", "json", "params", "parameters", "query", "arguments"];

/// Holds the arguments of a call against its method. Who is meant by a name, and the node where it is left out, come later.
///
/// # Errors
/// Everything that is wrong with them.
pub(in crate::tools) fn arguments(
    call: &Call<'_>,
    endpoint: &Endpoint,
    given: &Map<String, Value>,
) -> Result<(), ToolResult> {
    let refusals = verify::verify(endpoint, given.clone()).err().unwrap_or_default();
    let mut told: Vec<String> = refusals
        .iter()
        .filter(|refusal| !comes_later(endpoint, refusal, given.get(&refusal.param)))
        .map(|refusal| sentence(call, endpoint, given, refusal))
        .collect();
    for param in endpoint.params.iter().filter(|param| param.in_path && !matches!(param.name.as_str(), "node" | "vmid"))
    {
        let known = |name: &str| refusals.iter().any(|refusal| refusal.param == name);
        if let Some(value) = given.get(&param.name).filter(|_| !known(&param.name))
            && let Err(why) = fits_path(endpoint, &param.name, &plain(value))
        {
            told.push(format!("{}: {why}", param.name));
        }
    }
    let most = if endpoint.method.has_body() { BODY_MAX } else { QUERY_MAX };
    let size: usize = given.iter().map(|(name, value)| name.len() + plain(value).len() + 2).sum();
    if size > most {
        told.push(call.either(
            format!("the arguments have {size} bytes, and Proxmox VE takes {most} at most"),
            format!("los argumentos tienen {size} bytes, y Proxmox VE acepta {most} como mucho"),
        ));
    }
    if told.is_empty() { Ok(()) } else { Err(call.wrong(&all(endpoint, given, &told))) }
}

/// Sentences one after the other. One that begins with a name keeps it as it is written.
fn all(endpoint: &Endpoint, given: &Map<String, Value>, told: &[String]) -> String {
    let begun = |text: &str| {
        let first = text.split([':', ' ', '[']).next().unwrap_or_default();
        let named = endpoint.param(first).is_some() || given.contains_key(first) || first.contains('_');
        if named { text.to_owned() } else { capital(text) }
    };
    let said = told.iter().fold(String::new(), |said, one| match said.chars().last() {
        None => begun(one),
        Some('?') => format!("{said} {}", begun(one)),
        Some(_) => format!("{said}; {one}"),
    });
    if said.ends_with(['?', '.']) { said } else { format!("{said}.") }
}

/// Whether a refusal is about what is completed or looked up once the call is known to be well-formed.
fn comes_later(endpoint: &Endpoint, refusal: &verify::RefusedParam, value: Option<&Value>) -> bool {
    let name = refusal.param.as_str();
    let Some(param) = endpoint.param(name) else { return false };
    let scalar = value.is_some_and(|value| value.is_string() || value.is_number());
    match name {
        "node" if param.in_path => value.is_none_or(Value::is_null),
        "vmid" if param.in_path => scalar,
        _ => lists::names_guests(endpoint, param) && (scalar || value.is_some_and(Value::is_array)),
    }
}

/// What is wrong with one argument.
fn sentence(
    call: &Call<'_>,
    endpoint: &Endpoint,
    given: &Map<String, Value>,
    refusal: &verify::RefusedParam,
) -> String {
    let named = refusal.named();
    let name = line(&named, 60);
    if refusal.problems.contains(&verify::Violation::Unknown) {
        return unknown(call, endpoint, given, &refusal.param);
    }
    if name == "vmid" && refusal.problems.contains(&verify::Violation::Missing) && target::kind(endpoint).is_some() {
        return say::no_guest(call).trim_end_matches('.').to_owned();
    }
    let meant = refusal.problems.iter().find_map(|problem| match problem {
        verify::Violation::Value { got, allowed } => near::closest(got, allowed.iter().map(String::as_str)),
        _ => None,
    });
    let meant = meant.map_or_else(String::new, |meant| {
        format!("; {}", call.either(format!("did you mean {meant}?"), format!("¿quería decir {meant}?")))
    });
    format!("{name}: {}{meant}", line(refusal.text().trim_end(), 300))
}

/// That the method has no such parameter, with the one that was probably meant.
fn unknown(call: &Call<'_>, endpoint: &Endpoint, given: &Map<String, Value>, name: &str) -> String {
    let shown = line(name, 60);
    if WRAPPERS.contains(&name) && given.get(name).is_some_and(Value::is_object) {
        let (english, spanish) = match endpoint.method {
            Method::Get | Method::Delete => ("Proxmox VE takes no body here", "Proxmox VE no acepta cuerpo aquí"),
            Method::Post | Method::Put => ("the request is not yours to build", "la petición no la construye usted"),
        };
        return call.either(
            format!("{english}: put the parameters directly into arguments, without {shown}"),
            format!("{spanish}: ponga los parámetros directamente en arguments, sin {shown}"),
        );
    }
    let names: Vec<String> = endpoint.params.iter().map(Param::published).collect();
    match near::closest(name, names.iter().map(String::as_str)) {
        Some(meant) => call.either(
            format!("{shown} is no parameter of it; did you mean {meant}?"),
            format!("{shown} no es un parámetro suyo; ¿quería decir {meant}?"),
        ),
        None => call.either(format!("{shown} is no parameter of it"), format!("{shown} no es un parámetro suyo")),
    }
}

/// Whether a value can stand in its place of the path.
fn fits_path(endpoint: &Endpoint, name: &str, value: &str) -> Result<(), String> {
    match Request::check_segment(endpoint, name, value) {
        Ok(()) => Ok(()),
        Err(why) => Err(format!("{:?} cannot stand in the path {}: {why}", line(value, 60), endpoint.path)),
    }
}

/// The request, when everything has been looked up.
///
/// # Errors
/// What is still wrong.
pub(in crate::tools) fn request(
    call: &Call<'_>,
    endpoint: &'static Endpoint,
    arguments: Map<String, Value>,
) -> Result<Request, ToolResult> {
    Request::from_json(endpoint, arguments.clone()).map_err(|e| match e {
        BadCall::Refused(refusals) => {
            let told: Vec<String> =
                refusals.iter().map(|refusal| sentence(call, endpoint, &arguments, refusal)).collect();
            call.wrong(&all(endpoint, &arguments, &told))
        }
        other @ BadCall::Segment { .. } => call.wrong(&format!("{other}.")),
    })
}
