//! The program at a terminal: what it shows, read as it comes, and what is typed.

use std::{
    io::{Read, Write},
    process::Child,
};

use pty_process::blocking::{Command, Pty, open};

/// The program, on a pseudo-terminal of its own.
pub(crate) struct Terminal {
    pty: Pty,
    child: Child,
}

impl Terminal {
    /// Starts it with these variables and no others.
    pub(crate) fn start(args: &[&str], env: &[(&str, String)]) -> Self {
        let (pty, pts) = open().expect("a pseudo-terminal");
        let command = Command::new(super::PROGRAM).env_clear().args(args).envs(env.iter().map(|(k, v)| (*k, v)));
        let child = command.spawn(pts).expect("the program starts");
        Self { pty, child }
    }

    /// What it shows until this text has come.
    ///
    /// # Panics
    /// When it ends before.
    pub(crate) fn until(&mut self, text: &str) -> String {
        let mut shown = Vec::new();
        loop {
            let seen = String::from_utf8_lossy(&shown).into_owned();
            if seen.contains(text) {
                return seen;
            }
            assert!(self.read(&mut shown), "it ended before it showed {text:?}: {seen:?}");
        }
    }

    pub(crate) fn type_in(&mut self, keys: &str) {
        self.pty.write_all(keys.as_bytes()).expect("it takes keys");
    }

    /// What it shows until it ends, and the exit code.
    pub(crate) fn end(mut self) -> (String, Option<i32>) {
        let mut shown = Vec::new();
        while self.read(&mut shown) {}
        let status = self.child.wait().expect("it ends");
        (String::from_utf8_lossy(&shown).into_owned(), status.code())
    }

    /// Reads on; false at the end, which Linux reports as an error.
    fn read(&mut self, shown: &mut Vec<u8>) -> bool {
        let mut chunk = [0; 4096];
        match self.pty.read(&mut chunk) {
            Ok(0) | Err(_) => false,
            Ok(n) => {
                shown.extend_from_slice(chunk.get(..n).unwrap_or_default());
                true
            }
        }
    }
}
