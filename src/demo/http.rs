//! HTTP as pveproxy speaks it.
//!
//! We read and write it ourselves instead of using hyper's server, because a real PVE does what hyper's does not
//! allow: it drops a connection without a word after too many headers, sends two `Connection` headers on a forwarded
//! reply, sends no `Content-Length` with a 401, and answers HTTP/1.0 in kind. It is little: HTTP/1.x with
//! `Content-Length`, nothing else (pve-http-server: `AnyEvent.pm`).

mod params;
mod read;
mod write;

pub(super) use params::{Params, from_body, from_query};
pub(super) use read::{Head, HeadError, Reader};
pub(super) use write::{Body, Forwarded, Framing, Response, write};

use percent_encoding::percent_decode_str;

/// A request with its body.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// The path part of the target, percent-decoded as a whole (so that `%2F` separates), and the raw query.
    pub(super) fn target(&self) -> (String, &str) {
        let (path, query) = self.head.target.split_once('?').unwrap_or((&self.head.target, ""));
        (percent_decode_str(path).decode_utf8_lossy().into_owned(), query)
    }
}
