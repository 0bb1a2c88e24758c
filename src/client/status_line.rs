//! The first line of an answer, as it came.
//!
//! PVE's own words often stand in the reason phrase and nowhere else, in whatever language and encoding the host has.
//! hyper drops a phrase that is not ASCII and refuses an answer whose phrase holds a control character, so the line is
//! read here on its way to hyper, which gets it with such bytes replaced.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes of a line that are kept; PVE's own fit easily.
const LINE_MAX: usize = 4096;

/// What was read of the first line of the answer that comes next.
#[derive(Clone, Debug, Default)]
pub(super) struct StatusLine(Arc<Mutex<Line>>);

#[derive(Debug, Default)]
struct Line {
    /// Whether the next byte belongs to it.
    open: bool,
    bytes: Vec<u8>,
}

impl StatusLine {
    /// A request goes out: the next line that comes is the first of its answer.
    pub(super) fn expect(&self) {
        let mut line = self.lock();
        line.open = true;
        line.bytes.clear();
    }

    /// The reason phrase of an answer with this status, if there is one that is not the ordinary one.
    pub(super) fn reason(&self, status: http::StatusCode) -> Option<String> {
        let line = self.lock();
        let mut parts = line.bytes.splitn(3, |byte| *byte == b' ').skip(1);
        // An interim answer (103) has a line of its own, which is not this one.
        if parts.next()? != status.as_str().as_bytes() {
            return None;
        }
        let phrase = read(parts.next().unwrap_or_default());
        let phrase = phrase.trim();
        (!phrase.is_empty() && status.canonical_reason() != Some(phrase)).then(|| phrase.to_owned())
    }

    /// Reads what has come, and makes the line fit for hyper.
    fn pass(&self, new: &mut [u8]) {
        let mut line = self.lock();
        if !line.open {
            return;
        }
        for byte in new {
            match *byte {
                b'\n' => {
                    line.open = false;
                    return;
                }
                b'\r' => continue,
                other if line.bytes.len() < LINE_MAX => line.bytes.push(other),
                _ => {}
            }
            if !(b' '..=b'~').contains(byte) {
                *byte = b'?';
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Line> {
        // Where a panic unwinds, in debug builds, it leaves a line that is cut.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// UTF-8, or else Latin-1: Perl sends either, as the text came.
fn read(phrase: &[u8]) -> String {
    std::str::from_utf8(phrase).map_or_else(|_| phrase.iter().copied().map(char::from).collect(), str::to_owned)
}

/// A connection whose status lines are read on the way.
pub(super) struct Tapped<S> {
    pub inner: S,
    pub line: StatusLine,
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        if let Some(new) = buf.filled_mut().get_mut(before..) {
            self.line.pass(new);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapped<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn passed(pieces: &[&[u8]]) -> (Vec<u8>, StatusLine) {
        let line = StatusLine::default();
        line.expect();
        let mut out = Vec::new();
        for piece in pieces {
            let mut piece = piece.to_vec();
            line.pass(&mut piece);
            out.extend(piece);
        }
        (out, line)
    }

    #[test]
    fn the_line_is_kept_as_it_came_and_hyper_gets_one_that_it_takes() {
        let (out, line) =
            passed(&["HTTP/1.1 500 Datei gesp".as_bytes(), "errt f\u{fc}r".as_bytes(), b"\x1b\r\nX: \xff\r\n"]);
        assert_eq!(out, b"HTTP/1.1 500 Datei gesperrt f??r?\r\nX: \xff\r\n");
        assert_eq!(line.reason(StatusCode::INTERNAL_SERVER_ERROR).as_deref(), Some("Datei gesperrt f\u{fc}r\u{1b}"));
        assert_eq!(line.reason(StatusCode::OK), None, "of another answer");
        let (_, line) = passed(&[b"HTTP/1.1 500 gesperrt f\xfcr\r\n"]);
        assert_eq!(line.reason(StatusCode::INTERNAL_SERVER_ERROR).as_deref(), Some("gesperrt f\u{fc}r"));
        for ordinary in [&b"HTTP/1.1 200 OK\r\n"[..], b"HTTP/1.1 200 OK\n"] {
            assert_eq!(passed(&[ordinary]).1.reason(StatusCode::OK), None);
        }
    }

    #[test]
    fn a_line_without_an_end_is_not_kept_for_ever() {
        let (_, line) = passed(&[b"HTTP/1.1 500 ", &[b'a'; 3 * LINE_MAX]]);
        assert!(line.lock().bytes.len() <= LINE_MAX);
    }
}
