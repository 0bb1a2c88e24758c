//! Rules on methods of the API by verb and path: `api:DELETE /storage/*`, `api:/nodes/*/qemu/*`.

use std::{collections::BTreeSet, fmt, str::FromStr};

use crate::{
    api, near,
    spec::{Endpoint, Method},
};

/// Which methods a rule is about: those with this verb, or any, whose path fits. A `*` is one part of the path, the last one all
/// that is below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Methods {
    method: Option<Method>,
    /// The parts of the path as they were written; of a last `*` that is `below`.
    parts: Vec<String>,
    below: bool,
}

/// A method that is to be called, with what is known of the values in its path.
#[derive(Clone, Debug)]
pub(in crate::tools) struct Asked {
    method: Method,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    /// It is always so.
    Fixed(String),
    /// The value of a placeholder.
    Value(String),
    /// A placeholder whose value is not known yet.
    Open,
}

impl Asked {
    /// A method, with the values that are known of its placeholders.
    pub(in crate::tools) fn of(endpoint: &Endpoint, value: impl Fn(&str) -> Option<String>) -> Self {
        let part = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => value(name).map_or(Part::Open, Part::Value),
            None => Part::Fixed(part.to_owned()),
        };
        Self { method: endpoint.method, parts: parts(&endpoint.path).map(part).collect() }
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

impl Methods {
    /// Whether the rule is about this call; nothing where that depends on a value that is not known yet.
    pub(in crate::tools) fn matches(&self, asked: &Asked) -> Option<bool> {
        let long_enough =
            if self.below { asked.parts.len() > self.parts.len() } else { asked.parts.len() == self.parts.len() };
        if self.method.is_some_and(|method| method != asked.method) || !long_enough {
            return Some(false);
        }
        let mut known = true;
        for (own, part) in self.parts.iter().zip(&asked.parts) {
            match part {
                _ if own == "*" || own.starts_with('{') => {}
                Part::Fixed(part) | Part::Value(part) if own == part => {}
                Part::Fixed(_) | Part::Value(_) => return Some(false),
                Part::Open => known = false,
            }
        }
        known.then_some(true)
    }

    /// Why no method of the API can be meant, if none can.
    pub(in crate::tools) fn idle(&self) -> Option<String> {
        let of_path = |endpoint: &&'static Endpoint| {
            Self { method: None, ..self.clone() }.matches(&Asked::of(endpoint, |_| None)) != Some(false)
        };
        let verbs: BTreeSet<Method> = api::endpoints().filter(of_path).map(|endpoint| endpoint.method).collect();
        let Some(method) = self.method else { return verbs.is_empty().then(|| self.no_path()) };
        if verbs.is_empty() {
            return Some(self.no_path());
        }
        let has: Vec<&str> = verbs.iter().map(|verb| verb.as_str()).collect();
        (!verbs.contains(&method)).then(|| format!("no method there is {method}; there are {}", has.join(", ")))
    }

    fn no_path(&self) -> String {
        let path = self.path();
        let known: BTreeSet<String> = api::endpoints()
            .flat_map(|endpoint| {
                let parts: Vec<&str> =
                    parts(&endpoint.path).map(|part| if part.starts_with('{') { "*" } else { part }).collect();
                // All beginnings of the path too, since a rule may be about what is below.
                (1..=parts.len()).map(|n| format!("/{}", parts[..n].join("/"))).collect::<Vec<_>>()
            })
            .collect();
        // Stars are no letters, so that `/storag/*` is close to `/storage` as well; of two that are alike the one as long wins.
        let length = parts(&path).count();
        let meant = near::meant(&path, known.iter().map(String::as_str).filter(|known| parts(known).count() == length));
        format!("no method of the API has such a path{meant}")
    }

    fn path(&self) -> String {
        let below = self.below.then_some("*");
        format!("/{}", self.parts.iter().map(String::as_str).chain(below).collect::<Vec<_>>().join("/"))
    }
}

impl FromStr for Methods {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (method, path) = match text.trim().split_once(char::is_whitespace) {
            Some((verb, path)) => match Method::parse(&verb.to_ascii_uppercase()) {
                Some(method) => (Some(method), path.trim()),
                None => return Err("the verbs of the API are GET, POST, PUT and DELETE".to_owned()),
            },
            None => (None, text.trim()),
        };
        let path = path.strip_prefix("/api2/json").unwrap_or(path);
        let Some(rest) = path.strip_prefix('/') else {
            return Err("a path begins with /, as in api:DELETE /storage/*".to_owned());
        };
        let mut parts: Vec<String> = rest.trim_end_matches('/').split('/').map(str::to_owned).collect();
        for part in &parts {
            if part.is_empty() {
                return Err("a part of the path is empty".to_owned());
            }
            if part.contains('*') && part != "*" {
                return Err(format!("* stands for a whole part of the path, not for some of {part}"));
            }
            if part.contains(char::is_whitespace) || part.contains(char::is_control) {
                return Err("no path has blanks".to_owned());
            }
        }
        let below = parts.last().is_some_and(|part| part == "*");
        parts.truncate(parts.len() - usize::from(below));
        Ok(Self { method, parts, below })
    }
}

impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.method {
            Some(method) => write!(f, "{method} {}", self.path()),
            None => f.write_str(&self.path()),
        }
    }
}

/// Whether one of several is so; nothing where that is not known of all of them, or there are none.
pub(super) fn any(all: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let (mut some, mut unknown) = (false, false);
    for one in all {
        match one {
            Some(true) => return Some(true),
            Some(false) => some = true,
            None => unknown = true,
        }
    }
    (some && !unknown).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: Method, path: &str, values: &[(&str, &str)]) -> Asked {
        let endpoint = api::endpoint(method, path).expect(path);
        Asked::of(endpoint, |name| values.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_star_is_one_part_and_the_last_one_all_below() {
        let config = asked(Method::Get, "/nodes/{node}/qemu/{vmid}/config", &[("node", "pve1"), ("vmid", "101")]);
        for (rule, matches) in [
            ("/*", true),
            ("/nodes/*", true),
            ("/nodes/*/qemu/*", true),
            ("GET /nodes/*/qemu/*/config", true),
            ("get /nodes/{node}/qemu/{vmid}/config", true),
            ("/api2/json/nodes/pve1/qemu/101/*", true),
            ("PUT /nodes/*/qemu/*", false),
            ("/nodes/*/lxc/*", false),
            ("/nodes/pve2/*", false),
            ("/nodes/*/qemu", false),
            ("/nodes/*/qemu/*/config/*", false),
        ] {
            assert_eq!(rule.parse::<Methods>().expect(rule).matches(&config), Some(matches), "{rule}");
        }
        // What stands in the place of a placeholder can be known later.
        let open = asked(Method::Get, "/nodes/{node}/qemu/{vmid}/config", &[]);
        let rule: Methods = "/nodes/pve1/qemu/*".parse().expect("a rule");
        assert_eq!(rule.matches(&open), None);
        assert_eq!("/nodes/pve1/lxc/*".parse::<Methods>().expect("a rule").matches(&open), Some(false));
        let list = asked(Method::Get, "/storage", &[]);
        assert_eq!("/storage/*".parse::<Methods>().expect("a rule").matches(&list), Some(false));
        // The value of one placeholder is one part, whatever it holds.
        let volume = asked(
            Method::Delete,
            "/nodes/{node}/storage/{storage}/content/{volume}",
            &[("node", "a"), ("storage", "local"), ("volume", "local:iso/x.iso")],
        );
        assert_eq!("/nodes/*/storage/local/content/*".parse::<Methods>().expect("a rule").matches(&volume), Some(true));
    }

    #[test]
    fn a_rule_that_no_method_can_fit_says_why() {
        for (rule, why) in [
            ("/storag/*", Some("no method of the API has such a path; did you mean /storage/*?")),
            ("/nodes/*/qemux", Some("did you mean /nodes/*/qemu?")),
            ("DELETE /nodes", Some("no method there is DELETE; there are GET")),
            ("/xyz", Some("no method of the API has such a path")),
            ("DELETE /storage/*", None),
            ("/nodes/pve1/qemu/100/config", None),
            ("/*", None),
        ] {
            let idle = rule.parse::<Methods>().expect(rule).idle();
            assert_eq!(idle.is_some(), why.is_some(), "{rule}: {idle:?}");
            assert!(idle.unwrap_or_default().contains(why.unwrap_or_default()), "{rule}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for (rule, why) in [
            ("storage", "begins with /"),
            ("PATCH /storage", "GET, POST, PUT and DELETE"),
            ("/storage//x", "is empty"),
            ("/", "is empty"),
            ("/nodes/pve*/qemu", "a whole part"),
            ("/nodes/a b", "GET, POST, PUT and DELETE"),
            ("GET /nodes/a b", "blanks"),
        ] {
            let said = rule.parse::<Methods>().expect_err(rule);
            assert!(said.contains(why), "{rule}: {said}");
        }
        assert_eq!("delete  /storage/*/".parse::<Methods>().expect("a rule").to_string(), "DELETE /storage/*");
    }
}
