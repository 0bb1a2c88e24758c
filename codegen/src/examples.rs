//! What people may say and which method they mean: what the search index learns of.
//!
//! `apidata/examples.toml` has what we thought of, a table a method; `apidata/requests.toml` what other people wrote, with
//! all methods that would be right.

use std::{collections::BTreeMap, fs, path::Path};

use search::make::Example;
use serde::{Deserialize, de::DeserializeOwned};

use crate::report::{Failed, Report};

/// The file within `apidata/` of examples by method.
pub const EXAMPLES: &str = "examples.toml";

/// The file within `apidata/` of requests that other people wrote.
pub const REQUESTS: &str = "requests.toml";

/// Requests and what they mean.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requests {
    /// One after the other.
    pub request: Vec<Judged>,
}

/// One request.
#[derive(Clone, Debug, Deserialize)]
pub struct Judged {
    /// What somebody says.
    #[serde(alias = "text", alias = "q")]
    pub query: String,
    /// `en` or `es`.
    pub lang: String,
    /// The methods that would be right, as `METHOD /path`.
    pub expect: Vec<String>,
}

impl Judged {
    /// The request as something to learn of.
    pub fn example(&self) -> Example {
        Example { text: self.query.clone(), methods: self.expect.clone() }
    }
}

/// Examples of one method.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    #[serde(default)]
    en: Vec<String>,
    #[serde(default)]
    es: Vec<String>,
}

/// The part of a path that stands for either kind of guest, what each has there, and the words for it in a sentence.
const GUEST: &str = "{guest}";
const KINDS: [(&str, [(&str, &str); 6]); 2] = [
    (
        "qemu",
        [
            ("{vm}", "vm"),
            ("{el}", "la vm"),
            ("{del}", "de la vm"),
            ("{al}", "a la vm"),
            ("{un}", "una vm"),
            ("{este}", "esta vm"),
        ],
    ),
    (
        "lxc",
        [
            ("{vm}", "container"),
            ("{el}", "el contenedor"),
            ("{del}", "del contenedor"),
            ("{al}", "al contenedor"),
            ("{un}", "un contenedor"),
            ("{este}", "este contenedor"),
        ],
    ),
];

/// The examples of `examples.toml`, each of a kind of guest for itself; none where there is no such file.
///
/// # Errors
/// [`Failed`] when the file is no good; `report` tells why.
pub fn written(apidata: &Path, report: &mut Report) -> Result<Vec<Example>, Failed> {
    let by: BTreeMap<String, Said> = read(&apidata.join(EXAMPLES), report)?.unwrap_or_default();
    let said = by.iter().flat_map(|(at, said)| said.en.iter().chain(&said.es).map(move |text| (at, text)));
    Ok(said.flat_map(|(at, text)| of_kinds(at, text)).collect())
}

/// One example, or one for each kind of guest that it speaks of.
fn of_kinds(at: &str, text: &str) -> Vec<Example> {
    let of = |kind: &str| at.replace(GUEST, kind);
    let either = || KINDS.iter().map(|(kind, _)| of(kind)).collect();
    match (at.contains(GUEST), text.contains('{')) {
        (false, _) => vec![Example { text: text.to_owned(), methods: vec![at.to_owned()] }],
        (true, false) => vec![Example { text: text.to_owned(), methods: either() }],
        (true, true) => {
            let said = |(kind, words): &(&str, [(&str, &str); 6])| {
                let text = words.iter().fold(text.to_owned(), |text, (place, word)| text.replace(place, word));
                Example { text, methods: vec![of(kind)] }
            };
            KINDS.iter().map(said).collect()
        }
    }
}

/// The requests of `requests.toml`; none where there is no such file.
///
/// # Errors
/// As [`written`].
pub fn requests(apidata: &Path, report: &mut Report) -> Result<Vec<Judged>, Failed> {
    let requests: Requests = read(&apidata.join(REQUESTS), report)?.unwrap_or_default();
    Ok(requests.request)
}

/// Reads a file of TOML; nothing where there is none.
///
/// # Errors
/// As [`written`].
pub fn read<T: DeserializeOwned>(file: &Path, report: &mut Report) -> Result<Option<T>, Failed> {
    let read = match fs::read_to_string(file) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|e| e.to_string()),
    };
    let read = read.and_then(|text| toml::from_str(&text).map_err(|e| e.to_string()));
    read.map(Some).map_err(|e| report.error(&file.display().to_string(), "", e)).map_err(|()| Failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_of_either_kind_of_guest_is_one_of_each() {
        let told = |at: &str, text: &str| {
            of_kinds(at, text).into_iter().map(|e| format!("{} = {}", e.text, e.methods.join(" "))).collect::<Vec<_>>()
        };
        let at = "GET /{guest}/config";
        assert_eq!(told(at, "show {vm} 1"), ["show vm 1 = GET /qemu/config", "show container 1 = GET /lxc/config"]);
        assert_eq!(
            told(at, "ver {del} 1"),
            ["ver de la vm 1 = GET /qemu/config", "ver del contenedor 1 = GET /lxc/config"]
        );
        assert_eq!(told(at, "show web01"), ["show web01 = GET /qemu/config GET /lxc/config"]);
        assert_eq!(told("GET /x", "show"), ["show = GET /x"]);
    }
}
