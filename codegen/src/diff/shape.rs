//! Two types compared. What hurts a caller in a parameter may not matter in a reply, and the reverse.

use super::{Class, Walk, list};
use crate::facts;
use crate::model::{Field, Format, Kind, Shape, SubKey};

/// Which way the value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// From the caller to PVE.
    Param,
    /// From PVE to the decoder.
    Reply,
}

impl Side {
    /// The class of a change that takes something away or narrows it.
    const fn narrower(self) -> Class {
        match self {
            Self::Param => Class::BreakingForCallers,
            Self::Reply => Class::Noise,
        }
    }

    const fn broken(self) -> Class {
        match self {
            Self::Param => Class::BreakingForCallers,
            Self::Reply => Class::BreakingForDecoders,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Param => "param",
            Self::Reply => "reply",
        }
    }
}

impl Walk<'_> {
    /// Something with a name that is new.
    pub(super) fn added(&mut self, side: Side, kind: &str, place: &str, optional: bool) {
        // A new field that is declared as always there is missing from every older host.
        let class = if optional { Class::Additive } else { side.broken() };
        self.add(class, &format!("{kind}-added"), place, format!("new, {}", facts::presence(optional)));
    }

    /// Whether something with a name may be missing.
    pub(super) fn presence(&mut self, side: Side, kind: &str, place: &str, old: bool, new: bool) {
        let (class, what) = match (side, old, new) {
            (_, true, true) | (_, false, false) => return,
            (Side::Param, true, false) => (Class::BreakingForCallers, "now required"),
            (Side::Param, false, true) => (Class::Additive, "now optional"),
            (Side::Reply, true, false) => (Class::Additive, "now always there"),
            (Side::Reply, false, true) => (Class::BreakingForDecoders, "may now be missing"),
        };
        self.add(class, &format!("{kind}-presence"), place, what.to_owned());
    }

    /// A type and all that is inside it.
    pub(super) fn shape(&mut self, side: Side, place: &str, old: &Shape, new: &Shape) {
        match (&old.kind, &new.kind) {
            (Kind::Array(old), Kind::Array(new)) => self.shape(side, &below(place, "[]"), old, new),
            (Kind::Object(old), Kind::Object(new)) => self.fields(side, place, old, new),
            (from, to) if from.as_str() == to.as_str() => {}
            (from, to) => {
                // A reply of which nothing was said is now described: what read anything still reads it.
                let described = side == Side::Reply && *from == Kind::Any;
                let class = if described { Class::Additive } else { side.broken() };
                self.add(class, &format!("{}-type", side.word()), place, format!("type {from} → {to}"));
                return;
            }
        }
        self.values(side, place, &old.values, &new.values);
        self.limits(side, place, old, new);
        self.format(side, place, &old.format, &new.format);
        self.pattern(side, place, old.pattern.as_deref(), new.pattern.as_deref());
        if old.default != new.default {
            let text = |default: &Option<String>| default.clone().unwrap_or_else(|| "none".to_owned());
            let what = format!("default {} → {}", text(&old.default), text(&new.default));
            // Whoever leaves it out gets something else; where that cannot be undone, it is no noise.
            let grave = side == Side::Param && self.grave;
            let class = if grave { Class::BreakingForCallers } else { Class::Noise };
            self.add(class, &format!("{}-default", side.word()), place, what);
        }
    }

    fn fields(&mut self, side: Side, place: &str, old: &[Field], new: &[Field]) {
        for (name, pair) in list::named(old, new, Field::published) {
            let place = below(place, &name);
            match pair {
                (Some(old), Some(new)) => {
                    self.presence(side, "field", &place, old.optional, new.optional);
                    self.shape(side, &place, &old.shape, &new.shape);
                }
                (Some(_), None) => self.add(side.broken(), "field-removed", &place, "removed".to_owned()),
                (None, Some(new)) => self.added(side, "field", &place, new.optional),
                (None, None) => {}
            }
        }
    }

    fn values(&mut self, side: Side, place: &str, old: &[String], new: &[String]) {
        let kind = |what: &str| format!("{}-value-{what}", side.word());
        match (old.is_empty(), new.is_empty()) {
            (true, true) => {}
            (true, false) => {
                let what = format!("only {} from now on", new.join(", "));
                self.add(side.narrower(), &kind("list"), place, what);
            }
            (false, true) => {
                // A reply may then hold a value that the list did not have.
                let class = if side == Side::Param { Class::Additive } else { Class::BreakingForDecoders };
                self.add(class, &kind("list"), place, format!("no longer only {}", old.join(", ")));
            }
            (false, false) => {
                if let Some(gone) = list::missing(old, new) {
                    self.add(side.narrower(), &kind("removed"), place, format!("no longer {gone}"));
                }
                if let Some(more) = list::missing(new, old) {
                    let class = if side == Side::Param { Class::Additive } else { Class::BreakingForDecoders };
                    self.add(class, &kind("added"), place, format!("now also {more}"));
                }
            }
        }
    }

    fn limits(&mut self, side: Side, place: &str, old: &Shape, new: &Shape) {
        let length = |n: Option<u32>| n.map(f64::from);
        self.limit(side, place, "minimum", true, old.minimum, new.minimum);
        self.limit(side, place, "maximum", false, old.maximum, new.maximum);
        self.limit(side, place, "least length", true, length(old.min_length), length(new.min_length));
        self.limit(side, place, "greatest length", false, length(old.max_length), length(new.max_length));
    }

    fn limit(&mut self, side: Side, place: &str, what: &str, lower: bool, old: Option<f64>, new: Option<f64>) {
        let tighter = match (old, new) {
            (old, new) if old == new => return,
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(old), Some(new)) => (new > old) == lower,
        };
        let class = match side {
            Side::Param if tighter => Class::BreakingForCallers,
            Side::Param => Class::Additive,
            Side::Reply => Class::Noise,
        };
        let text = |limit: Option<f64>| limit.map_or("none".to_owned(), |limit| limit.to_string());
        let kind = format!("{}-limit-{}", side.word(), if tighter { "tighter" } else { "looser" });
        self.add(class, &kind, place, format!("{what} {} → {}", text(old), text(new)));
    }

    fn format(&mut self, side: Side, place: &str, old: &Format, new: &Format) {
        let word = |format: &Format| match format {
            Format::None => "none".to_owned(),
            Format::Named(name) => name.clone(),
            Format::Properties(_) => "property string".to_owned(),
        };
        let class = match (old, new) {
            (Format::Properties(old), Format::Properties(new)) => return self.keys(side, place, old, new),
            (old, new) if old == new => return,
            (_, Format::None) => Class::Additive,
            // What was the whole value may now stand for the key that needs no name.
            (_, Format::Properties(keys)) if keys.iter().any(|key| key.default_key) => Class::Additive,
            // Spelled out instead of named: the server checks the same.
            (Format::Named(_), Format::Properties(_)) | (Format::Properties(_), Format::Named(_)) => Class::Noise,
            _ => side.narrower(),
        };
        let class = if side == Side::Reply { Class::Noise } else { class };
        let what = format!("format {} → {}", word(old), word(new));
        self.add(class, &format!("{}-format", side.word()), place, what);
    }

    fn keys(&mut self, side: Side, place: &str, old: &[SubKey], new: &[SubKey]) {
        for (name, pair) in list::named(old, new, |key| key.name.clone()) {
            let place = below(place, &name);
            let kind = format!("{}-key", side.word());
            match pair {
                (Some(old), Some(new)) => self.key(side, &place, old, new),
                (Some(_), None) => self.add(side.broken(), &format!("{kind}-removed"), &place, "removed".to_owned()),
                // An alias is never demanded, whatever it leaves unsaid.
                (None, Some(new)) => self.added(side, &kind, &place, new.optional || new.alias.is_some()),
                (None, None) => {}
            }
        }
    }

    fn key(&mut self, side: Side, place: &str, old: &SubKey, new: &SubKey) {
        let kind = format!("{}-key", side.word());
        let name = |alias: &Option<String>| alias.clone().unwrap_or_else(|| "none".to_owned());
        if old.alias != new.alias {
            // The old name is still taken; only a decoder of the stored text meets the other one.
            let class = if side == Side::Param { Class::Additive } else { Class::BreakingForDecoders };
            let what = format!("alias of {} → {}", name(&old.alias), name(&new.alias));
            self.add(class, &format!("{kind}-alias"), place, what);
        }
        if old.alias.is_none() && new.alias.is_none() {
            self.presence(side, &kind, place, old.optional, new.optional);
            self.shape(side, place, &old.shape, &new.shape);
        }
        if old.key_alias != new.key_alias {
            let what = format!("its name is kept as {} → {}", name(&old.key_alias), name(&new.key_alias));
            let class = if side == Side::Param { Class::Noise } else { Class::BreakingForDecoders };
            self.add(class, &format!("{kind}-key-alias"), place, what);
        }
        if old.default_key != new.default_key {
            let (class, what) = if new.default_key {
                (Class::Additive, "may now stand without its name")
            } else {
                (side.narrower(), "may no longer stand without its name")
            };
            self.add(class, &format!("{kind}-default"), place, what.to_owned());
        }
    }

    fn pattern(&mut self, side: Side, place: &str, old: Option<&str>, new: Option<&str>) {
        let class = match (old, new) {
            (old, new) if old == new => return,
            (Some(old), Some(new)) if same_pattern(old, new) => Class::Noise,
            (Some(_), None) if side == Side::Param => Class::Additive,
            _ => side.narrower(),
        };
        let text = |pattern: Option<&str>| pattern.map_or("none".to_owned(), |p| format!("/{}/", facts::one_line(p)));
        let kind = format!("{}-pattern", side.word());
        self.add(class, &kind, place, format!("pattern {} → {}", text(old), text(new)));
    }
}

/// The place of something inside a value: `reply []`, `reply [].status`, `param net[n].bridge`.
fn below(place: &str, name: &str) -> String {
    let join = if place == "reply" {
        " "
    } else if name == "[]" {
        ""
    } else {
        "."
    };
    format!("{place}{join}{name}")
}

/// Whether two published patterns differ only in how Perl prints a compiled pattern: `(?^:…)`, `(?^u:…)`.
fn same_pattern(a: &str, b: &str) -> bool {
    let plain = |pattern: &str| pattern.replace("(?^u:", "(?^:");
    plain(a) == plain(b)
}
