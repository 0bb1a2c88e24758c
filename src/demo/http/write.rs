//! Writing answers in pveproxy's words and order of headers.

use std::{fmt::Write as _, io, io::Write as _, time::SystemTime};

use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Bodies longer than this are compressed for those who take it.
const COMPRESS_FROM: usize = 1024;

/// What follows the headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Body {
    /// Nothing, and no `Content-Length` either: answers 401 and 595 to 599.
    None,
    /// JSON of a method.
    Json(String),
    /// Text of the server itself, without a content type.
    Plain(String),
    /// Another type: what a reverse proxy in front may send.
    Html(String),
}

/// Over whom an answer came; it shows in the `Connection` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Forwarded {
    /// Answered by pveproxy itself.
    No,
    /// Over pvedaemon on this host, or over a node to whom a write was sent.
    Daemon,
    /// Over pveproxy of another node.
    Node,
    /// Over a connection that is kept.
    Kept,
}

/// An answer.
#[derive(Debug, Clone)]
pub(in super::super) struct Response {
    pub(in super::super) status: u16,
    pub(in super::super) reason: String,
    pub(in super::super) body: Body,
    pub(in super::super) location: Option<String>,
    pub(in super::super) forwarded: Forwarded,
}

impl Response {
    /// An answer of the server itself: the reason is the body. Before PVE 8.4 the body was empty.
    pub(in super::super) fn plain(status: u16, reason: impl Into<String>, legacy: bool) -> Self {
        let reason = reason.into();
        let body = if legacy { Body::None } else { Body::Plain(reason.clone()) };
        Self { status, reason, body, location: None, forwarded: Forwarded::No }
    }

    /// A success with this text as its data.
    pub(in super::super) fn data(text: &str) -> Self {
        let body = Body::Json(serde_json::json!({ "data": text }).to_string());
        Self { body, ..Self::bare(200, "OK") }
    }

    /// What stands after `"data":`, as it is.
    pub(in super::super) fn raw(data: &str) -> Self {
        Self { body: Body::Json(format!("{{\"data\":{data}}}")), ..Self::bare(200, "OK") }
    }

    /// Whether only the end of the connection tells where the answer ends.
    pub(in super::super) fn has_no_length(&self) -> bool {
        self.body == Body::None
    }

    /// An answer without a body.
    pub(in super::super) fn bare(status: u16, reason: impl Into<String>) -> Self {
        Self { status, reason: reason.into(), body: Body::None, location: None, forwarded: Forwarded::No }
    }
}

/// How an answer travels.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Framing {
    pub(in super::super) one_one: bool,
    pub(in super::super) close: bool,
    pub(in super::super) gzip: bool,
    /// Send only half of the body, then close.
    pub(in super::super) truncate: bool,
    /// Seconds since 1970.
    pub(in super::super) now: u64,
}

/// Writes an answer.
pub(in super::super) async fn write<W: AsyncWrite + Unpin>(
    to: &mut W,
    response: &Response,
    framing: Framing,
) -> io::Result<()> {
    let (content, kind) = match &response.body {
        Body::None => (None, None),
        Body::Json(text) => (Some(text.as_bytes()), Some("application/json;charset=UTF-8")),
        Body::Plain(text) => (Some(text.as_bytes()), None),
        Body::Html(text) => (Some(text.as_bytes()), Some("text/html")),
    };
    let packed = content.filter(|c| framing.gzip && c.len() > COMPRESS_FROM).map(gzip).transpose()?;
    let body = packed.as_deref().or(content);
    let head = head(response, framing, body.map(<[u8]>::len), kind, packed.is_some());
    let mut message = head.into_bytes();
    let sent = body.map_or(&[][..], |b| if framing.truncate { &b[..b.len() / 2] } else { b });
    message.extend_from_slice(sent);
    to.write_all(&message).await?;
    to.flush().await
}

fn head(response: &Response, framing: Framing, length: Option<usize>, kind: Option<&str>, gzip: bool) -> String {
    let date = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(framing.now));
    let version = if framing.one_one { "1.1" } else { "1.0" };
    let mut h = String::with_capacity(400);
    // Writing to a String cannot fail.
    let _ = write!(h, "HTTP/{version} {} {}\r\nCache-Control: max-age=0\r\n", response.status, line(&response.reason));
    for connection in connection(response.forwarded, framing.close) {
        let _ = write!(h, "Connection: {connection}\r\n");
    }
    let _ = write!(h, "Date: {date}\r\nPragma: no-cache\r\n");
    if let Some(location) = &response.location {
        let _ = write!(h, "Location: {}\r\n", line(location));
    }
    h.push_str("Server: pve-api-daemon/3.0\r\n");
    if gzip {
        h.push_str("Content-Encoding: gzip\r\n");
    }
    if let Some(length) = length {
        let _ = write!(h, "Content-Length: {length}\r\n");
    }
    if let Some(kind) = kind {
        let _ = write!(h, "Content-Type: {kind}\r\n");
    }
    let _ = write!(h, "Expires: {date}\r\n\r\n");
    h
}

/// The `Connection` headers: a forwarded reply carries that of the hop before too.
const fn connection(forwarded: Forwarded, close: bool) -> &'static [&'static str] {
    match (close, forwarded) {
        (true, _) => &["close"],
        (false, Forwarded::No) => &["Keep-Alive"],
        (false, Forwarded::Daemon) => &["close", "Keep-Alive"],
        (false, Forwarded::Kept) => &["Keep-Alive", "Keep-Alive"],
        (false, Forwarded::Node) => &["close,Keep-Alive", "Keep-Alive"],
    }
}

/// The first line of a text, without anything that could end a header early.
fn line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(content)?;
    packer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Framing = Framing { one_one: true, close: false, gzip: false, truncate: false, now: 1_795_350_802 };

    async fn text(response: &Response, framing: Framing) -> String {
        let mut out = Vec::new();
        write(&mut out, response, framing).await.unwrap();
        String::from_utf8_lossy(&out).into_owned()
    }

    #[tokio::test]
    async fn a_401_has_neither_body_nor_length() {
        let closing = Framing { close: true, ..PLAIN };
        assert_eq!(
            text(&Response::bare(401, "No ticket"), closing).await,
            "HTTP/1.1 401 No ticket\r\nCache-Control: max-age=0\r\nConnection: close\r\n\
             Date: Sun, 22 Nov 2026 12:33:22 GMT\r\nPragma: no-cache\r\nServer: pve-api-daemon/3.0\r\n\
             Expires: Sun, 22 Nov 2026 12:33:22 GMT\r\n\r\n"
        );
    }

    #[tokio::test]
    async fn a_forwarded_reply_has_two_connection_headers() {
        let response =
            Response { forwarded: Forwarded::Daemon, body: Body::Json("{}".to_owned()), ..Response::bare(200, "OK") };
        let text = text(&response, PLAIN).await;
        assert!(text.contains("Connection: close\r\nConnection: Keep-Alive\r\n"), "{text}");
    }

    #[tokio::test]
    async fn a_reason_is_one_line() {
        let text = text(&Response::plain(500, "multi\r\nX-Evil: 1", false), PLAIN).await;
        assert!(text.starts_with("HTTP/1.1 500 multi\r\nCache-Control"), "{text}");
    }
}
