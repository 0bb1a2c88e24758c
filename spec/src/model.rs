//! The model: what one release of the PVE API says, as plain data without a word about how it is printed.
//!
//! The generator makes it from a snapshot, everything else reads it: what is generated, the surface, the diff. It can be
//! printed as JSON. Names of items are those of PVE.

mod class;
mod shape;

use serde::{Deserialize, Serialize};

pub use class::{Method, Risk};
use shape::published;
pub use shape::{Field, Format, Kind, Shape, SubKey};

/// One release of the API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Api {
    /// The release, such as `9.2`; `local` for a file of which it is not known.
    pub release: String,
    /// SHA-256 of the published source, in hexadecimal.
    pub sha256: String,
    /// The committed releases that were compared, oldest first.
    pub known: Vec<String>,
    /// Its endpoints, by path and method; built from an older release than the default, also those that only the default
    /// one has.
    pub endpoints: Vec<Endpoint>,
    /// How many methods this release has.
    pub methods: usize,
}

/// The everyday phrases by which people ask for a method.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sayings {
    /// In English.
    pub en: Vec<String>,
    /// In Spanish.
    pub es: Vec<String>,
}

/// One endpoint: a verb on a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// HTTP verb.
    pub method: Method,
    /// Path template below `/api2/json`.
    pub path: String,
    /// PVE's own name of the method; not unique.
    pub name: String,
    /// Our one line in English; empty while nobody has written it, see [`Endpoint::says`].
    pub summary: String,
    /// The same in Spanish.
    pub summary_es: String,
    /// By which phrases people ask for it: what the search index is made of; the generator's alone.
    #[serde(skip)]
    pub phrases: Sayings,
    /// PVE's own text, when the source carries it; empty in a committed snapshot.
    pub text: String,
    /// Risk class; while nobody has written it [`Risk::assumed`].
    pub risk: Risk,
    /// Whether one call can act on several guests, so that consent names them.
    pub many: bool,
    /// The MCP tools that call it, from the overlay.
    pub tools: Vec<String>,
    /// The parameters that those tools send besides those of the path, from the overlay.
    pub sends: Vec<String>,
    /// What of the reply those tools read, as `[].vmid`, from the overlay; the generator's alone.
    #[serde(skip)]
    pub reads: Vec<String>,
    /// Whether the reply may hold text that the guest or a stranger controls, from the overlay.
    pub guest_text: bool,
    /// Those of the path first and in its order, the others by name.
    pub params: Vec<Param>,
    /// Whether there are a parameter struct and a reply type for it.
    pub typed: bool,
    /// Whether PVE takes parameters that are not named.
    pub open: bool,
    /// The reply's `data`.
    pub returns: Shape,
    /// Whether `data` may be null although `returns` is not.
    pub nullable: bool,
    /// What the reply type knows: `returns`, and beyond it what the default release knows, so that
    /// hand-written code compiles against any release; the generator's alone.
    #[serde(skip)]
    pub decoded: Decoded,
    /// Who may call it, as far as PVE says so in a form that a program reads.
    pub permission: Permission,
    /// What PVE demands beyond that and says in prose alone, in our words; empty where there is nothing of the kind, or
    /// nobody has written it.
    pub condition: String,
    /// The same in Spanish.
    pub condition_es: String,
    /// The beginning of the SHA-256 of that prose, where there is any.
    pub condition_text: Option<String>,
    /// Where the overlay corrects what is published, as `returns.properties.pid`.
    pub corrected: Vec<String>,
    /// What the schema says besides by rarer keywords; the generator's alone.
    #[serde(skip)]
    pub marks: Vec<Mark>,
    /// Whether pvedaemon answers instead of pveproxy.
    pub protected: bool,
    /// The parameter that names the node which answers.
    pub proxyto: Option<String>,
    /// Whether an API token may call it.
    pub allow_token: bool,
    /// The releases that have it, oldest first.
    pub releases: Vec<String>,
}

/// What hand-written code sees of an endpoint: facts of the chosen release, in the types of the one that the code is
/// written for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    /// The parameters of the struct.
    pub params: Vec<Param>,
    /// Whether the struct has parameters that are not named.
    pub open: bool,
    /// The type of the reply.
    pub reply: Shape,
    /// Whether the reply may be null.
    pub nullable: bool,
}

/// One of the rarer keywords of a schema, of which nothing is made but which is no secret either.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// Where it stands, as `parameters.properties.disks`.
    pub place: String,
    /// The keyword.
    pub keyword: String,
    /// Its value.
    pub value: String,
}

impl Endpoint {
    /// One of which nothing is known, so that everything dangerous is assumed.
    pub fn unknown() -> Self {
        Self {
            method: Method::Delete,
            path: String::new(),
            name: String::new(),
            summary: String::new(),
            summary_es: String::new(),
            phrases: Sayings::default(),
            text: String::new(),
            risk: Risk::Destroy,
            many: true,
            tools: Vec::new(),
            sends: Vec::new(),
            reads: Vec::new(),
            guest_text: true,
            params: Vec::new(),
            typed: false,
            open: false,
            returns: Shape { kind: Kind::Null, ..Shape::default() },
            nullable: true,
            decoded: Decoded::default(),
            permission: Permission::Root,
            condition: String::new(),
            condition_es: String::new(),
            condition_text: None,
            corrected: Vec::new(),
            marks: Vec::new(),
            protected: true,
            proxyto: None,
            allow_token: false,
            releases: Vec::new(),
        }
    }

    /// `METHOD /path`, which names it everywhere.
    pub fn at(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether somebody has said in our words what it does; otherwise its risk is what must be assumed.
    pub fn is_described(&self) -> bool {
        !self.summary.is_empty()
    }

    /// What it does, in one line, in Spanish or in English. Of one that nobody has described it says so.
    pub fn says(&self, spanish: bool) -> String {
        match (self.is_described(), spanish) {
            (true, false) => self.summary.clone(),
            (true, true) => self.summary_es.clone(),
            (false, false) => format!("No words yet for {}.", self.at()),
            (false, true) => format!("Aún sin palabras para {}.", self.at()),
        }
    }

    /// `get_nodes_node_qemu`: verb and every part of the path in one word, so that all endpoints differ. Its
    /// identifiers in the generated code are this word in their case.
    pub fn function(&self) -> String {
        let mut word = self.method.as_str().to_ascii_lowercase();
        let mut apart = true;
        let mut before = ' ';
        for c in self.path.chars() {
            let begins = c.is_ascii_uppercase() && !before.is_ascii_uppercase();
            if c.is_ascii_alphanumeric() {
                if apart || begins {
                    word.push('_');
                }
                word.push(c.to_ascii_lowercase());
            }
            apart = !c.is_ascii_alphanumeric();
            before = c;
        }
        word
    }

    /// The parameter of this name. An indexed family answers to its members: `net0` finds `net[n]`.
    pub fn param(&self, name: &str) -> Option<&Param> {
        self.named(name, false).or_else(|| {
            let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
            (stem.len() < name.len()).then(|| self.named(stem, true)).flatten()
        })
    }

    /// The parameter that was published under this name; `indexed` tells `numa[n]` from `numa`.
    pub fn named(&self, name: &str, indexed: bool) -> Option<&Param> {
        self.params.iter().find(|p| p.name == name && p.indexed == indexed)
    }
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// Name; of an indexed family the stem (`net` for `net[n]`).
    pub name: String,
    /// Whether it is a placeholder of the path.
    pub in_path: bool,
    /// Whether it takes all that is left of the path, slashes too.
    pub rest: bool,
    /// Whether it is a family `name0`, `name1`, …
    pub indexed: bool,
    /// Whether it may be left out.
    pub optional: bool,
    /// A parameter without which it is refused.
    pub requires: Option<String>,
    /// Type and constraints.
    pub shape: Shape,
    /// The releases that have it, oldest first.
    pub releases: Vec<String>,
    /// `(release, type)` where its type is another.
    pub type_changed: Vec<(String, String)>,
}

impl Param {
    /// A parameter of any kind that may be left out.
    pub fn plain(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            in_path: false,
            rest: false,
            indexed: false,
            optional: true,
            requires: None,
            shape: Shape::default(),
            releases: Vec::new(),
            type_changed: Vec::new(),
        }
    }

    /// The name as PVE publishes it: `net[n]` for a family.
    pub fn published(&self) -> String {
        published(&self.name, self.indexed)
    }
}

/// Who may call an endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// `root@pam` alone.
    Root,
    /// Every authenticated user.
    AllUsers,
    /// Anyone.
    World,
    /// Privileges on a path.
    Privileges {
        /// Path template of the access control list.
        path: String,
        /// Their names.
        privileges: Vec<String>,
        /// Whether one is enough.
        any: bool,
        /// Parameter without which the check does not apply.
        require_param: Option<String>,
    },
    /// All of these.
    And(Vec<Permission>),
    /// One of these.
    Or(Vec<Permission>),
    /// A check that only PVE can evaluate, as published.
    Other(String),
}
