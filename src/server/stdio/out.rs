//! Answers on their way to the client of a pipe. One that is not read at once waits as the bytes that it is, and there are
//! only so many: nothing is begun while many wait, and what would be too much is not kept.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};

use rmcp::model::{ErrorData, RequestId, ServerJsonRpcMessage};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::{Mutex, OwnedMutexGuard},
};

use super::{super::written, under_way::answers};

/// Bytes that wait to be read beyond which nothing new is begun.
const MANY: usize = 8 * 1024 * 1024;
/// Most bytes that wait to be read, but for the errors that stand in for what was too much.
const MOST: usize = 64 * 1024 * 1024;
/// What a client is told in place of an answer that there was no room for.
const DROPPED: &str =
    "the call has ended and its answer was dropped: too many bytes of earlier answers wait to be read";

/// The way to the client.
pub(super) struct Out<W> {
    pipe: Arc<Mutex<W>>,
    waiting: AtomicUsize,
}

/// Bytes that wait, until this is dropped.
struct Waiting<W> {
    out: Arc<Out<W>>,
    bytes: Vec<u8>,
}

impl<W: AsyncWrite + Send + Unpin + 'static> Out<W> {
    /// Nothing waits.
    pub(super) fn new(pipe: W) -> Arc<Self> {
        Arc::new(Self { pipe: Arc::new(Mutex::new(pipe)), waiting: AtomicUsize::new(0) })
    }

    /// Whether so much waits to be read that nothing is to be begun.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > MANY
    }

    /// Writes a message, as one line, with what was written aside in its place.
    pub(super) fn send(
        self: &Arc<Self>,
        message: &ServerJsonRpcMessage,
        aside: Option<&str>,
    ) -> impl Future<Output = io::Result<()>> + use<W> {
        let line = self.kept(message, aside);
        async move {
            let line = line?;
            let mut pipe = line.out.pipe.lock().await;
            pipe.write_all(&line.bytes).await?;
            pipe.flush().await
        }
    }

    fn kept(self: &Arc<Self>, message: &ServerJsonRpcMessage, aside: Option<&str>) -> io::Result<Waiting<W>> {
        let bytes = line(message, aside)?;
        let within = |now: usize| now.checked_add(bytes.len()).filter(|sum| *sum <= MOST || now == 0);
        if self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within).is_ok() {
            return Ok(Waiting { out: Arc::clone(self), bytes });
        }
        let instead = match answers(message) {
            Some(id) => line(&dropped(id), None)?,
            // What tells of progress is no answer, and can be done without.
            None => Vec::new(),
        };
        self.waiting.fetch_add(instead.len(), Ordering::Relaxed);
        Ok(Waiting { out: Arc::clone(self), bytes: instead })
    }
}

fn dropped(id: RequestId) -> ServerJsonRpcMessage {
    ServerJsonRpcMessage::error(ErrorData::internal_error(DROPPED, None), Some(id))
}

fn line(message: &ServerJsonRpcMessage, aside: Option<&str>) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(message)?;
    if let Some(aside) = aside {
        written::put(&mut bytes, aside);
    }
    bytes.push(b'\n');
    Ok(bytes)
}

impl<W> Drop for Waiting<W> {
    fn drop(&mut self) {
        self.out.waiting.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

/// The same way for what the SDK writes by itself: it has the pipe from the first byte of a message until it is flushed.
pub(super) struct Own<W> {
    pipe: Arc<Mutex<W>>,
    turn: Turn<W>,
}

enum Turn<W> {
    None,
    Coming(Pin<Box<dyn Future<Output = OwnedMutexGuard<W>> + Send>>),
    Here(OwnedMutexGuard<W>),
}

impl<W: AsyncWrite + Send + Unpin + 'static> Own<W> {
    /// A way beside the other one.
    pub(super) fn of(out: &Out<W>) -> Self {
        Self { pipe: Arc::clone(&out.pipe), turn: Turn::None }
    }

    fn here(&mut self, cx: &mut Context<'_>) -> Poll<Pin<&mut W>> {
        loop {
            match &mut self.turn {
                Turn::None => self.turn = Turn::Coming(Box::pin(Arc::clone(&self.pipe).lock_owned())),
                Turn::Coming(coming) => self.turn = Turn::Here(ready!(coming.as_mut().poll(cx))),
                Turn::Here(_) => break,
            }
        }
        match &mut self.turn {
            Turn::Here(pipe) => Poll::Ready(Pin::new(&mut **pipe)),
            Turn::None | Turn::Coming(_) => Poll::Pending,
        }
    }
}

impl<W: AsyncWrite + Send + Unpin + 'static> AsyncWrite for Own<W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.here(cx)).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if matches!(self.turn, Turn::None) {
            return Poll::Ready(Ok(()));
        }
        let flushed = ready!(ready!(self.here(cx)).poll_flush(cx));
        self.turn = Turn::None;
        Poll::Ready(flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

#[cfg(test)]
mod tests {
    use rmcp::model::{CustomResult, ServerResult};
    use serde_json::{Value, json};
    use tokio::io::{AsyncBufReadExt, BufReader};

    use super::*;

    fn answer(id: i64, length: usize) -> ServerJsonRpcMessage {
        let result = CustomResult::new(json!({"text": "x".repeat(length)}));
        ServerJsonRpcMessage::response(ServerResult::CustomResult(result), RequestId::Number(id))
    }

    #[tokio::test]
    async fn what_nobody_reads_waits_up_to_so_many_bytes() {
        let (near, far) = tokio::io::duplex(64);
        let out = Out::new(near);
        assert!(!out.is_full());
        let sending: Vec<_> = (0..20).map(|id| tokio::spawn(out.send(&answer(id, 5 << 20), None))).collect();
        assert!(out.is_full());
        let waiting = out.waiting.load(Ordering::Relaxed);
        assert!(waiting <= MOST + 20 * 200, "{waiting} B");
        let mut own = Own::of(&out);
        let mut lines = BufReader::new(far).lines();
        let reading = tokio::spawn(async move {
            let (mut whole, mut dropped, mut others) = (0, 0, 0);
            for _ in 0..21 {
                let line = lines.next_line().await.expect("text").expect("a line");
                let message: Value = serde_json::from_str(&line).expect("no line is torn");
                match (message["result"].is_object(), message["error"]["message"].as_str()) {
                    (true, _) => whole += 1,
                    (_, Some(why)) if why.contains("dropped") => dropped += 1,
                    _ => others += 1,
                }
            }
            (whole, dropped, others)
        });
        own.write_all(b"{\"jsonrpc\":\"2.0\",").await.expect("written");
        own.write_all(b"\"error\":{}}\n").await.expect("written");
        own.flush().await.expect("written");
        assert_eq!(reading.await.expect("it reads"), (12, 8, 1));
        for one in sending {
            one.await.expect("it ends").expect("written");
        }
        assert_eq!(out.waiting.load(Ordering::Relaxed), 0);
    }
}
