//! What can go wrong on the way, switched on by a test.

use tokio::sync::watch;

use crate::spec::Method;

/// What happens to a request instead of its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The connection is closed without an answer; nothing was carried out.
    Drop,
    /// The call is carried out, then the connection is closed without an answer.
    DropAfter,
    /// The call is carried out and answered, but the body breaks off in the middle.
    Truncate,
    /// A reverse proxy answers 502 with a page of its own; nothing was carried out.
    Html,
    /// A reverse proxy answers with this status and a page of its own. Whether PVE carried the call out before, it does
    /// not say.
    Proxy {
        /// The status, such as 504.
        status: u16,
        /// Whether PVE got the request and carried it out.
        passed_on: bool,
    },
    /// pveproxy gives up with this status, such as 596 or 599, and this reason; nothing was carried out.
    Gateway(u16, String),
    /// pveproxy gives up with 596 `Connection timed out` although the call is carried out.
    TimeOut,
    /// PVE accepts the call and answers with this text as `data`; nothing was carried out.
    Data(String),
    /// The same with this as what stands after `"data":`, be it JSON or not.
    Raw(String),
    /// No worker can be forked: `got no worker upid - start worker failed`.
    NoWorker,
    /// The host is silent for so many milliseconds before it answers.
    Slow(u64),
    /// The host is silent until the faults are switched off; then it answers.
    Hold,
}

/// pvedaemon, which carries out what needs root.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Daemon {
    /// It answers.
    #[default]
    Up,
    /// It is not there: 595 `Connection refused`.
    Down,
    /// It is silent: 596 after a while; what was asked of it is carried out all the same.
    Hung,
}

/// A fault that waits for its requests.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) fault: Fault,
    pub(super) method: Option<Method>,
    pub(super) path: String,
    pub(super) times: u32,
}

/// Faults that are switched on.
#[derive(Debug, Default)]
pub(super) struct Faults {
    waiting: Vec<Waiting>,
    pub(super) daemon: Daemon,
    /// How many requests are held.
    pub(super) held: usize,
    /// Dropped when they are to go on.
    hold: watch::Sender<()>,
}

impl Faults {
    pub(super) fn add(&mut self, waiting: Waiting) {
        self.waiting.push(waiting);
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Holds one more request; what is given ends when it is to go on.
    pub(super) fn hold(&mut self) -> watch::Receiver<()> {
        self.held += 1;
        self.hold.subscribe()
    }

    /// The fault that hits a request; it has been used once then.
    pub(super) fn hit(&mut self, method: &str, target: &str) -> Option<Fault> {
        let fits = |w: &Waiting| w.method.is_none_or(|m| m.as_str() == method) && target.contains(&w.path);
        let at = self.waiting.iter().position(|w| w.times > 0 && fits(w))?;
        let waiting = &mut self.waiting[at];
        waiting.times -= 1;
        let fault = waiting.fault.clone();
        if waiting.times == 0 {
            self.waiting.remove(at);
        }
        Some(fault)
    }
}
