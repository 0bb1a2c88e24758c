//! A diff as text for people. The same change at many endpoints is told once.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Change, Class, Diff};

/// How many endpoints are named for one change unless all are asked for.
const NAMED: usize = 4;

/// One change and the endpoints that share it.
struct Group<'d> {
    change: &'d Change,
    endpoints: Vec<&'d str>,
    tools: Vec<&'d str>,
}

impl Diff {
    /// The diff as text, breaking changes first; `all` names every endpoint of a change that many share.
    pub fn text(&self, all: bool) -> String {
        let mut out = format!("{} → {}: {}\n", self.old, self.new, self.verdict());
        for class in Class::ALL {
            let groups = self.groups(class);
            if groups.is_empty() {
                continue;
            }
            let changes: usize = groups.iter().map(|group| group.endpoints.len()).sum();
            let _ = writeln!(out, "\n{class} ({changes})");
            for group in groups {
                group.write(&mut out, all);
            }
        }
        out
    }

    /// One line: how many changes of each class, and which tools a breaking one touches.
    pub fn verdict(&self) -> String {
        if self.changes.is_empty() {
            return "nothing changed".to_owned();
        }
        let counts: Vec<String> = Class::ALL
            .into_iter()
            .map(|class| (class, self.of(class).count()))
            .filter(|(_, count)| *count > 0)
            .map(|(class, count)| format!("{count} {}", class.as_str().to_lowercase()))
            .collect();
        let tools = self.broken_tools();
        let touched = if tools.is_empty() { "none touches a tool".to_owned() } else { tools.join(", ") };
        if self.is_breaking() {
            format!("{}; tools on endpoints with breaking changes: {touched}", counts.join(", "))
        } else {
            format!("{}; nothing breaks", counts.join(", "))
        }
    }

    /// The tools that call an endpoint with a breaking change, by name.
    pub fn broken_tools(&self) -> Vec<&str> {
        let breaking = self.changes.iter().filter(|change| change.class.is_breaking());
        let mut tools: Vec<&str> = breaking.flat_map(|change| &change.tools).map(String::as_str).collect();
        tools.sort_unstable();
        tools.dedup();
        tools
    }

    /// The changes of a class, equal ones together: those that touch tools first, then as the endpoints are sorted.
    fn groups(&self, class: Class) -> Vec<Group<'_>> {
        let mut order: Vec<Group<'_>> = Vec::new();
        let mut known: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
        for change in self.of(class) {
            let key = (change.kind.as_str(), change.place.as_str(), change.what.as_str());
            let at = *known.entry(key).or_insert_with(|| {
                order.push(Group { change, endpoints: Vec::new(), tools: Vec::new() });
                order.len() - 1
            });
            order[at].endpoints.push(&change.endpoint);
            order[at].tools.extend(change.tools.iter().map(String::as_str));
        }
        for group in &mut order {
            group.tools.sort_unstable();
            group.tools.dedup();
        }
        order.sort_by_key(|group| group.tools.is_empty());
        order
    }
}

impl Group<'_> {
    fn write(&self, out: &mut String, all: bool) {
        let Change { place, what, .. } = self.change;
        let subject = if place.is_empty() { String::new() } else { format!("{place}: ") };
        let count = self.endpoints.len();
        let tools = if self.tools.is_empty() { String::new() } else { format!(" [{}]", self.tools.join(", ")) };
        let endpoints = if count == 1 { String::new() } else { format!(" — {count} endpoints") };
        let _ = writeln!(out, "  {subject}{what}{endpoints}{tools}");
        let shown = if all || count <= NAMED + 1 { count } else { NAMED };
        for endpoint in &self.endpoints[..shown] {
            let _ = writeln!(out, "      {endpoint}");
        }
        if shown < count {
            let _ = writeln!(out, "      and {} more", count - shown);
        }
    }
}
