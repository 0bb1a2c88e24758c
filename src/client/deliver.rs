//! Getting one request to the cluster: which host, how many at once, how often.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use http::HeaderMap;
use tokio::sync::Semaphore;

use super::{
    Error, Host, Settings,
    counts::Counters,
    error,
    mask::Secrets,
    retry::{self, Next},
    transport::{self, Answer, Fault, Request, Transport},
};

/// The hosts of a cluster, and the connections to them.
pub(super) struct Hosts {
    lines: Vec<Line>,
    /// Index of the host that answered last.
    good: AtomicUsize,
    pub counters: Counters,
    /// What is masked in whatever comes back.
    secrets: Secrets,
}

struct Line {
    host: Host,
    transport: Transport,
    permits: Semaphore,
}

impl Hosts {
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        let most = settings.max_in_flight.clamp(1, 1000);
        let tls = transport::trust(settings)?;
        let line = |host: &Host| {
            let transport = Transport::new(host, Arc::clone(&tls), settings.timeouts)?;
            Ok(Line { host: host.clone(), transport, permits: Semaphore::new(most) })
        };
        let lines = settings.hosts.iter().map(line).collect::<Result<_, Error>>()?;
        Ok(Self {
            lines,
            good: AtomicUsize::new(0),
            counters: Counters::default(),
            secrets: Secrets::of(&settings.auth),
        })
    }

    /// Index of the host that the next request goes to first.
    pub(super) fn good(&self) -> usize {
        self.good.load(Ordering::Relaxed)
    }

    /// Sends a request until there is an answer to keep, or nothing left to try.
    ///
    /// # Errors
    /// When no host gave an answer. An answer that is an error of PVE is an answer.
    pub(super) async fn deliver(&self, request: &Request, credentials: &HeaderMap) -> Result<Answer, Error> {
        let begun = Instant::now();
        let first = self.good();
        let mut moved = 0;
        let mut attempt = 0;
        let mut new_connection = false;
        loop {
            let index = (first + moved) % self.lines.len().max(1);
            let Some(line) = self.lines.get(index) else {
                return Err(Error::Setup("no Proxmox VE host is given; set PROXMOX_HOST".into()));
            };
            let outcome = self.once(line, request, credentials, new_connection).await;
            let next = retry::next(request, &outcome);
            attempt += 1;
            if next == Next::Keep {
                self.note(index, &outcome);
            } else if let Some(pause) = self.pause(next, &mut moved, attempt, begun.elapsed()) {
                tracing::debug!(request = %request.what(), host = %line.host, attempt, outcome = %Told(&outcome), "trying again");
                tokio::time::sleep(pause).await;
                // Where the last attempt failed, idle connections are suspect.
                new_connection = next == Next::Again || moved >= self.lines.len();
                continue;
            }
            return outcome.map_err(|fault| error::of_fault(request, &self.named(moved, first), fault));
        }
    }

    /// How long to wait before the next attempt, if there is one, and which host it goes to.
    fn pause(&self, next: Next, moved: &mut usize, attempt: u32, elapsed: Duration) -> Option<Duration> {
        let hosts = self.lines.len();
        let untried = *moved + 1 < hosts;
        match next {
            Next::Keep => return None,
            Next::OnlyElsewhere if !untried => return None,
            Next::Elsewhere | Next::OnlyElsewhere => *moved += 1,
            Next::Again => {}
        }
        let pause = retry::pause(attempt, hosts, elapsed)?;
        // Another host need not be given time to recover.
        Some(if untried && next != Next::Again { Duration::ZERO } else { pause })
    }

    async fn once(
        &self,
        line: &Line,
        request: &Request,
        credentials: &HeaderMap,
        new_connection: bool,
    ) -> Result<Answer, Fault> {
        // The semaphore is never closed, so there is always a permit in the end.
        let _permit = line.permits.acquire().await;
        if request.is_called_off() {
            return Err(Fault::CalledOff);
        }
        let mut outcome = line.transport.attempt(request, credentials, new_connection).await;
        if let Ok(answer) = &mut outcome {
            self.secrets.hide(request, credentials, answer);
        }
        self.counters.request(&outcome);
        tracing::trace!(request = %request.what(), host = %line.host, outcome = %Told(&outcome), "sent");
        outcome
    }

    /// Remembers a host that answered.
    fn note(&self, index: usize, outcome: &Result<Answer, Fault>) {
        if outcome.as_ref().is_ok_and(|answer| answer.is_of_pve() && !(595..=599).contains(&answer.status))
            && self.good() != index
        {
            self.good.store(index, Ordering::Relaxed);
            if let Some(line) = self.lines.get(index) {
                tracing::info!(host = %line.host, "this host answers now");
            }
        }
    }

    /// The hosts that were tried, for a message.
    fn named(&self, moved: usize, first: usize) -> String {
        let hosts = self.lines.len();
        let tried = (0..=moved.min(hosts.saturating_sub(1))).filter_map(|i| self.lines.get((first + i) % hosts));
        tried.map(|line| line.host.to_string()).collect::<Vec<_>>().join(", ")
    }
}

/// An outcome in a line of the log; without the body, which may hold secrets.
struct Told<'a>(&'a Result<Answer, Fault>);

impl std::fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Ok(answer) => write!(f, "{} {}", answer.status, answer.reason.as_deref().unwrap_or_default()),
            Err(Fault::Connect { why, .. } | Fault::Broken(why) | Fault::Slow(why) | Fault::Great(why)) => {
                write!(f, "{why}")
            }
            Err(Fault::Tls(failure)) => write!(f, "{}", failure.why),
            Err(Fault::CalledOff) => f.write_str("called off"),
        }
    }
}
