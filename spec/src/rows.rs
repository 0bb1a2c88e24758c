//! Rows of a list of guests, read once and straight from the reply's bytes: what lists need of a row is borrowed, the rest
//! is looked at and passed over.
//!
//! A plain reference stands beside it: [`crate::Endpoint::plain`] on the whole reply as JSON values. What is read here is what
//! that gives, for any reply; where this reader is not sure it gives nothing, and its caller takes the long way. Tests and
//! a fuzz target hold that.

mod reading;

use std::borrow::Cow;

use serde_json::Value;

/// What lists need of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Key {
    /// What the row is about: `qemu`, `lxc`, `node`, `pool`.
    Type,
    /// The guest's id.
    Vmid,
    /// The node.
    Node,
    /// The guest's name.
    Name,
    /// Its tags, in one text.
    Tags,
    /// Its pool, or the pool.
    Pool,
    /// What it is doing.
    Status,
    /// What QEMU says that it is doing.
    Qmpstatus,
    /// Why it is locked.
    Lock,
    /// Whether it is a template.
    Template,
    /// The share of its processors that it uses.
    Cpu,
    /// How many it has, in the list of a node.
    Cpus,
    /// How many it has, in the list of the cluster.
    Maxcpu,
    /// Bytes of memory that it uses.
    Mem,
    /// Bytes that it has.
    Maxmem,
}

impl Key {
    /// All of them, in their order.
    pub const ALL: [Self; 15] = [
        Self::Type,
        Self::Vmid,
        Self::Node,
        Self::Name,
        Self::Tags,
        Self::Pool,
        Self::Status,
        Self::Qmpstatus,
        Self::Lock,
        Self::Template,
        Self::Cpu,
        Self::Cpus,
        Self::Maxcpu,
        Self::Mem,
        Self::Maxmem,
    ];

    /// As PVE writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Vmid => "vmid",
            Self::Node => "node",
            Self::Name => "name",
            Self::Tags => "tags",
            Self::Pool => "pool",
            Self::Status => "status",
            Self::Qmpstatus => "qmpstatus",
            Self::Lock => "lock",
            Self::Template => "template",
            Self::Cpu => "cpu",
            Self::Cpus => "cpus",
            Self::Maxcpu => "maxcpu",
            Self::Mem => "mem",
            Self::Maxmem => "maxmem",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "type" => Self::Type,
            "vmid" => Self::Vmid,
            "node" => Self::Node,
            "name" => Self::Name,
            "tags" => Self::Tags,
            "pool" => Self::Pool,
            "status" => Self::Status,
            "qmpstatus" => Self::Qmpstatus,
            "lock" => Self::Lock,
            "template" => Self::Template,
            "cpu" => Self::Cpu,
            "cpus" => Self::Cpus,
            "maxcpu" => Self::Maxcpu,
            "mem" => Self::Mem,
            "maxmem" => Self::Maxmem,
            _ => return None,
        })
    }
}

/// One value of a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell<'a> {
    /// There is none, or one that says nothing.
    #[default]
    None,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Unsigned(u64),
    /// A whole number below zero.
    Signed(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(Cow<'a, str>),
}

impl<'a> Cell<'a> {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[expect(clippy::cast_precision_loss, reason = "as serde_json has it")]
    pub fn number(&self) -> Option<f64> {
        match *self {
            Self::Unsigned(n) => Some(n as f64),
            Self::Signed(n) => Some(n as f64),
            Self::Float(n) => Some(n),
            _ => None,
        }
    }

    /// The whole number, if it is one and not below zero.
    pub fn whole(&self) -> Option<u64> {
        match *self {
            Self::Unsigned(n) => Some(n),
            _ => None,
        }
    }

    /// The flag, as [`crate::pve::bool_or_int`] reads it.
    pub fn flag(&self) -> Option<bool> {
        match self {
            Self::None => None,
            Self::Bool(flag) => Some(*flag),
            other => crate::pve::bool_or_int(&other.value()).ok().flatten(),
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Bool(b) => (*b).into(),
            Self::Unsigned(n) => (*n).into(),
            Self::Signed(n) => (*n).into(),
            Self::Float(n) => (*n).into(),
            Self::Text(text) => Value::from(&**text),
        }
    }

    fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => Self::None,
            Value::Bool(b) => Self::Bool(*b),
            Value::Number(n) => match (n.as_u64(), n.as_i64()) {
                (Some(n), _) => Self::Unsigned(n),
                (None, Some(n)) => Self::Signed(n),
                (None, None) => Self::Float(n.as_f64()?),
            },
            Value::String(text) => Self::Text(Cow::Owned(text.clone())),
            Value::Array(_) | Value::Object(_) => return None,
        })
    }
}

/// One row of a list.
#[derive(Debug)]
pub struct Row<'a> {
    /// Where in the reply its object begins.
    pub at: usize,
    cells: [Cell<'a>; Key::ALL.len()],
}

impl<'a> Row<'a> {
    /// One of its values.
    pub fn get(&self, key: Key) -> &Cell<'a> {
        &self.cells[key as usize]
    }

    /// Whether it has this key, whatever is there.
    pub fn has(&self, key: Key) -> bool {
        !matches!(self.get(key), Cell::None)
    }
}

/// Rows of a reply that are no objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Odd(pub usize);
