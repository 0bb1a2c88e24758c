//! One request to one answer: the checks in PVE's order, which decides which error wins (pve-manager:
//! `HTTPServer.pm`; pve-http-server: `AnyEvent.pm`).

use super::{
    access::Who,
    api,
    fault::Daemon,
    http::{Body, Forwarded, Params, Request, Response, from_body, from_query},
    permit,
    reply::{Failure, Outcome, respond},
    route,
    verify::verify,
    world::World,
};
use crate::spec::{Endpoint, Method, Permission};

/// The base of all API paths.
const BASE: &str = "/api2";

/// What the connection does with a request.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) response: Response,
    /// Who asked, for the log.
    pub(super) who: String,
    /// What it waits for before it is sent.
    pub(super) wait: Wait,
}

/// Why an answer is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    No,
    /// A refused login.
    Refused,
    /// A node that is not there.
    Unreachable,
    /// A worker that is silent.
    Silence,
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self { response, who: String::new(), wait: Wait::No }
    }
}

/// What is decided before the body has been read: the answer, if it is clear by then, or who asks.
pub(super) fn before_body(world: &World, head: &super::http::Head, limit: usize) -> Result<Option<Who>, Answer> {
    let legacy = world.release.text_in_reason_only();
    let plain = |status: u16, text: String| Answer::from(Response::plain(status, text, legacy));
    let method = head.method.as_str();
    if !["GET", "POST", "PUT", "DELETE"].contains(&method) {
        return Err(Response::bare(501, format!("method '{method}' not available")).into());
    }
    if head.header("transfer-encoding").is_some_and(|t| t.eq_ignore_ascii_case("chunked")) {
        return Err(plain(501, "chunked transfer encoding not supported".to_owned()));
    }
    let who = identify(world, head)?;
    let length = length(head);
    if length == 0 {
        return Ok(who);
    }
    if method == "GET" || method == "DELETE" {
        return Err(plain(501, format!("Unexpected content for method '{method}'")));
    }
    if length > limit {
        return Err(plain(501, "for data too large".to_owned()));
    }
    match head.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim() {
        "" | "application/x-www-form-urlencoded" | "application/json" => Ok(who),
        _ => {
            let kind = head.header("content-type").unwrap_or_default();
            Err(plain(506, format!("upload 'Content-Type '{kind}' not implemented")))
        }
    }
}

/// The length of the body that follows.
pub(super) fn length(head: &super::http::Head) -> usize {
    head.header("content-length").and_then(|l| l.parse().ok()).unwrap_or(0)
}

/// Who asks. Files need nobody; a few methods are for anybody.
fn identify(world: &World, head: &super::http::Head) -> Result<Option<Who>, Answer> {
    let path = path_of(head);
    if !path.starts_with(BASE) {
        return Ok(None);
    }
    let anonymous = Method::ALL
        .into_iter()
        .find(|m| m.as_str() == head.method)
        .and_then(|m| route::find(m, split(&path).1))
        .is_some_and(|(endpoint, _)| matches!(endpoint.permission, Permission::World));
    match world.access.who(head, world.seconds()) {
        Ok(who) => Ok(Some(who)),
        Err(_) if anonymous => Ok(None),
        Err(Failure::Unauthorized(text)) => Err(Answer { wait: Wait::Refused, ..Response::bare(401, text).into() }),
        Err(_) => Err(Response::bare(401, "No ticket").into()),
    }
}

fn path_of(head: &super::http::Head) -> String {
    let path = head.target.split('?').next().unwrap_or_default();
    percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// Format and path of `/api2/{format}/…`; both are empty when there is nothing.
fn split(path: &str) -> (&str, &str) {
    let rest = path.strip_prefix(BASE).unwrap_or_default().trim_start_matches('/');
    match rest.find('/') {
        Some(at) => (&rest[..at], &rest[at..]),
        None => (rest, "/"),
    }
}

/// Answers a request.
pub(super) fn answer(world: &mut World, daemon: Daemon, request: &Request, who: Option<&Who>) -> Answer {
    let legacy = world.release.text_in_reason_only();
    let plain = |status: u16, text: String| Answer::from(Response::plain(status, text, legacy));
    let (path, query) = request.target();
    if !path.starts_with(BASE) {
        return plain(
            500,
            match path.as_str() {
                "/" => "file error - /usr/share/pve-manager/index.html.tpl: not found\n".to_owned(),
                other => format!("no such file '{other}'\n"),
            },
        );
    }
    let (format, rest) = split(&path);
    if format.is_empty() {
        return plain(501, "no such uri".to_owned());
    }
    if format != "json" && format != "extjs" {
        return plain(501, format!("no formatter for uri {rest}, {format}"));
    }
    let params = match parameters(request, query) {
        Ok(params) => params,
        Err(text) => return plain(500, text),
    };
    let (outcome, forwarded) = call(world, daemon, &request.head.method, rest, params, who);
    let wait = match &outcome {
        Err(Failure::Unauthorized(_) | Failure::Plain(401, _)) => Wait::Refused,
        Err(Failure::Gateway(595, text)) if text != "Connection refused" => Wait::Unreachable,
        Err(Failure::Gateway(596, _)) => Wait::Silence,
        _ => Wait::No,
    };
    // A path that nothing answers is told without an end of line.
    let release = world.release.clone();
    let response = respond(&outcome, format == "extjs", forwarded, &release, &mut world.rng);
    Answer { response, who: who.map(Who::id).unwrap_or_default(), wait }
}

/// Parameters of query and body; of one name in both the query's counts.
fn parameters(request: &Request, query: &str) -> Result<Params, String> {
    let kind = request.head.header("content-type").unwrap_or_default();
    let writes = request.head.method == "POST" || request.head.method == "PUT";
    let mut params = match writes {
        true if kind.starts_with("application/json") && request.head.header("content-length").is_some() => {
            from_body(&request.body)?
        }
        true => from_query(&String::from_utf8_lossy(&request.body)),
        false => Params::new(),
    };
    params.extend(from_query(query));
    params.remove("_dc");
    Ok(params)
}

/// Carries out a call, with the checks in their order: is there such a method, do path and parameters agree, may a
/// token, may this user, can the node be reached, are the parameters right.
pub(super) fn call(
    world: &mut World,
    daemon: Daemon,
    method: &str,
    path: &str,
    mut params: Params,
    who: Option<&Who>,
) -> (Outcome, Forwarded) {
    let found = Method::ALL.into_iter().find(|m| m.as_str() == method).and_then(|m| route::find(m, path));
    let Some((endpoint, values)) = found else {
        let clean: String = path.split('/').filter(|s| !s.is_empty()).fold(String::new(), |p, s| p + "/" + s);
        let text = format!("Method '{method} {clean}' not implemented");
        return (Err(Failure::Plain(501, text)), Forwarded::No);
    };
    for (name, value) in values {
        let same = |given: &serde_json::Value| match given {
            serde_json::Value::String(text) => *text == value,
            other => other.to_string().as_str() == value,
        };
        if params.get(name).is_some_and(|given| !same(given)) {
            let text = "duplicate parameter (already defined in URI) with conflicting values!";
            return (Err(Failure::param(name, text)), Forwarded::No);
        }
        params.insert(name.to_owned(), value.into());
    }
    let forwarded = forwarded(world, endpoint, &params);
    (checked(world, daemon, endpoint, path, params, who), forwarded)
}

fn checked(
    world: &mut World,
    daemon: Daemon,
    endpoint: &'static Endpoint,
    path: &str,
    params: Params,
    who: Option<&Who>,
) -> Outcome {
    if !endpoint.allow_token && who.is_some_and(|w| w.token.is_some()) {
        let text = format!("(URI '{path}' not available with API token, need proper ticket.\n)\n");
        return Err(Failure::Plain(403, format!("Permission check failed {text}")));
    }
    permit::check(world, who, &endpoint.permission, &params)?;
    reachable(world, endpoint, &params)?;
    if endpoint.protected && daemon == Daemon::Down {
        return Err(Failure::Gateway(595, "Connection refused".to_owned()));
    }
    let outcome = verify(endpoint, params).and_then(|args| {
        let nobody = Who { user: String::new(), token: None };
        api::run(&mut api::Call { world, who: who.unwrap_or(&nobody), args: &args, endpoint })
    });
    if endpoint.protected && daemon == Daemon::Hung {
        return Err(Failure::Gateway(596, "Connection timed out".to_owned()));
    }
    outcome
}

/// The node that a call is forwarded to, if it is not the one that was asked.
fn elsewhere<'a>(world: &World, endpoint: &Endpoint, params: &'a Params) -> Option<&'a str> {
    let node = params.get(endpoint.proxyto.as_deref()?)?.as_str()?;
    (node != "localhost" && node != world.local()).then_some(node)
}

/// Refuses a node that nobody knows, or that is not there.
fn reachable(world: &World, endpoint: &Endpoint, params: &Params) -> Result<(), Failure> {
    let Some(node) = elsewhere(world, endpoint, params) else { return Ok(()) };
    if world.host(node).is_none() {
        let label = node.parse::<crate::pve::NodeName>().is_ok();
        let why = if label { "Temporary failure in name resolution" } else { "Name or service not known" };
        let text = format!("hostname lookup '{node}' failed - failed to get address info for: {node}: {why}");
        return Err(Failure::new(text));
    }
    match world.host(node).filter(|host| host.away_since.is_some()) {
        Some(host) => Err(Failure::Gateway(595, host.unreachable(world).to_owned())),
        None => Ok(()),
    }
}

/// Over whom an answer comes. To pvedaemon and to nodes PVE 7 kept connections for what can be repeated.
fn forwarded(world: &World, endpoint: &Endpoint, params: &Params) -> Forwarded {
    let other = elsewhere(world, endpoint, params).is_some();
    let post = endpoint.method == Method::Post;
    match (other, endpoint.protected) {
        (false, false) => Forwarded::No,
        (true, true) if endpoint.method == Method::Get => Forwarded::Node,
        _ if !world.release.since(8, 0, 0) && !post => Forwarded::Kept,
        (true, false) => Forwarded::Kept,
        _ => Forwarded::Daemon,
    }
}

/// A page of a reverse proxy in front.
pub(super) fn proxy_page(status: u16) -> Response {
    let reason = match status {
        401 => "Unauthorized",
        403 => "Forbidden",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Time-out",
        _ => "Error",
    };
    let page = format!(
        "<html><head><title>{status} {reason}</title></head><body><center><h1>{status} {reason}</h1></center></body>\
         </html>\n"
    );
    Response { body: Body::Html(page), ..Response::bare(status, reason) }
}
