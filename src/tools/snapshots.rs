//! The tools for snapshots of guests: which there are, taking one, going back to one, deleting one.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
mod read;
pub(super) mod rollback;
