//! Every route, declared once: its method, its path, who answers, with which parameters and statuses.
//!
//! The router is made of this table, and so are `/openapi.json` and the list at `/`; the gate reads from it who may come
//! without credentials. The endpoint of MCP alone stands beside it (`serve.rs`): its methods are the SDK's to judge.

use std::sync::Arc;

use axum::{
    Router,
    routing::{MethodFilter, MethodRouter, on},
};
use serde_json::Value;

use super::{
    probes::{self, Probes},
    rest::{self, Rest, api, openapi, schemas},
};
use crate::tools::{Action, GuestKind};

/// One route.
pub(super) struct Route {
    /// The method that it takes.
    pub verb: Verb,
    /// Its path, with names in braces for what varies.
    pub path: &'static str,
    /// How the gate treats it.
    pub gate: Gate,
    /// Who answers.
    pub answers: Answers,
    /// What is said of it.
    pub described: Described,
}

/// A method that a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verb {
    Delete,
    Get,
    Post,
}

/// How the gate treats a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// It asks for credentials.
    Closed,
    /// It asks for none: what a client needs to find out how to get some.
    Open,
    /// It asks for none, and answers even where all connections are taken.
    Probe,
}

/// Who answers on a route.
pub(super) enum Answers {
    /// A tool for guests, its arguments taken from path and query.
    Guests(GuestKind, Action),
    /// The REST door.
    Rest(fn(MethodFilter) -> MethodRouter<Rest>),
    /// What answers whoever serves here.
    Probe(fn(MethodFilter) -> MethodRouter<Arc<Probes>>),
}

/// What is said of a route.
pub(super) enum Described {
    /// What is said of the tool that answers.
    Tool,
    /// A look at something that is no tool.
    Facts(Facts),
    /// An operation of its own.
    Own(fn() -> Value),
    /// Nothing: a standard that its clients know says what is there.
    Standard,
}

/// What is said of a look at something.
pub(super) struct Facts {
    /// Its name among the operations.
    pub id: &'static str,
    /// What it shows.
    pub summary: &'static str,
    /// Names in its path, and what they are.
    pub parameters: &'static [(&'static str, &'static str)],
    /// The schema of what it shows, as JSON where no other media type is given.
    pub shows: fn() -> Value,
    /// What else it is called than "as asked", and its media type.
    pub media: Option<(&'static str, &'static str)>,
    /// Statuses of failures, besides those of the gate.
    pub problems: &'static [u16],
}

/// How failures of Proxmox VE are answered where something is looked up in it.
const PVE: &[u16] = &[403, 502, 504];

/// All of them.
pub(super) static ROUTES: [Route; 28] = [
    facts(Verb::Get, "/", Answers::Rest(|verb| on(verb, rest::index)), {
        Facts { shows: schemas::index, ..shown("index", "What this server is and offers") }
    }),
    guests(Verb::Get, "/vms", GuestKind::Vm, Action::List),
    guests(Verb::Get, "/vms/{vmid}", GuestKind::Vm, Action::Get),
    guests(Verb::Delete, "/vms/{vmid}", GuestKind::Vm, Action::Delete),
    guests(Verb::Post, "/vms/{vmid}/start", GuestKind::Vm, Action::Start),
    guests(Verb::Post, "/vms/{vmid}/stop", GuestKind::Vm, Action::Stop),
    guests(Verb::Post, "/vms/{vmid}/restart", GuestKind::Vm, Action::Restart),
    guests(Verb::Get, "/containers", GuestKind::Ct, Action::List),
    guests(Verb::Get, "/containers/{vmid}", GuestKind::Ct, Action::Get),
    guests(Verb::Delete, "/containers/{vmid}", GuestKind::Ct, Action::Delete),
    guests(Verb::Post, "/containers/{vmid}/start", GuestKind::Ct, Action::Start),
    guests(Verb::Post, "/containers/{vmid}/stop", GuestKind::Ct, Action::Stop),
    guests(Verb::Post, "/containers/{vmid}/restart", GuestKind::Ct, Action::Restart),
    facts(Verb::Get, "/tools", Answers::Rest(|verb| on(verb, rest::list_tools)), {
        Facts { shows: schemas::tools, ..shown("listTools", "The tools that the caller may use, with their schemas") }
    }),
    own(Verb::Post, "/tools/{name}", Answers::Rest(|verb| on(verb, rest::call_tool)), openapi::call_tool),
    own(Verb::Get, "/api", Answers::Rest(|verb| on(verb, api::search)), api::say_search),
    own(Verb::Get, "/api/{id}", Answers::Rest(|verb| on(verb, api::describe)), api::say_describe),
    own(Verb::Post, "/api/{id}", Answers::Rest(|verb| on(verb, api::call)), api::say_call),
    facts(Verb::Get, "/nodes", Answers::Rest(|verb| on(verb, rest::nodes)), {
        Facts { shows: schemas::nodes, problems: PVE, ..shown("listNodes", "The nodes of the cluster") }
    }),
    facts(Verb::Get, "/tasks/{upid}", Answers::Rest(|verb| on(verb, rest::task)), {
        Facts {
            parameters: &[("upid", "Task id as PVE prints it, with its trailing colon.")],
            shows: schemas::task,
            problems: &[403, 404, 502, 504],
            ..shown("getTask", "How a task stands")
        }
    }),
    facts(Verb::Get, "/server/info", Answers::Rest(|verb| on(verb, rest::info)), {
        Facts {
            shows: schemas::info,
            ..shown("serverInfo", "Version, protocol revisions and the PVE schema compiled in")
        }
    }),
    facts(Verb::Get, "/openapi.json", Answers::Rest(|verb| on(verb, rest::openapi_json)), {
        shown("openapi", "This document")
    }),
    probe("/livez", |verb| on(verb, probes::livez), {
        Facts { shows: schemas::status, ..shown("livez", "Whether the process is up") }
    }),
    probe("/readyz", |verb| on(verb, probes::readyz), {
        let summary = "Whether calls would work; the log of the server says why not";
        Facts { shows: schemas::status, problems: &[503], ..shown("readyz", summary) }
    }),
    probe("/health", |verb| on(verb, probes::health), {
        Facts { shows: schemas::status, ..shown("health", "Whether the process is up, and what it thinks of PVE") }
    }),
    facts(Verb::Get, "/metrics", Answers::Probe(|verb| on(verb, probes::numbers)), {
        let media = Some(("OpenMetrics text.", "application/openmetrics-text"));
        Facts { shows: schemas::text, media, ..shown("metrics", "Numbers for Prometheus") }
    }),
    metadata("/.well-known/oauth-protected-resource"),
    metadata("/.well-known/oauth-protected-resource/{*path}"),
];

const fn guests(verb: Verb, path: &'static str, kind: GuestKind, action: Action) -> Route {
    Route { verb, path, gate: Gate::Closed, answers: Answers::Guests(kind, action), described: Described::Tool }
}

const fn facts(verb: Verb, path: &'static str, answers: Answers, facts: Facts) -> Route {
    Route { verb, path, gate: Gate::Closed, answers, described: Described::Facts(facts) }
}

const fn own(verb: Verb, path: &'static str, answers: Answers, says: fn() -> Value) -> Route {
    Route { verb, path, gate: Gate::Closed, answers, described: Described::Own(says) }
}

const fn probe(path: &'static str, answers: fn(MethodFilter) -> MethodRouter<Arc<Probes>>, facts: Facts) -> Route {
    let described = Described::Facts(facts);
    Route { verb: Verb::Get, path, gate: Gate::Probe, answers: Answers::Probe(answers), described }
}

/// What OAuth clients look for, as RFC 9728 says.
const fn metadata(path: &'static str) -> Route {
    let answers = Answers::Probe(|verb| on(verb, probes::metadata));
    Route { verb: Verb::Get, path, gate: Gate::Open, answers, described: Described::Standard }
}

const fn shown(id: &'static str, summary: &'static str) -> Facts {
    Facts { id, summary, parameters: &[], shows: schemas::object, media: None, problems: &[] }
}

impl Verb {
    /// The method, as OpenAPI writes it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Get => "get",
            Self::Post => "post",
        }
    }

    const fn filter(self) -> MethodFilter {
        match self {
            Self::Delete => MethodFilter::DELETE,
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
        }
    }
}

/// How the gate treats what matches this path; what is no route is for callers, too.
pub(super) fn gate(path: &str) -> Gate {
    ROUTES.iter().find(|route| route.path == path).map_or(Gate::Closed, |route| route.gate)
}

/// The routes of the REST door.
pub(super) fn of_rest(rest: Rest) -> Router {
    let add = |router: Router<Rest>, route: &Route| match route.answers {
        Answers::Guests(kind, Action::List) => {
            router.route(route.path, on(route.verb.filter(), rest::guests(kind, Action::List)))
        }
        Answers::Guests(kind, action) => router.route(route.path, on(route.verb.filter(), rest::guest(kind, action))),
        Answers::Rest(answers) => router.route(route.path, answers(route.verb.filter())),
        Answers::Probe(_) => router,
    };
    ROUTES.iter().fold(Router::new(), add).with_state(rest)
}

/// The routes that there are whoever serves: probes, numbers, what OAuth clients look for.
pub(super) fn of_probes(probes: Probes) -> Router {
    let add = |router: Router<Arc<Probes>>, route: &Route| match route.answers {
        Answers::Probe(answers) => router.route(route.path, answers(route.verb.filter())),
        Answers::Guests(..) | Answers::Rest(_) => router,
    };
    ROUTES.iter().fold(Router::new(), add).with_state(Arc::new(probes))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_is_declared_once_and_described() {
        let mut seen = BTreeSet::new();
        for route in &ROUTES {
            assert!(seen.insert((route.path, route.verb)), "{} {}", route.verb.word(), route.path);
            let guests = matches!(route.answers, Answers::Guests(..));
            assert_eq!(guests, matches!(route.described, Described::Tool), "{}", route.path);
            let standard = matches!(route.described, Described::Standard);
            assert_eq!(standard, route.path.starts_with("/.well-known/"), "{}", route.path);
        }
    }

    /// The gate asks by path alone.
    #[test]
    fn all_methods_of_a_path_are_treated_alike() {
        for route in &ROUTES {
            assert_eq!(gate(route.path), route.gate, "{}", route.path);
        }
        assert_eq!(gate("none"), Gate::Closed);
    }
}
