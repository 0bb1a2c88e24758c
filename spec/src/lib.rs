//! What is known of the Proxmox VE API, as plain data and pure functions: nothing here performs I/O.
//!
//! The generator (`codegen/`) makes the [`model`] from a published schema and writes it down; the program reads it.
//! Both use these types, so that what one says and what the other understands cannot differ.

mod annotations;
mod call;
pub mod facts;
mod id;
mod json;
pub mod model;
mod packed;
mod plain;
pub mod pve;
pub mod rows;
pub mod schema;
pub mod surface;
pub mod verify;

pub use annotations::Annotations;
pub use call::{Answer, Argument, BadCall, Call, Request, Value, segment};
pub use id::Id;
pub use model::{Api, Endpoint, Field, Format, Kind, Method, Param, Permission, Risk, Shape, SubKey};
pub use packed::{Model, pack};
