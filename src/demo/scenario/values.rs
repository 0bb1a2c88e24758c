//! Small values of a scenario and how they are read.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

/// How long tasks take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speed {
    /// A hundredth of the real time.
    #[default]
    Fast,
    /// As long as on a real host.
    Real,
}

impl std::str::FromStr for Speed {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "fast" => Ok(Self::Fast),
            "real" => Ok(Self::Real),
            other => {
                let meant = crate::near::meant(other, ["fast", "real"]);
                Err(format!("speed {other:?} is neither fast nor real{meant}"))
            }
        }
    }
}

/// Kind of a guest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GuestKind {
    /// Virtual machine.
    #[default]
    Qemu,
    /// Container.
    Lxc,
}

impl GuestKind {
    /// The word in paths: `qemu` or `lxc`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Qemu => "qemu",
            Self::Lxc => "lxc",
        }
    }
}

/// What a guest is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing.
    #[default]
    Stopped,
    /// Its work.
    Running,
    /// It is halted in memory (VMs): `running` to the lists, `paused` to QMP.
    Paused,
    /// It is saved to disk (VMs): stopped, with lock `suspended`.
    Suspended,
}

/// A scalar as TOML has it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
}

impl From<Scalar> for String {
    fn from(scalar: Scalar) -> Self {
        match scalar {
            Scalar::Bool(b) => String::from(if b { "1" } else { "0" }),
            Scalar::Integer(n) => n.to_string(),
            Scalar::Float(n) => n.to_string(),
            Scalar::Text(text) => text,
        }
    }
}

/// One scalar, or several for an option that a file may have several times (`lxc.mount.entry`).
#[derive(Deserialize)]
#[serde(untagged)]
enum Setting {
    One(Scalar),
    Several(Vec<Scalar>),
}

/// Options of a configuration file: any scalar, kept as the text that the file would have; several a line each.
pub(super) fn settings<'de, D: Deserializer<'de>>(d: D) -> Result<BTreeMap<String, String>, D::Error> {
    let text = |setting| match setting {
        Setting::One(value) => String::from(value),
        Setting::Several(values) => values.into_iter().map(String::from).collect::<Vec<_>>().join("\n"),
    };
    let map = BTreeMap::<String, Setting>::deserialize(d)?;
    Ok(map.into_iter().map(|(key, value)| (key, text(value))).collect())
}

/// `true` or a text.
pub(super) fn failure<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    Ok(match Scalar::deserialize(d)? {
        Scalar::Bool(false) => None,
        Scalar::Bool(true) => Some(String::new()),
        other => Some(other.into()),
    })
}
