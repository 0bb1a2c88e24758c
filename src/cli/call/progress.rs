//! The line that moves while a task runs: on a terminal only, and gone when the result comes.

use std::io::{self, IsTerminal, Write};

use proxmox_mcp::foreign;
use proxmox_mcp::tools::Step;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
    time::{Duration, Instant, interval},
};

const FRAMES: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// A line on standard error that shows the newest step.
pub(super) struct Line(JoinHandle<()>);

impl Line {
    /// Starts the line, and gives where steps go. In a pipe there is none.
    pub(super) fn start() -> Option<(Self, UnboundedSender<Step>)> {
        if !io::stderr().is_terminal() || std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
            return None;
        }
        let (send, steps) = unbounded_channel();
        Some((Self(tokio::spawn(show(steps))), send))
    }

    /// Takes the line away.
    pub(super) async fn end(self) {
        self.0.abort();
        // It was aborted, which is no news.
        let _ = self.0.await;
        write("\r\x1b[K");
    }
}

async fn show(mut steps: UnboundedReceiver<Step>) {
    let mut tick = interval(Duration::from_millis(100));
    let (mut newest, mut frame) = (None, 0_usize);
    loop {
        tokio::select! {
            step = steps.recv() => match step {
                Some(step) => newest = Some((step, Instant::now())),
                None => return,
            },
            _ = tick.tick() => {
                frame = (frame + 1) % FRAMES.len();
                if let (Some((step, came)), Some(sign)) = (&newest, FRAMES.get(frame)) {
                    write(&format!("\r\x1b[K{sign} {}", text(step, came.elapsed())));
                }
            }
        }
    }
}

/// The line, so long after the step came: the host is asked ever more seldom, and the seconds go on.
fn text(step: &Step, since: Duration) -> String {
    let message = foreign::line(&step.message, 60);
    let percent = step.percent.map(|percent| format!("  {percent:.0} %")).unwrap_or_default();
    let elapsed = (step.elapsed + since).min(step.limit);
    format!("{message}{percent}  {} s of at most {} s", elapsed.as_secs(), step.limit.as_secs())
}

fn write(text: &str) {
    let mut err = io::stderr().lock();
    // Nothing is left to do when even standard error is closed.
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_how_far_it_is_and_how_long_it_may_take() {
        let (elapsed, limit) = (Duration::from_millis(3900), Duration::from_secs(45));
        let mut step = Step { elapsed, limit, message: "stop VM 100\n".to_owned(), percent: None };
        assert_eq!(text(&step, Duration::ZERO), "stop VM 100\\n  3 s of at most 45 s");
        step.percent = Some(12.34);
        assert_eq!(text(&step, Duration::from_secs(2)), "stop VM 100\\n  12 %  5 s of at most 45 s");
        assert_eq!(text(&step, Duration::from_secs(99)), "stop VM 100\\n  12 %  45 s of at most 45 s");
    }
}
