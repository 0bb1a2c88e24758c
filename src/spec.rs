//! The vocabulary of the generated tables: what one endpoint of the PVE API is.
//!
//! The generator writes `&'static` tables in these types; the client checks a call against them before
//! it sends, the in-process PVE verifies what it receives with them, and `proxmox-mcp surface` prints them.
//! Nothing here performs IO.

mod annotations;
mod call;
mod plain;
mod words;

pub use annotations::Annotations;
pub(crate) use call::segment;
pub use call::{Argument, Call, CallError, Value};
pub use words::Words;

use std::fmt;

/// HTTP verb of an endpoint. PVE knows these four and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Read; parameters travel in the query.
    Get,
    /// Create or act; parameters travel in the form body.
    Post,
    /// Change; parameters travel in the form body.
    Put,
    /// Destroy; parameters travel in the query, never in a body.
    Delete,
}

impl Method {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Get, Self::Post, Self::Put, Self::Delete];

    /// The verb as HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Whether parameters travel in the body; with `GET` and `DELETE` a real PVE answers 501 to any body.
    pub const fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Put)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a call can do to a cluster; written by hand for every endpoint in `apidata/overlay.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// Changes nothing.
    Read,
    /// Changes the run state of a guest.
    Power,
    /// Changes configuration or data in a way that can be changed back.
    Change,
    /// Destroys something that cannot be brought back.
    Destroy,
}

impl Risk {
    /// The word used in the overlay, in `docs/api-surface.txt` and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Power => "power",
            Self::Change => "change",
            Self::Destroy => "destroy",
        }
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One endpoint: a verb on a path, with all that the schema says of it.
#[derive(Debug)]
pub struct Endpoint {
    /// HTTP verb.
    pub method: Method,
    /// Path template below `/api2/json`, for example `/nodes/{node}/qemu/{vmid}/status/start`.
    pub path: &'static str,
    /// Name of the generated function, unique among all endpoints.
    pub function: &'static str,
    /// PVE's own name of the method; not unique (`vm_start` exists for both kinds of guest).
    pub name: &'static str,
    /// One line in our words, from the overlay; empty for an endpoint that the overlay does not describe.
    pub summary: &'static str,
    /// Risk class, from the overlay.
    pub risk: Risk,
    /// The tools that call it, from the overlay.
    pub tools: &'static [&'static str],
    /// Whether the reply may hold text that a guest or a stranger controls, from the overlay.
    pub guest_text: bool,
    /// Parameters, those of the path first and in the order of the path, the others by name.
    pub params: &'static [&'static Param],
    /// Whether PVE takes parameters that the schema does not name.
    pub open: bool,
    /// The shape of `data` in the reply.
    pub returns: &'static Shape,
    /// Whether `data` may be null although `returns` is of another kind.
    pub nullable: bool,
    /// Who may call it.
    pub permission: Permission,
    /// Whether pveproxy hands the call to pvedaemon.
    pub protected: bool,
    /// The path parameter that names the node which answers (`node`), if the call is forwarded.
    pub proxyto: Option<&'static str>,
    /// Whether an API token may call it.
    pub allow_token: bool,
    /// The committed releases that have it, oldest first, for example `["7.4", "8.4", "9.1", "9.2"]`.
    pub releases: &'static [&'static str],
    /// Tool input schema (an indexed family `net[n]` is the list `net_n` of `{index, value}`): JSON Schema 2020-12, an object, in the subset that MCP clients accept.
    pub input_schema: &'static str,
    /// Tool output schema of `data` as [`Endpoint::plain`] gives it: JSON Schema 2020-12, an open object.
    pub output_schema: &'static str,
}

impl Endpoint {
    /// The parameter of this name. An indexed family answers to its members: `net0` finds `net[n]`.
    pub fn param(&self, name: &str) -> Option<&'static Param> {
        let params = || self.params.iter().copied();
        params().find(|p| p.name == name && !p.indexed).or_else(|| {
            let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
            (stem.len() < name.len()).then(|| params().find(|p| p.indexed && p.name == stem)).flatten()
        })
    }
}

/// One parameter of an endpoint.
#[derive(Debug)]
pub struct Param {
    /// Name as PVE writes it; of an indexed family the stem (`net` for `net[n]`).
    pub name: &'static str,
    /// Whether it is a placeholder of the path. Such a parameter is always required.
    pub in_path: bool,
    /// Whether it is a family `name0`, `name1`, …
    pub indexed: bool,
    /// Whether it may be left out.
    pub optional: bool,
    /// Name of a parameter without which this one is refused.
    pub requires: Option<&'static str>,
    /// Its type and constraints.
    pub shape: &'static Shape,
    /// The committed releases that have it, oldest first.
    pub releases: &'static [&'static str],
    /// `(release, type)` for each committed release in which its type differs from [`Param::shape`].
    pub type_changed: &'static [(&'static str, &'static str)],
}

/// A type with its constraints: of a parameter, of a reply or of a field of either.
#[derive(Debug)]
pub struct Shape {
    /// What kind of value it is.
    pub kind: Kind,
    /// The values that are allowed; empty when any is.
    pub values: Words,
    /// Least number.
    pub minimum: Option<f64>,
    /// Greatest number.
    pub maximum: Option<f64>,
    /// Least length in characters.
    pub min_length: Option<u32>,
    /// Greatest length in characters.
    pub max_length: Option<u32>,
    /// Pattern as published (Perl); the server matches it unanchored inside `^…$`.
    pub pattern: Option<&'static str>,
    /// Format of a string.
    pub format: Format,
    /// Documented default as text, only where it fits the type; the server does not apply it.
    pub default: Option<&'static str>,
}

impl Shape {
    /// A shape without constraints, of any kind.
    pub const PLAIN: Self = Self {
        kind: Kind::Any,
        values: Words::NONE,
        minimum: None,
        maximum: None,
        min_length: None,
        max_length: None,
        pattern: None,
        format: Format::None,
        default: None,
    };
}

impl Param {
    /// A parameter without a name that may be left out.
    pub const PLAIN: Self = Self {
        name: "",
        in_path: false,
        indexed: false,
        optional: true,
        requires: None,
        shape: &Shape::PLAIN,
        releases: &[],
        type_changed: &[],
    };
}

impl Field {
    /// A field without a name that may be missing.
    pub const PLAIN: Self = Self { name: "", indexed: false, optional: true, shape: &Shape::PLAIN };
}

impl SubKey {
    /// A key without a name that may be left out.
    pub const PLAIN: Self =
        Self { name: "", default_key: false, optional: true, alias: None, key_alias: None, shape: &Shape::PLAIN };
}

/// The kinds of value that the schema knows.
#[derive(Debug)]
pub enum Kind {
    /// Nothing: the reply's `data` is null.
    Null,
    /// `1` or `0` on the wire.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Text.
    String,
    /// A list.
    Array(&'static Shape),
    /// An object with these named fields and, always, possibly others.
    Object(&'static [Field]),
    /// Anything: the schema says no more, or says what we do not understand.
    Any,
}

impl Kind {
    /// The schema's own word for the kind.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
            Self::Any => "any",
        }
    }
}

/// One field of an object.
#[derive(Debug)]
pub struct Field {
    /// Name as PVE writes it; of an indexed family the stem.
    pub name: &'static str,
    /// Whether it is a family `name0`, `name1`, …
    pub indexed: bool,
    /// Whether the schema says that it may be missing. Replies are decoded as if it always may.
    pub optional: bool,
    /// Its type.
    pub shape: &'static Shape,
}

/// What the schema's `format` says of a string.
#[derive(Clone, Copy, Debug)]
pub enum Format {
    /// Nothing.
    None,
    /// A format with a name, such as `pve-vmid` or `pve-node-list`.
    Named(&'static str),
    /// A property string: `key=value,key=value` with these keys.
    Properties(&'static [SubKey]),
}

/// One key of a property string such as `net0` or `rootfs`.
#[derive(Debug)]
pub struct SubKey {
    /// Its name.
    pub name: &'static str,
    /// Whether its value may stand without `name=` in front.
    pub default_key: bool,
    /// Whether it may be left out.
    pub optional: bool,
    /// The key that it is another name for.
    pub alias: Option<&'static str>,
    /// The key in which, for an alias, the name that was used is kept (`model` for `virtio=MAC`).
    pub key_alias: Option<&'static str>,
    /// Its type; meaningless for an alias.
    pub shape: &'static Shape,
}

/// Who may call an endpoint, as the schema states it. Checks inside the handler are not part of it.
#[derive(Debug)]
pub enum Permission {
    /// `root@pam` alone: the schema names no permission.
    Root,
    /// Every authenticated user; what is returned may be filtered.
    AllUsers,
    /// Anyone, without authentication.
    World,
    /// Privileges on a path.
    Privileges {
        /// Path template, such as `/vms/{vmid}`.
        path: &'static str,
        /// Privilege names.
        privileges: &'static [&'static str],
        /// Whether one of them is enough.
        any: bool,
        /// Parameter without which the check does not apply.
        require_param: Option<&'static str>,
    },
    /// All of these.
    And(&'static [Permission]),
    /// One of these.
    Or(&'static [Permission]),
    /// A check that only PVE can evaluate, with its published form.
    Other(&'static str),
}
