//! What is there now where a call would change or destroy something: what a plan shows, and what agreement is bound to.

use serde_json::{Map, Value};

use super::{given::plain, lists, secret, target::About};
use crate::{
    foreign,
    spec::{Call as Request, Endpoint, Method},
    tools::{plan::holds_volume, tool::Call},
};

/// Most rows of a list that are shown.
const ROWS: usize = 20;

/// What changes by itself would make every code useless.
const RESTLESS: [&str; 13] = [
    "uptime",
    "cpu",
    "mem",
    "time",
    "used",
    "used_fraction",
    "avail",
    "netin",
    "netout",
    "diskread",
    "diskwrite",
    "pid",
    "digest",
];

/// Where what is lost can be read, when that is elsewhere than at the method's own path or above it.
const ELSEWHERE: [(&str, &str); 15] = [
    ("PUT /nodes/{node}/disks/wipedisk", "GET /nodes/{node}/disks/list"),
    ("POST /nodes/{node}/disks/initgpt", "GET /nodes/{node}/disks/list"),
    ("POST /nodes/{node}/disks/directory", "GET /nodes/{node}/disks/list"),
    ("POST /nodes/{node}/disks/lvm", "GET /nodes/{node}/disks/list"),
    ("POST /nodes/{node}/disks/lvmthin", "GET /nodes/{node}/disks/list"),
    ("POST /nodes/{node}/disks/zfs", "GET /nodes/{node}/disks/list"),
    ("POST /nodes/{node}/ceph/osd", "GET /nodes/{node}/disks/list"),
    ("PUT /nodes/{node}/qemu/{vmid}/unlink", "GET /nodes/{node}/qemu/{vmid}/config"),
    ("PUT /nodes/{node}/qemu/{vmid}/resize", "GET /nodes/{node}/qemu/{vmid}/config"),
    ("PUT /nodes/{node}/lxc/{vmid}/resize", "GET /nodes/{node}/lxc/{vmid}/config"),
    ("POST /nodes/{node}/qemu/{vmid}/move_disk", "GET /nodes/{node}/qemu/{vmid}/config"),
    ("POST /nodes/{node}/lxc/{vmid}/move_volume", "GET /nodes/{node}/lxc/{vmid}/config"),
    ("POST /nodes/{node}/qemu/{vmid}/template", "GET /nodes/{node}/qemu/{vmid}/config"),
    (
        "POST /nodes/{node}/qemu/{vmid}/snapshot/{snapname}/rollback",
        "GET /nodes/{node}/qemu/{vmid}/snapshot/{snapname}/config",
    ),
    ("POST /nodes/{node}/vzdump", "GET /nodes/{node}/storage/{storage}/prunebackups"),
];

/// What there is.
#[derive(Default)]
pub(super) struct Now {
    /// Of it what the arguments name to be taken away or put anew, each with its value.
    pub lost: Vec<String>,
    /// All of it, as text.
    pub whole: Option<String>,
}

/// Reads it; secrets hidden.
pub(super) async fn read(call: &Call<'_>, endpoint: &Endpoint, about: &About) -> Now {
    let at = endpoint.at();
    let own = endpoint.path.strip_suffix("/config").filter(|_| endpoint.method == Method::Delete);
    let own = own.unwrap_or(&endpoint.path);
    let above = own.rsplit_once('/').map_or("", |(above, _)| above);
    let elsewhere = ELSEWHERE.iter().find(|(of, _)| *of == at);
    let elsewhere = elsewhere.map(|(_, read)| read.trim_start_matches("GET ").to_owned());
    let paths = elsewhere.into_iter().chain([format!("{own}/config"), own.to_owned(), above.to_owned()]);
    let Some(read) = paths.filter_map(|path| crate::api::endpoint(Method::Get, &path)).next() else {
        return Now::default();
    };
    let given = about.arguments.iter().filter(|(name, _)| read.param(name).is_some());
    let arguments = given.map(|(name, value)| (name.clone(), value.clone())).collect();
    let Ok(request) = Request::from_json(read, arguments) else { return Now::default() };
    let asked = async { call.tools.client().send(request).await.ok()?.value().ok() };
    let Some(mut data) = asked.await else { return Now::default() };
    secret::mask(read, &mut data);
    match data {
        Value::Object(mut fields) => {
            calm(&mut fields);
            Now { lost: lost(&about.arguments, &fields), whole: Some(Value::Object(fields).to_string()) }
        }
        Value::Array(rows) => of_rows(read, about, rows),
        _ => Now::default(),
    }
}

fn calm(fields: &mut Map<String, Value>) {
    fields.retain(|key, _| !RESTLESS.contains(&key.as_str()));
}

/// What the options that are taken out, and those that hold a disk and are set anew, have now.
fn lost(arguments: &Map<String, Value>, fields: &Map<String, Value>) -> Vec<String> {
    let listed = ["delete", "disk", "idlist", "volume"].iter().filter_map(|name| arguments.get(*name));
    let listed = listed.flat_map(lists::items);
    let anew = arguments.keys().filter(|name| holds_volume(name)).cloned();
    let shown = |name: String| {
        let value = fields.get(&name)?;
        Some(format!("{name} = {}", foreign::line(&plain(value), 300)))
    };
    listed.chain(anew).filter_map(shown).collect()
}

/// The rows that the call means: of backups those that would be deleted, else those that its arguments name.
fn of_rows(read: &Endpoint, about: &About, rows: Vec<Value>) -> Now {
    let backups = read.path.ends_with("/prunebackups");
    let names: Vec<String> = about
        .arguments
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "node" | "storage") || read.param(name).is_none())
        .flat_map(|(_, value)| lists::items(value))
        .collect();
    let meant = |row: &&Map<String, Value>| {
        if backups {
            return row.get("mark").and_then(Value::as_str) == Some("remove");
        }
        row.values().filter(|value| value.is_string() || value.is_number()).any(|value| names.contains(&plain(value)))
    };
    let meant: Vec<Map<String, Value>> = rows.iter().filter_map(Value::as_object).filter(meant).cloned().collect();
    let lines: Vec<String> = meant
        .into_iter()
        .map(|mut row| {
            calm(&mut row);
            let fields =
                row.iter().map(|(key, value)| format!("{key}={}", plain(value))).collect::<Vec<_>>().join(", ");
            foreign::line(&fields, 300).into_owned()
        })
        .collect();
    let more = lines.len().saturating_sub(ROWS);
    let mut lost: Vec<String> = lines.iter().take(ROWS).cloned().collect();
    if more > 0 {
        lost.push(format!("… (+{more})"));
    }
    Now { lost, whole: (!lines.is_empty()).then(|| lines.join("\n")) }
}
