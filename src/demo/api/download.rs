//! Files that a node fetches from the web (pve-storage: `API2/Storage/Status.pm`; pve-common: `Tools.pm`), and container
//! templates by name.

use serde_json::json;

use super::{Call, IntoReply as _};
use crate::demo::{
    reply::{Failure, Outcome},
    scenario::Download,
    time,
    world::{Flow, Volume, World, stage},
};

/// Milliseconds that a download takes.
const FETCH_MS: u64 = 2000;
/// Bytes of a file of which nothing is known.
const SOME: u64 = 700 << 20;
/// Container templates that can be had by name.
const TEMPLATES: [(&str, &str, &str); 3] = [
    ("debian-13-standard_13.1-2_amd64.tar.zst", "debian-13", "Debian 13"),
    ("ubuntu-24.04-standard_24.04-2_amd64.tar.zst", "ubuntu-24.04", "Ubuntu 24.04"),
    ("alpine-3.22-default_20250617_amd64.tar.xz", "alpine-3.22", "Alpine 3.22"),
];

/// What the web gives at an address; anything where the scenario lists nothing.
fn looked_up(world: &World, url: &str) -> Result<Download, String> {
    if world.downloads.is_empty() {
        return Ok(Download { url: url.to_owned(), size: SOME, ..Download::default() });
    }
    let host = host(url);
    match world.downloads.iter().find(|file| file.url == url) {
        Some(file) => Ok(file.clone()),
        None if world.downloads.iter().any(|file| self::host(&file.url) == host) => {
            Err("404 File not found".to_owned())
        }
        None => Err(format!("500 Can't connect to {host} (Connection refused)")),
    }
}

/// Host and port of an address.
fn host(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest).split('/').next().unwrap_or_default()
}

pub(super) fn metadata(call: &mut Call<'_>) -> Outcome {
    let url = call.args.get("url").unwrap_or_default();
    let found = looked_up(call.world, url).map_err(|e| Failure::new(format!("invalid server response: '{e}'")))?;
    let name = url.rsplit('/').next().unwrap_or_default();
    Ok(json!({"filename": name, "mimetype": found.mime(), "size": found.size}).into_reply())
}

/// The ends of file names that a kind of content has.
fn ends(content: &str) -> &'static [&'static str] {
    match content {
        "iso" => &[".iso", ".img"],
        "vztmpl" => &[".tar.gz", ".tar.xz", ".tar.zst"],
        _ => &[".ova", ".qcow2", ".raw", ".vmdk"],
    }
}

pub(super) fn fetch(call: &mut Call<'_>) -> Outcome {
    let (node, storage) = (call.node(), call.args.get("storage").unwrap_or_default().to_owned());
    let content = call.args.get("content").unwrap_or_default().to_owned();
    let url = call.args.get("url").unwrap_or_default().to_owned();
    let Some(found) = call.world.storage(&storage).cloned() else {
        return Err(Failure::new(format!("storage '{storage}' does not exist")));
    };
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' };
    let given = call.args.get("filename").unwrap_or_default();
    let name: String = given.chars().map(plain).collect();
    if !ends(&content).iter().any(|end| name.ends_with(end)) {
        return Err(Failure::param("filename", "wrong file extension"));
    }
    if !found.holds(&content) {
        return Err(Failure::new(format!("storage '{storage}' is not configured for content-type '{content}'")));
    }
    let sum = call.args.get("checksum").map(str::to_owned);
    let job = Job { node: node.clone(), url, volid: format!("{storage}:{content}/{name}"), content, sum };
    Ok(call
        .world
        .spawn("download", &node, &name, call.who, stage(move |world, upid| job.begin(world, upid)))
        .into_reply())
}

struct Job {
    node: String,
    url: String,
    volid: String,
    content: String,
    sum: Option<String>,
}

impl Job {
    fn begin(self, world: &mut World, upid: &str) -> Result<Flow, String> {
        let path = world.path_of(&self.volid);
        world.log(upid, format!("downloading {} to {path}", self.url));
        if world.volume(&self.node, &self.volid).is_some() {
            return Err(format!("refusing to override existing file '{path}'"));
        }
        let at = time::local(world.seconds());
        world.log(upid, format!("--{at}--  {}", self.url));
        let host = host(&self.url).to_owned();
        let found = match looked_up(world, &self.url) {
            Ok(found) => found,
            Err(why) if why.starts_with("404") => {
                world.log(upid, format!("Connecting to {host}... connected."));
                world.log(upid, "HTTP request sent, awaiting response... 404 File not found");
                world.log(upid, format!("{at} ERROR 404: File not found."));
                return Err("download failed: exit code 8".to_owned());
            }
            Err(_) => return Err(format!("download failed: Connecting to {host}... failed: Connection refused.")),
        };
        world.log(upid, format!("Connecting to {host}... connected."));
        world.log(upid, "HTTP request sent, awaiting response... 200 OK");
        let kind = found.mime();
        let kind = if kind.is_empty() { String::new() } else { format!(" [{kind}]") };
        world.log(upid, format!("Length: {} ({}){kind}", found.size, short(found.size)));
        let pid = world.tasks.get(upid).map_or(0, |task| task.pid);
        let partial = format!("{path}.tmp_dwnl.{pid}");
        if found.slow {
            // It goes on for so long that somebody may stop it.
            let never = stage(|_, _| Err("download failed: received interrupt".to_owned()));
            return Ok(Flow::After(3_600_000_000, never));
        }
        world.log(upid, format!("Saving to: '{partial}'"));
        let done = stage(move |world: &mut World, upid: &str| self.end(world, upid, found, &path, &partial));
        Ok(Flow::After(FETCH_MS, done))
    }

    fn end(self, world: &mut World, upid: &str, found: Download, path: &str, partial: &str) -> Result<Flow, String> {
        let storage = self.volid.split(':').next().unwrap_or_default().to_owned();
        if world.storage(&storage).is_some_and(|storage| storage.full) {
            return Err(format!("download failed: {partial}: No space left on device"));
        }
        let size = found.size;
        let at = time::local(world.seconds());
        world.log(upid, "     0K .                                  100%  235M=0.008s");
        world.log(upid, format!("{at} (235 MB/s) - '{partial}' saved [{size}/{size}]"));
        if let Some(wanted) = &self.sum {
            let matches = found.checksum.is_empty() || found.checksum == *wanted;
            world.log(
                upid,
                if matches { "calculating checksum...OK, checksum verified" } else { "calculating checksum..." },
            );
            if !matches {
                return Err(format!("checksum mismatch: got '{}' != expect '{wanted}'", found.checksum));
            }
        }
        let name = self.volid.split_once(':').map(|(_, name)| name.to_owned()).unwrap_or_default();
        let format = match name.rsplit('.').next() {
            Some("gz") => "tgz",
            Some("xz") => "txz",
            Some("zst") => "tzst",
            Some(other) => other,
            None => "raw",
        };
        let volume = Volume {
            storage,
            format: format.to_owned(),
            name,
            content: self.content,
            size,
            ctime: world.seconds(),
            ..Volume::default()
        };
        world.add_volume(&self.node, volume);
        world.log(upid, format!("download of '{}' to '{path}' finished", self.url));
        Ok(Flow::Done)
    }
}

/// `1.9M`, as wget writes it.
#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
fn short(bytes: u64) -> String {
    let units = [(30, "G"), (20, "M"), (10, "K")];
    match units.into_iter().find(|(shift, _)| bytes >> shift > 0) {
        Some((shift, unit)) => {
            let size = bytes as f64 / f64::from(1_u32 << shift);
            if size < 10.0 { format!("{size:.1}{unit}") } else { format!("{size:.0}{unit}") }
        }
        None => bytes.to_string(),
    }
}

/// Container templates that the node knows by name.
pub(super) fn templates(call: &mut Call<'_>) -> Outcome {
    if call.world.downloads.is_empty() {
        let rows = TEMPLATES.iter().map(|(template, os, headline)| {
            json!({"template": template, "package": format!("{os}-standard"), "os": os, "headline": headline,
                "type": "lxc", "section": "system", "source": "https://download.proxmox.example/images",
                "location": format!("https://download.proxmox.example/images/system/{template}"), "version": "1"})
        });
        return Ok(rows.collect::<Vec<_>>().into_reply());
    }
    Ok(json!([]).into_reply())
}

/// Fetches a template by its name.
pub(super) fn template(call: &mut Call<'_>) -> Outcome {
    let (node, storage) = (call.node(), call.args.get("storage").unwrap_or_default().to_owned());
    let template = call.args.get("template").unwrap_or_default().to_owned();
    if !call.world.downloads.is_empty() || !TEMPLATES.iter().any(|(name, ..)| *name == template) {
        return Err(Failure::param("template", "no such template"));
    }
    call.world.usable(&node, &storage).map_err(Failure::new)?;
    let job = Job {
        node: node.clone(),
        url: format!("https://download.proxmox.example/images/system/{template}"),
        volid: format!("{storage}:vztmpl/{template}"),
        content: "vztmpl".to_owned(),
        sum: None,
    };
    Ok(call.world.spawn("download", &node, "", call.who, stage(move |world, upid| job.begin(world, upid))).into_reply())
}
