//! The generated code.

use crate::model::Api;

/// The text of `api.rs`.
pub fn generate(api: &Api) -> String {
    let _ = api;
    String::new()
}
