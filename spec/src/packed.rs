//! The model as it is in the binary: small, and read piece by piece when something is first asked of it.
//!
//! A directory comes first: the facts of the whole, and of each endpoint its verb and path and where it lies. The
//! endpoints follow in chunks. Directory and chunks are postcard, each deflated by itself, so that one endpoint is read
//! without the others.

use std::{io::Read as _, sync::OnceLock};

use flate2::{Compression, bufread::DeflateDecoder, write::DeflateEncoder};
use serde::{Deserialize, Serialize};

use crate::model::{Api, Endpoint, Method};

/// Bytes after which a chunk is full; about what the window of deflate can look back upon.
const CHUNK: usize = 32 * 1024;

/// What is found first.
#[derive(Serialize, Deserialize, Default)]
struct Directory {
    release: String,
    sha256: String,
    known: Vec<String>,
    methods: usize,
    /// Bytes of each chunk, deflated.
    chunks: Vec<usize>,
    endpoints: Vec<Row>,
}

/// Where one endpoint is. Sorted by path and verb.
#[derive(Serialize, Deserialize)]
struct Row {
    path: String,
    method: Method,
    chunk: usize,
    start: usize,
}

/// The packed form of a model.
pub fn pack(api: &Api) -> Vec<u8> {
    let mut chunks: Vec<Vec<u8>> = vec![Vec::new()];
    let mut endpoints = Vec::new();
    for endpoint in &api.endpoints {
        let bytes = postcard::to_allocvec(endpoint).unwrap_or_default();
        if chunks.last().is_none_or(|chunk| chunk.len() > CHUNK) {
            chunks.push(Vec::new());
        }
        let at = chunks.len() - 1;
        let start = chunks[at].len();
        endpoints.push(Row { path: endpoint.path.clone(), method: endpoint.method, chunk: at, start });
        chunks[at].extend(bytes);
    }
    let chunks: Vec<Vec<u8>> = chunks.iter().map(|chunk| deflate(chunk)).collect();
    let directory = Directory {
        release: api.release.clone(),
        sha256: api.sha256.clone(),
        known: api.known.clone(),
        methods: api.methods,
        chunks: chunks.iter().map(Vec::len).collect(),
        endpoints,
    };
    let directory = deflate(&postcard::to_allocvec(&directory).unwrap_or_default());
    let length = u32::try_from(directory.len()).unwrap_or(u32::MAX).to_le_bytes();
    [&length[..], &directory].into_iter().chain(chunks.iter().map(Vec::as_slice)).flatten().copied().collect()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut out = DeflateEncoder::new(Vec::new(), Compression::best());
    // Memory takes whatever is written to it.
    let written = out.write_all(bytes).and_then(|()| out.finish());
    written.unwrap_or_default()
}

fn inflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match DeflateDecoder::new(bytes).read_to_end(&mut out) {
        Ok(_) => out,
        Err(_) => Vec::new(),
    }
}

/// A packed model in memory.
pub struct Model {
    packed: &'static [u8],
    read: OnceLock<Unpacked>,
}

struct Unpacked {
    directory: Directory,
    chunks: Vec<Chunk>,
    endpoints: Vec<OnceLock<Box<Endpoint>>>,
}

struct Chunk {
    packed: &'static [u8],
    read: OnceLock<Vec<u8>>,
}

impl Model {
    /// A model of what [`pack`] gave. Nothing is read yet.
    pub const fn new(packed: &'static [u8]) -> Self {
        Self { packed, read: OnceLock::new() }
    }

    fn unpacked(&self) -> &Unpacked {
        self.read.get_or_init(|| {
            let (length, rest) = self.packed.split_at_checked(4).unwrap_or_default();
            let length = length.try_into().map_or(0, u32::from_le_bytes) as usize;
            let (directory, mut rest) = rest.split_at_checked(length).unwrap_or_default();
            let directory: Directory = postcard::from_bytes(&inflate(directory)).unwrap_or_default();
            let chunk = |length: &usize| {
                let (packed, others) = rest.split_at_checked(*length).unwrap_or_default();
                rest = others;
                Chunk { packed, read: OnceLock::new() }
            };
            let chunks = directory.chunks.iter().map(chunk).collect();
            let endpoints = directory.endpoints.iter().map(|_| OnceLock::new()).collect();
            Unpacked { directory, chunks, endpoints }
        })
    }

    /// The endpoint with this index; of one that cannot be read, which a test holds there is none, everything dangerous
    /// is assumed.
    pub fn endpoint(&self, index: u16) -> &Endpoint {
        static NONE: OnceLock<Box<Endpoint>> = OnceLock::new();
        let model = self.unpacked();
        match model.endpoints.get(usize::from(index)) {
            Some(slot) => {
                slot.get_or_init(|| Box::new(model.read(usize::from(index)).unwrap_or_else(Endpoint::unknown)))
            }
            None => NONE.get_or_init(|| Box::new(Endpoint::unknown())),
        }
    }

    /// The endpoint of this verb and path template.
    pub fn find(&self, method: Method, path: &str) -> Option<&Endpoint> {
        let directory = &self.unpacked().directory;
        let at = directory.endpoints.binary_search_by(|e| (e.path.as_str(), e.method).cmp(&(path, method))).ok()?;
        Some(self.endpoint(u16::try_from(at).ok()?))
    }

    /// How many endpoints there are.
    pub fn len(&self) -> usize {
        self.unpacked().directory.endpoints.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, by path and verb.
    pub fn endpoints(&self) -> impl ExactSizeIterator<Item = &Endpoint> {
        (0..self.len()).map(|index| self.endpoint(u16::try_from(index).unwrap_or(u16::MAX)))
    }

    /// Verb and path of all of them, which costs less than the endpoints.
    pub fn names(&self) -> impl ExactSizeIterator<Item = (Method, &str)> {
        self.unpacked().directory.endpoints.iter().map(|entry| (entry.method, entry.path.as_str()))
    }

    /// The whole of it without its endpoints, as the generator knew it.
    pub fn head(&self) -> Api {
        let directory = &self.unpacked().directory;
        Api {
            release: directory.release.clone(),
            sha256: directory.sha256.clone(),
            known: directory.known.clone(),
            endpoints: Vec::new(),
            methods: directory.methods,
        }
    }
}

impl Unpacked {
    fn read(&self, index: usize) -> Option<Endpoint> {
        let entry = self.directory.endpoints.get(index)?;
        let chunk = self.chunks.get(entry.chunk)?;
        let bytes = chunk.read.get_or_init(|| inflate(chunk.packed));
        postcard::from_bytes(bytes.get(entry.start..)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Risk;

    fn api() -> Api {
        let endpoint = |n: usize| Endpoint {
            path: format!("/t/{n:03}"),
            method: Method::Get,
            // Enough for several chunks.
            summary: format!("{n}").repeat(400),
            ..Endpoint::unknown()
        };
        let endpoints = (0..300).map(endpoint).collect();
        Api { release: "9.2".to_owned(), methods: 300, endpoints, ..Api::default() }
    }

    #[test]
    fn what_was_packed_is_read_back_each_endpoint_alone() {
        let api = api();
        let packed: &'static [u8] = Vec::leak(pack(&api));
        let model = Model::new(packed);
        assert_eq!(model.endpoint(299), &api.endpoints[299], "the last one first");
        let read = model.unpacked();
        assert!(read.chunks.len() > 3, "{} chunks", read.chunks.len());
        assert_eq!(read.chunks.iter().filter(|chunk| chunk.read.get().is_some()).count(), 1, "and no other chunk");
        assert!(model.endpoints().eq(&api.endpoints));
        assert_eq!(model.find(Method::Get, "/t/123"), Some(&api.endpoints[123]));
        assert_eq!(model.find(Method::Put, "/t/123"), None);
        assert_eq!(Api { endpoints: api.endpoints.clone(), ..model.head() }, api);
    }

    #[test]
    fn what_cannot_be_read_is_taken_as_dangerous_and_never_panics() {
        let packed = pack(&api());
        for cut in [0, 3, 4, 100, packed.len() - 10] {
            let model = Model::new(Vec::leak(packed[..cut].to_vec()));
            let last = model.endpoint(299);
            assert_eq!((last.path.as_str(), last.risk), ("", Risk::Destroy), "cut at {cut}");
        }
    }
}
