//! The whole API in tools that explain one method and call it, through the same pipeline as the tools for guests.

mod access;
mod after;
pub(super) mod call;
mod change;
mod check;
pub(super) mod describe;
mod example;
mod find;
mod follow;
mod gate;
mod given;
mod lists;
mod now;
mod plan;
pub(super) mod reach;
mod risk;
mod say;
pub(super) mod search;
mod secret;
mod show;
mod target;

pub use access::Access;
pub use find::method;
pub use reach::{Reach, ReachError};
