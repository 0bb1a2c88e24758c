//! Who may call an endpoint.

use serde_json::Value;

use super::Lower;
use crate::{at::At, model::Permission, raw};

impl Lower<'_> {
    pub(super) fn permission(&mut self, value: Option<&Value>, at: &At<'_>) -> Permission {
        let object = match value {
            None | Some(Value::Null) => return Permission::Root,
            Some(Value::Object(object)) => object,
            Some(other) => return self.other(other, at),
        };
        raw::unknown(object, &raw::keywords::PERMISSIONS, at, self.file, self.report);
        match (object.get("user").and_then(Value::as_str), object.get("check")) {
            (Some("all"), None) => Permission::AllUsers,
            (Some("world"), None) => Permission::World,
            (None, Some(check)) => self.check(check, &at.key("check")),
            _ => Permission::Other(facts(value)),
        }
    }

    /// A check in prefix form: `["perm", "/vms/{vmid}", ["VM.Audit"]]`, `["and", …]`, `["or", …]`.
    fn check(&mut self, check: &Value, at: &At<'_>) -> Permission {
        let Some((word, rest)) = check.as_array().and_then(|check| check.split_first()) else {
            return self.other(check, at);
        };
        match word.as_str() {
            Some("and") => Permission::And(rest.iter().map(|c| self.check(c, at)).collect()),
            Some("or") => Permission::Or(rest.iter().map(|c| self.check(c, at)).collect()),
            Some("perm") => privileges(rest).unwrap_or_else(|| Permission::Other(check.to_string())),
            Some("userid-param" | "userid-group" | "perm-modify") => Permission::Other(check.to_string()),
            _ => self.other(check, at),
        }
    }

    fn other(&mut self, value: &Value, at: &At<'_>) -> Permission {
        self.report.warning(self.file, at, "this permission check is not known; it is kept as published");
        Permission::Other(value.to_string())
    }
}

fn privileges(check: &[Value]) -> Option<Permission> {
    let [path, names, options @ ..] = check else { return None };
    let privileges = names.as_array()?.iter().map(|n| n.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?;
    let mut any = false;
    let mut require_param = None;
    for pair in options.chunks(2) {
        match pair {
            [Value::String(key), value] if key == "any" => any = raw::flag(Some(value)),
            [Value::String(key), Value::String(name)] if key == "require_param" => require_param = Some(name.clone()),
            _ => return None,
        }
    }
    Some(Permission::Privileges { path: path.as_str()?.to_owned(), privileges, any, require_param })
}

/// What is published of it, without the text for people.
fn facts(value: Option<&Value>) -> String {
    let mut value = value.cloned().unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.remove("description");
        object.remove("description-sha256");
    }
    value.to_string()
}
