//! The hand-written layer: what is exposed to a model, and the rules under which it runs.
//!
//! [`Tools::call`] is the one way in. A door hands it a name, arguments and a [`CallContext`], and translates what
//! comes back; nothing here knows of a protocol. A tool is a value ([`tool::Tool`]), listed in [`registry`]; a call is
//! one too, and goes through one pipeline, whatever the tool.

mod advice;
mod agree;
mod aim;
mod allowed;
mod args;
mod aside;
pub mod audit;
mod begun;
mod blocks;
mod call;
pub mod caller;
mod carry;
mod change;
mod check;
mod cluster;
mod configure;
pub mod consent;
mod deeds;
mod delete;
mod directory;
mod either;
mod entry;
mod failure;
mod flight;
mod follow;
pub mod freeze;
mod get;
mod guest;
mod guests;
mod handles;
mod job;
mod lenient;
mod list;
mod listing;
mod lookup;
mod op;
mod ops;
mod outcome;
pub mod pace;
mod pipeline;
mod plan;
mod policy;
mod power;
mod profile;
mod property;
pub mod registry;
mod resolve;
mod rights;
mod rows;
mod say;
mod schema;
pub mod seal;
mod shown;
mod snapshots;
mod state;
mod strays;
mod table;
mod task;
mod tasks;
pub mod tool;
mod verify;
mod when;
mod whole;
mod written;

pub use allowed::Forbidden;
pub use aside::{Aside, Rows};
pub use call::{Answered, Ask, CallContext, CallError, Consent, Problem, Question, Reply, Step, ToolResult};
pub use guest::GuestKind;
pub use handles::TaskState;
pub use job::HANDLE_VALID;
pub use listing::Listed;
pub use policy::{
    Policy, Rule, RuleError,
    read::{rules, tags},
};
pub use profile::{Action, Effect, Profile, Toolset};
pub use rights::{Rights, required};
pub use say::{Lang, LangError};
pub use state::{Options, Tools};
pub use strays::strays;
pub use whole::{Access, Reach, ReachError, method};
