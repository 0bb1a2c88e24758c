//! Reading requests within pveproxy's limits.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::timeout,
};

/// A request has fewer header lines than this.
const MAX_HEADERS: usize = 64;
/// Bytes of all header lines together.
const MAX_HEADER_BYTES: usize = 8 * 1024;
/// Bytes that the server reads ahead; a longer request line ends the connection.
const MAX_READ: usize = 520 * 1024;

/// Request line and headers.
#[derive(Debug)]
pub(in super::super) struct Head {
    pub(in super::super) method: String,
    pub(in super::super) target: String,
    /// Otherwise it is HTTP/1.0.
    one_one: bool,
    /// Names in lower case, in the order of arrival.
    headers: Vec<(String, String)>,
}

impl Head {
    /// The value of a header; of several of one name the last, as in Perl's hashes.
    pub(in super::super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether the client speaks HTTP/1.1.
    pub(in super::super) const fn is_one_one(&self) -> bool {
        self.one_one
    }

    /// Whether the client wants to go on with this connection.
    pub(in super::super) fn keep_alive(&self) -> bool {
        match self.header("connection").map(str::to_ascii_lowercase) {
            Some(c) if c.contains("close") => false,
            Some(c) if c.contains("keep-alive") => true,
            _ => self.one_one,
        }
    }
}

/// Why there is no request.
#[derive(Debug)]
pub(in super::super) enum HeadError {
    /// The connection is to be closed without an answer.
    Gone,
    /// Limits were exceeded: no answer, and the connection stays until its idle time is over.
    Ignored,
    /// The server answers with this status and text and closes.
    Refused(u16, String),
}

impl From<io::Error> for HeadError {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// Reads one request after the other from a connection.
pub(in super::super) struct Reader<R> {
    from: R,
    buffer: Vec<u8>,
    /// Silence after which the connection is given up.
    idle: Option<Duration>,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    pub(in super::super) fn new(from: R, idle: Option<Duration>) -> Self {
        Self { from, buffer: Vec::with_capacity(4096), idle }
    }

    /// The stream, to write to.
    pub(in super::super) fn stream(&mut self) -> &mut R {
        &mut self.from
    }

    /// Reads request line and headers.
    pub(in super::super) async fn head(&mut self) -> Result<Head, HeadError> {
        let mut line = self.line(MAX_READ).await?.ok_or(HeadError::Gone)?;
        while line.is_empty() {
            line = self.line(MAX_READ).await?.ok_or(HeadError::Gone)?;
        }
        let mut head = request_line(&line)?;
        let mut bytes = 0;
        loop {
            let line = self.line(MAX_HEADER_BYTES).await?.ok_or(HeadError::Ignored)?;
            if line.is_empty() {
                return Ok(head);
            }
            bytes += line.len();
            if bytes >= MAX_HEADER_BYTES || head.headers.len() + 1 >= MAX_HEADERS {
                return Err(HeadError::Ignored);
            }
            header_line(&mut head.headers, &line)?;
        }
    }

    /// Reads a body of this length.
    pub(in super::super) async fn body(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < length {
            self.fill().await?;
        }
        let rest = self.buffer.split_off(length);
        Ok(std::mem::replace(&mut self.buffer, rest))
    }

    /// Waits until the client closes or has been silent for the idle time; throws away what it sends.
    pub(in super::super) async fn drain(&mut self) {
        let most = Duration::from_millis(self.idle.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(5000)));
        let mut scrap = [0; 4096];
        let silence = async { while matches!(self.from.read(&mut scrap).await, Ok(n) if n > 0) {} };
        let _ = timeout(most, silence).await;
    }

    /// One line without its end; `None` when it is longer than `most`.
    async fn line(&mut self, most: usize) -> io::Result<Option<String>> {
        let mut seen = 0;
        loop {
            if let Some(end) = self.buffer[seen..].iter().position(|b| *b == b'\n').map(|n| n + seen) {
                if end > most {
                    return Ok(None);
                }
                let rest = self.buffer.split_off(end + 1);
                let mut line = std::mem::replace(&mut self.buffer, rest);
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
            }
            seen = self.buffer.len();
            if seen > most {
                return Ok(None);
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> io::Result<()> {
        let read = self.from.read_buf(&mut self.buffer);
        let n = match self.idle {
            Some(idle) => timeout(idle, read).await.map_err(|_| io::ErrorKind::TimedOut)??,
            None => read.await?,
        };
        if n == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }
}

fn request_line(line: &str) -> Result<Head, HeadError> {
    let bad = || HeadError::Refused(400, "bad request".to_owned());
    let mut words = line.split_ascii_whitespace();
    let (Some(method), Some(target), Some(version), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(bad());
    };
    let version = version.strip_prefix("HTTP/").ok_or_else(bad)?;
    let one_one = match version {
        "1.1" => true,
        "1.0" => false,
        other => return Err(HeadError::Refused(506, format!("http protocol version {other} not supported"))),
    };
    if target.split('/').next().is_some_and(|before| before.contains('@')) {
        return Err(HeadError::Refused(400, "invalid url".to_owned()));
    }
    Ok(Head { method: method.to_owned(), target: target.to_owned(), one_one, headers: Vec::new() })
}

fn header_line(headers: &mut Vec<(String, String)>, line: &str) -> Result<(), HeadError> {
    // A line that starts with a blank goes on with the one before.
    if line.starts_with([' ', '\t'])
        && let Some((_, value)) = headers.last_mut()
    {
        value.push(' ');
        value.push_str(line.trim());
        return Ok(());
    }
    match line.split_once(':') {
        Some((name, value)) if !name.is_empty() && !name.contains([' ', '\t']) => {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            Ok(())
        }
        _ => Err(HeadError::Refused(506, "unable to parse request header".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(text: &str) -> Result<Head, HeadError> {
        Reader::new(text.as_bytes(), Some(Duration::from_secs(5))).head().await
    }

    #[tokio::test]
    async fn a_request_is_read() {
        let head =
            read("\r\nGET /api2/json/version?a=1 HTTP/1.1\r\nHost: x\r\nX-A: one\r\n two\r\n\r\n").await.unwrap();
        assert_eq!((head.method.as_str(), head.target.as_str()), ("GET", "/api2/json/version?a=1"));
        assert_eq!(head.header("x-a"), Some("one two"));
        assert!(head.keep_alive());
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_refused_as_pveproxy_does() {
        let refused = async |text: &str| match read(text).await {
            Err(HeadError::Refused(status, reason)) => (status, reason),
            other => panic!("{text:?} gave {other:?}"),
        };
        assert_eq!(refused("rubbish\r\n\r\n").await, (400, "bad request".to_owned()));
        assert_eq!(refused("GET x@y/ HTTP/1.1\r\n\r\n").await, (400, "invalid url".to_owned()));
        let preface = refused("PRI * HTTP/2.0\r\n\r\n").await;
        assert_eq!(preface, (506, "http protocol version 2.0 not supported".to_owned()));
        assert_eq!(refused("GET / HTTP/1.1\r\nno colon\r\n\r\n").await.0, 506);
    }

    #[tokio::test]
    async fn sixty_three_headers_are_the_most() {
        let with = |n: usize| format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(n));
        assert!(read(&with(62)).await.is_ok());
        assert!(matches!(read(&with(64)).await, Err(HeadError::Ignored)));
        let long = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "x".repeat(9000));
        assert!(matches!(read(&long).await, Err(HeadError::Ignored)));
    }
}
