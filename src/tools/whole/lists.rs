//! Several ids where PVE takes a list, in the form in which PVE takes it; and a name wherever PVE takes the id of a guest.

use serde_json::{Map, Value};

use super::{
    given::plain,
    say::{self, Say},
};
use crate::{
    spec::{Endpoint, Format, Kind as Type, Method, Param, Shape},
    tools::{
        call::{Problem, ToolResult},
        directory::Cluster,
        guest::{Guest, Known as _},
        outcome,
        rows::Row,
        tool::Call,
    },
};

/// What stands between the items of a list that is one text.
const BETWEEN: [char; 4] = [',', ';', ' ', '\0'];

fn is(shape: &Shape, name: &str) -> bool {
    matches!(&shape.format, Format::Named(format) if format == name)
}

/// Whether a parameter is a list that PVE takes as one text.
fn is_text_list(param: &Param) -> bool {
    let list = matches!(&param.shape.format, Format::Named(format) if format.ends_with("-list"));
    param.shape.kind == Type::String && list
}

/// Whether a parameter is a list of ids of guests that PVE takes item by item.
fn is_id_array(param: &Param) -> bool {
    let plain = |item: &Shape| item.kind == Type::Integer && matches!(param.name.as_str(), "vms" | "vmid" | "vmids");
    matches!(&param.shape.kind, Type::Array(item) if is(item, "pve-vmid") || plain(item))
}

/// Whether a parameter names guests that are there. The id of one that is to be made names none.
pub(super) fn names_guests(endpoint: &Endpoint, param: &Param) -> bool {
    let makes =
        endpoint.method == Method::Post && (endpoint.path.ends_with("/qemu") || endpoint.path.ends_with("/lxc"));
    if makes || param.in_path || matches!(param.name.as_str(), "newid" | "target-vmid") {
        return false;
    }
    let id = param.name == "vmid" && param.shape.kind == Type::Integer;
    id || is(&param.shape, "pve-vmid-list") || is(&param.shape, "pve-vmid") || is_id_array(param)
}

/// Brings lists into PVE's form: items one by one become one text where PVE takes that, and the reverse.
pub(in crate::tools) fn shaped(endpoint: &Endpoint, arguments: &mut Map<String, Value>) {
    for (name, value) in arguments {
        let Some(param) = endpoint.param(name) else { continue };
        match value {
            Value::Array(items)
                if is_text_list(param) && items.iter().all(|item| item.is_string() || item.is_number()) =>
            {
                *value = items.iter().map(plain).collect::<Vec<_>>().join(",").into();
            }
            Value::String(text) if is_id_array(param) => {
                *value = text.split(BETWEEN).filter(|id| !id.is_empty()).map(Value::from).collect();
            }
            _ => {}
        }
    }
}

/// The items of a list in either form.
pub(in crate::tools) fn items(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        other => plain(other).split(BETWEEN).filter(|id| !id.is_empty()).map(str::to_owned).collect(),
    }
}

/// Puts ids in the places of names, and gives the guests that are named so, each once.
///
/// # Errors
/// When there is no guest of a name, or several.
pub(super) async fn resolved(
    call: &Call<'_>,
    endpoint: &Endpoint,
    arguments: &mut Map<String, Value>,
) -> Result<Vec<Guest>, ToolResult> {
    let mut guests: Vec<Guest> = Vec::new();
    let failed = |e| outcome::error(&e, call.texts);
    for (name, value) in arguments.iter_mut() {
        if !endpoint.param(name).is_some_and(|param| names_guests(endpoint, param)) {
            continue;
        }
        let (mut ids, mut cluster) = (Vec::new(), None);
        for item in items(value) {
            if cluster.is_none() {
                cluster = Some(call.tools.directory().recent().await.map_err(failed)?.0);
            }
            let mut found = cluster.as_deref().map_or(Ok(None), |cluster| one(call, cluster, &item));
            if !matches!(found, Ok(Some(_))) {
                // It may have been made or renamed since.
                let fresh = call.tools.directory().fresh().await.map_err(failed)?;
                found = one(call, &fresh, &item);
                cluster = Some(fresh);
            }
            match found? {
                Some(guest) => {
                    ids.push(guest.vmid.to_string());
                    if !guests.iter().any(|known| known.vmid == guest.vmid) && name != "exclude" {
                        guests.push(guest);
                    }
                }
                None => ids.push(item),
            }
        }
        *value = match (&*value, ids.as_slice()) {
            (Value::Array(_), _) => ids.into(),
            (_, [id]) => id.clone().into(),
            _ => ids.join(",").into(),
        };
    }
    Ok(guests)
}

/// The guest of an id or a name; nothing for an id that no visible guest has.
fn one(call: &Call<'_>, cluster: &Cluster, item: &str) -> Result<Option<Guest>, ToolResult> {
    if item.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(cluster.guests.iter().find(|row| row.vmid().to_string() == item).map(Row::guest));
    }
    let found: Vec<Row<'_>> = cluster.guests.iter().filter(|row| row.is_named(item)).collect();
    match found.as_slice() {
        [row] => Ok(Some(row.guest())),
        [] => Err(ToolResult::problem(Problem::NotFound, say::no_such_name(call, item))),
        several => {
            let ids = several.iter().map(|row| row.vmid().to_string()).collect::<Vec<_>>().join(", ");
            Err(call.wrong(&say::several(call, item, &ids)))
        }
    }
}
