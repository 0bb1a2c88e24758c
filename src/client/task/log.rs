//! What a task has written: the end of it, and how far it says that it is.

use std::time::Duration;

use serde::Deserialize;

use super::super::{Error, Inner, transport::Request};
use crate::{api, pve::Upid};

/// A page of a log, and how many lines the whole log has.
struct Page {
    lines: Vec<String>,
    total: u64,
}

async fn page(inner: &Inner, upid: &Upid, start: u64, limit: u64) -> Result<Page, Error> {
    #[derive(Deserialize)]
    struct Line {
        #[serde(default)]
        t: String,
    }
    let mut call = api::GetNodesNodeTasksUpidLog::new(upid.node().clone(), upid.clone());
    (call.start, call.limit) = (i64::try_from(start).ok(), i64::try_from(limit).ok());
    let reply = inner.run(&Request::typed(&call)?).await?;
    let total = reply.total().unwrap_or(0);
    let lines: Vec<Line> = reply.decode()?;
    Ok(Page { lines: lines.into_iter().map(|line| line.t).collect(), total })
}

/// The last lines of a task's log.
pub(in super::super) async fn last(inner: &Inner, upid: &Upid, lines: usize) -> Result<Vec<String>, Error> {
    let lines = lines as u64;
    let first = page(inner, upid, 0, lines).await?;
    if first.total <= lines {
        return Ok(first.lines);
    }
    page(inner, upid, first.total - lines, lines).await.map(|page| page.lines)
}

/// The same. A log that cannot be read is no reason to lose how the task ended.
pub(super) async fn tail(inner: &Inner, upid: &Upid, lines: usize) -> Vec<String> {
    match last(inner, upid, lines).await {
        Ok(lines) => lines,
        Err(error) => {
            tracing::debug!(%upid, %error, "the task's log could not be read");
            Vec::new()
        }
    }
}

/// Lines of a log that are read at once for the sake of how far the task is.
const NEW_LINES: u64 = 50;
/// A log that does not come in this time is done without: the next look at the task must not wait for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// How far a task is, by what its log gained since it was last read.
#[derive(Debug, Default)]
pub(super) struct Meter {
    next: u64,
    newest: Option<f64>,
}

impl Meter {
    /// Reads on in the log; gives the newest percentage that stood in it so far.
    pub(super) async fn read(&mut self, inner: &Inner, upid: &Upid) -> Option<f64> {
        if let Ok(Ok(page)) = tokio::time::timeout(PATIENCE, page(inner, upid, self.next, NEW_LINES)).await {
            // The last line is read again: the task may still be writing it.
            self.next = page.total.saturating_sub(1);
            self.newest = page.lines.iter().rev().find_map(|line| percentage(line)).or(self.newest);
        }
        self.newest
    }
}

/// The last percentage in a line, such as `Removing image: 12% complete...` (rbd) or `transferred 1.2 GiB of 32.0 GiB
/// (3.75%)` (qemu-img, drive-mirror).
fn percentage(line: &str) -> Option<f64> {
    line.rmatch_indices('%').find_map(|(at, _)| {
        let before = line.get(..at)?.trim_end();
        let number = before.rsplit(|c: char| !c.is_ascii_digit() && c != '.').next()?;
        number.parse().ok().filter(|percent| (0.0..=100.0).contains(percent))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_found_in_what_tasks_write() {
        for (line, found) in [
            ("Removing image: 12% complete...", Some(12.0)),
            ("Removing image: 99% complete...\rRemoving image: 100% complete...done.", Some(100.0)),
            ("transferred 1.2 GiB of 32.0 GiB (3.75%)", Some(3.75)),
            ("drive-scsi0: transferred 4.0 GiB of 8.0 GiB (50.00%) in 12s", Some(50.0)),
            ("…7 %", Some(7.0)),
            ("100%", Some(100.0)),
            ("grown to 140%", None),
            ("a name with %20 and 1.2.3%", None),
            ("TASK OK", None),
            ("", None),
        ] {
            assert_eq!(percentage(line), found, "{line:?}");
        }
    }
}
