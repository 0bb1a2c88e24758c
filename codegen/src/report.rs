//! All problems of one run: collected, sorted and shown at once, so that a person mends them in one go.

use std::{collections::BTreeSet, fmt};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is generated.
    Error,
    /// Something was not understood, and a safe reading was taken.
    Warning,
}

/// One problem: which file, where in it, what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The file it is in.
    pub file: String,
    /// Line and column, where known.
    pub line: Option<(usize, usize)>,
    /// Endpoint and path, where known; empty otherwise.
    pub at: String,
    /// One sentence.
    pub message: String,
}

impl fmt::Display for Problem {
    /// `file:line:column: POST /path › parameters.x: what is wrong`, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some((line, column)) = self.line {
            write!(f, ":{line}:{column}")?;
        }
        if !self.at.is_empty() {
            write!(f, ": {}", self.at)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// The problems of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    problems: BTreeSet<Problem>,
}

/// The run failed; the report tells why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

impl Report {
    /// Adds a problem; control characters in it, which the file may have brought, become spaces.
    pub fn add(&mut self, mut problem: Problem) {
        problem.message = one_line(&problem.message);
        problem.at = one_line(&problem.at);
        self.problems.insert(problem);
    }

    /// Adds an error.
    pub fn error(&mut self, file: &str, at: impl fmt::Display, message: impl fmt::Display) {
        self.push(Severity::Error, file, at, message);
    }

    /// Adds a warning.
    pub fn warning(&mut self, file: &str, at: impl fmt::Display, message: impl fmt::Display) {
        self.push(Severity::Warning, file, at, message);
    }

    fn push(&mut self, severity: Severity, file: &str, at: impl fmt::Display, message: impl fmt::Display) {
        let (file, at, message) = (file.to_owned(), at.to_string(), message.to_string());
        self.add(Problem { severity, file, line: None, at, message });
    }

    /// The problems: errors first, then by file and place.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter()
    }

    /// The errors.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.problems().filter(|p| p.severity == Severity::Error)
    }

    /// The warnings.
    pub fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.problems().filter(|p| p.severity == Severity::Warning)
    }

    /// Whether nothing is wrong enough to stop.
    ///
    /// # Errors
    /// [`Failed`] when there is an error.
    pub fn check(&self) -> Result<(), Failed> {
        if self.errors().next().is_some() { Err(Failed) } else { Ok(()) }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.problems() {
            let word = if problem.severity == Severity::Error { "error" } else { "warning" };
            writeln!(f, "{word}: {problem}")?;
        }
        Ok(())
    }
}

/// Text in one line: a blank for each control character, what is not seen as itself as an escape.
pub fn one_line(text: &str) -> String {
    let flat: String = text.chars().map(blank).collect();
    proxmox_mcp_spec::facts::visible(&flat)
}

/// A blank for a control character, every other as it is.
pub fn blank(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}
