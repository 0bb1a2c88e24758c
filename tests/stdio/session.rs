//! One run of the program, spoken to in lines of JSON.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// A hang guard, not a measurement.
const PATIENCE: Duration = Duration::from_secs(60);

/// A host where nobody listens: everything that does not need one works.
pub(crate) const NOBODY: [(&str, &str); 3] = [
    ("PROXMOX_HOST", "127.0.0.1"),
    ("PROXMOX_PORT", "1"),
    ("PROXMOX_TOKEN", "mcp@pve!ai=00000000-0000-0000-0000-000000000000"),
];

/// The version of the protocol in which every request carries its own metadata.
pub(crate) const MODERN: &str = "2026-07-28";

pub(crate) struct Session {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    log: Receiver<String>,
    next: u64,
    modern: Option<Value>,
    /// What came that answers no request: notifications, and requests of the server.
    pub others: Vec<Value>,
}

/// The program, without anything that the environment of the tests may hold.
pub(crate) fn program(args: &[&str], env: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proxmox-mcp"));
    let folder = tempfile::tempdir().expect("a folder without .env");
    for (name, _) in std::env::vars() {
        if name.starts_with("PROXMOX_") {
            command.env_remove(name);
        }
    }
    // The folder may go: what counts is that no .env is in it.
    command.args(args).envs(env.iter().copied()).current_dir(std::env::temp_dir());
    drop(folder);
    command
}

fn lines_of(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    let output = BufReader::new(output);
    thread::spawn(move || output.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok()));
    lines
}

impl Session {
    pub(crate) fn start(args: &[&str], env: &[(&str, &str)]) -> Self {
        Self::of(program(args, env))
    }

    /// A session with this command.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let lines = lines_of(child.stdout.take().expect("its output"));
        let log = lines_of(child.stderr.take().expect("its log"));
        Self { input: child.stdin.take(), child, lines, log, next: 1, modern: None, others: Vec::new() }
    }

    /// Opens the session as clients up to protocol 2025-11-25 do.
    pub(crate) fn legacy(mut self, version: &str, capabilities: Value) -> Self {
        let client = json!({"name": "test", "version": "1"});
        let params = json!({"protocolVersion": version, "capabilities": capabilities, "clientInfo": client});
        let answer = self.request("initialize", params);
        assert_eq!(answer["result"]["protocolVersion"], version, "{answer}");
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        self
    }

    /// Makes every request carry its own metadata, as protocol 2026-07-28 wants it.
    pub(crate) fn modern(mut self, capabilities: Value) -> Self {
        self.modern = Some(json!({
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": capabilities,
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        }));
        self
    }

    pub(crate) fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string());
    }

    pub(crate) fn send_text(&mut self, line: &str) {
        let input = self.input.as_mut().expect("the input is open");
        writeln!(input, "{line}").expect("the program reads");
        input.flush().expect("the program reads");
    }

    /// Sends a request without waiting for its answer; gives its id.
    pub(crate) fn post(&mut self, method: &str, mut params: Value) -> u64 {
        let id = self.next;
        self.next += 1;
        if let Some(meta) = &self.modern {
            let given = params.get("_meta").cloned().unwrap_or_else(|| json!({}));
            params["_meta"] = meta.clone();
            let merged = params["_meta"].as_object_mut().expect("an object");
            merged.extend(given.as_object().cloned().unwrap_or_default());
        }
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// The answer to a request; what else comes is kept.
    pub(crate) fn answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.receive().expect("an answer");
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
            self.others.push(message);
        }
    }

    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.post(method, params);
        self.answer(id)
    }

    /// Calls a tool; gives the result.
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.request("tools/call", json!({"name": tool, "arguments": arguments}));
        assert!(answer.get("result").is_some(), "{answer}");
        answer["result"].clone()
    }

    /// The next message, or nothing when the output has ended. Anything but a JSON-RPC message fails.
    pub(crate) fn receive(&mut self) -> Option<Value> {
        let line = match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => line,
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return None,
            Err(e) => panic!("no message: {e}"),
        };
        let message: Value =
            serde_json::from_str(&line).unwrap_or_else(|e| panic!("no JSON on standard output: {e}: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        Some(message)
    }

    /// Waits for a line of the log with these words.
    #[track_caller]
    pub(crate) fn logged(&mut self, words: &str) -> String {
        loop {
            match self.log.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(words) => return line,
                Ok(_) => {}
                Err(e) => panic!("nothing in the log has {words:?}: {e}"),
            }
        }
    }

    /// The id of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("the program is ours");
        self.child.wait().expect("the program is ours");
    }

    /// Closes the input; gives the exit status and whatever still came.
    pub(crate) fn end(mut self) -> (ExitStatus, Vec<Value>) {
        drop(self.input.take());
        let mut rest = std::mem::take(&mut self.others);
        while let Some(message) = self.receive() {
            rest.push(message);
        }
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the program is ours") {
                return (status, rest);
            }
            assert!(begun.elapsed() < PATIENCE, "the program does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Only a test that failed leaves it running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The text of a result.
pub(crate) fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap_or_default()
}
