//! The program itself, `proxmox-mcp serve`, as a process: signals, files, its log.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard},
    thread,
    time::{Duration, Instant},
};

use proxmox_mcp::demo::Demo;

/// How long a condition is waited for before the test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running `proxmox-mcp serve` and what it has logged.
pub(crate) struct Process {
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    /// Scheme, address and port.
    pub base: String,
}

/// The command with the environment of nobody, and the demo of this test as its Proxmox VE.
pub(crate) fn command(demo: &Demo, home: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proxmox-mcp"));
    let token = demo.token();
    command
        .env_clear()
        .current_dir(home.path())
        .env("HOME", home.path())
        .env("PROXMOX_HOST", demo.addr().ip().to_string())
        .env("PROXMOX_PORT", demo.addr().port().to_string())
        .env("PROXMOX_TOKEN", format!("{}={}", token.id, token.secret.reveal()))
        .env("PROXMOX_FINGERPRINT", demo.fingerprint().to_string());
    command
}

impl Process {
    /// Starts `serve` on a free port and waits until it listens.
    pub(crate) fn serve(mut command: Command, arguments: &[&str]) -> Self {
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(arguments);
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = BufReader::new(child.stderr.take().expect("standard error"));
        let into = Arc::clone(&log);
        thread::spawn(move || {
            lines.lines().map_while(Result::ok).for_each(|line| into.lock().expect("log").push(line));
        });
        let mut process = Self { child, log, base: String::new() };
        let line = process.logged("listening");
        let address = line.split_once("127.0.0.1:").expect("an address").1;
        let port: String = address.chars().take_while(char::is_ascii_digit).collect();
        let scheme = if arguments.contains(&"--tls-cert") { "https" } else { "http" };
        process.base = format!("{scheme}://127.0.0.1:{port}");
        process
    }

    /// All lines so far.
    pub(crate) fn log(&self) -> MutexGuard<'_, Vec<String>> {
        self.log.lock().expect("log")
    }

    /// Waits for a line with this text.
    pub(crate) fn logged(&self, text: &str) -> String {
        let found = until(|| self.log().iter().find(|line| line.contains(text)).cloned());
        found.unwrap_or_else(|| panic!("no {text:?} in the log:\n{}", self.log().join("\n")))
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().expect("kill");
        assert!(sent.success());
    }

    /// Waits for its end.
    pub(crate) fn end(&mut self) -> ExitStatus {
        until(|| self.child.try_wait().expect("status")).expect("the program ends")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until there is something, or gives up.
pub(crate) fn until<T>(mut there: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = there() {
            return Some(found);
        }
        if Instant::now() > deadline {
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
}
