//! What lies on storages besides the disks of guests, and what was done before the demo began.

use serde::{Deserialize, Serialize};

use super::GuestKind;

/// An image, a template or another file on a storage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Volume {
    /// The storage that it lies on.
    pub storage: String,
    /// The node that has it; the first one when empty. On a shared storage all have it.
    pub node: String,
    /// What comes after the storage in its id, such as `iso/debian-13.iso` or `vztmpl/debian-13-standard_13.1-1_amd64.tar.zst`.
    pub name: String,
    /// Bytes of the file.
    pub size: u64,
    /// Bytes of the disk in it, where that is another number: of an image to import.
    pub disk: u64,
    /// Seconds before the start of the demo at which it was made.
    pub age: u64,
}

/// A backup of a guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    /// The storage that it lies on.
    pub storage: String,
    /// The node that has it; that of the guest when empty. On a shared storage all have it.
    pub node: String,
    /// The guest that it is of; what is saved is what the guest is at the start, or nothing but the kind for one that is not
    /// there.
    pub vmid: u32,
    /// Virtual machine or container; that of the guest when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<GuestKind>,
    /// Seconds before the start of the demo at which it was made.
    pub age: u64,
    /// Bytes; a tenth of the guest's disks when 0.
    pub size: u64,
    /// `zstd`, `gzip`, `lzo` or `0`.
    pub compress: String,
    /// Its notes.
    pub notes: String,
    /// Whether it is protected from removal.
    pub protected: bool,
    /// Why a restore from it breaks off half-way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            storage: "local".to_owned(),
            node: String::new(),
            vmid: 0,
            kind: None,
            age: 0,
            size: 0,
            compress: "zstd".to_owned(),
            notes: String::new(),
            protected: false,
            broken: None,
        }
    }
}

/// A task that ended before the demo began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PastTask {
    /// The node that it ran on; the first one when empty.
    pub node: String,
    /// Its type, such as `vzdump` or `qmstart`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it was about: the id of a guest, or nothing.
    pub id: String,
    /// Who started it: `name@realm`, with `!token` for a token.
    pub user: String,
    /// Seconds before the start of the demo at which it began.
    pub age: u64,
    /// Seconds that it took.
    pub took: u64,
    /// How it ended: `OK`, `WARNINGS: n` or what went wrong.
    pub status: String,
    /// The lines of its log but for the last one.
    pub log: Vec<String>,
}

impl Default for PastTask {
    fn default() -> Self {
        Self {
            node: String::new(),
            kind: String::new(),
            id: String::new(),
            user: "root@pam".to_owned(),
            age: 3600,
            took: 2,
            status: "OK".to_owned(),
            log: Vec::new(),
        }
    }
}

/// A file that a node can fetch from the web. Where a scenario lists none, everything can be had; where it lists some, an
/// address on one of their hosts that is not listed is not found, and other hosts refuse the connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Download {
    /// Its address.
    pub url: String,
    /// Bytes.
    pub size: u64,
    /// What it hashes to, in hexadecimal; every checksum is right when empty.
    pub checksum: String,
    /// What the server says it is; by its name when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mimetype: Option<String>,
    /// Whether it comes so slowly that its task runs until somebody stops it.
    pub slow: bool,
}

impl Download {
    /// What the server says it is.
    pub fn mime(&self) -> &str {
        let by_name = match self.url.rsplit('.').next() {
            Some("iso") => "application/x-iso9660-image",
            Some("gz") => "application/gzip",
            Some("xz") => "application/x-xz",
            Some("zst") => "application/zstd",
            Some("qcow2" | "img" | "raw") => "application/octet-stream",
            _ => "",
        };
        self.mimetype.as_deref().unwrap_or(by_name)
    }
}
