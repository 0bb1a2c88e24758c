//! The table of facts: groups of recorded exchanges, in the order in which they were made.
//!
//! ```text
//! release 9.2.11
//! cluster single                         (or `pair`: both nodes; `day2`: the host of day-2 work, where time stands still)
//! begins day2                            (of a story in several files; the others say `follows day2`)
//! set 106 ha stopped                     (what is different in the scenario: guest, key, value)
//! given POST /nodes/pve/qemu/100/status/start as root@pam
//! at 1795612507                          (the time at which the next ones were asked, in seconds since 1970)
//!
//! case qemu-10-delete-running            (until: asked again until it holds; running: its task is not waited for)
//! > DELETE /nodes/pve/qemu/106 as mcp@pve!nosep
//! + Header: value                        (any number of them)
//! form timeout=30                        (or `body …` with a header of its own, or `chunked …`)
//! < 500 VM 106 is running - destroy failed
//! - close json                           (Connection; body type; then gzip, no-length)
//! = {"data":null,"message":"…"}          (a shape; `~` instead is a plain text; neither is an empty body)
//! ```

use serde_json::Value;

/// Exchanges that were recorded one after the other on one host.
pub(crate) struct Group {
    /// The release that answered.
    pub release: String,
    /// The cluster it ran on: `single` or `pair`.
    pub cluster: String,
    /// What is different in the scenario: guest, key and value.
    pub set: Vec<String>,
    /// The story that it goes on with, after the file before it.
    pub follows: Option<String>,
    /// What happened, in order.
    pub steps: Vec<Step>,
}

/// One line of history.
pub(crate) enum Step {
    /// Something that was done to the host between the recordings.
    Given(String),
    /// The time at which the next ones were asked.
    At(u64),
    /// A recorded exchange.
    Case(Box<Case>),
}

/// How a case is replayed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Asked once; a task that it starts is followed to its end before the next step.
    Once,
    /// Asked again and again until it holds: the recording waited as well.
    Until,
    /// Asked once; its task is still running when the next step begins.
    Running,
}

/// A recorded exchange.
pub(crate) struct Case {
    pub name: String,
    pub manner: Manner,
    pub method: String,
    pub target: String,
    pub actor: Option<String>,
    pub headers: Vec<String>,
    pub body: Body,
    pub status: u16,
    pub reason: String,
    pub connection: String,
    pub content_type: String,
    pub flags: Vec<String>,
    pub reply: Recorded,
}

/// The body of a recorded request.
pub(crate) enum Body {
    None,
    Form(String),
    Raw(String),
    Chunked(String),
}

/// The body of a recorded reply.
pub(crate) enum Recorded {
    Empty,
    Text(String),
    Json(Value),
}

impl Group {
    /// Reads one file of the table.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut group =
            Self { release: String::new(), cluster: String::new(), set: Vec::new(), follows: None, steps: Vec::new() };
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            group.line(line).map_err(|error| format!("line {}: {error}: {line}", number + 1))?;
        }
        Ok(group)
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "release" => self.release = rest.to_owned(),
            "cluster" => self.cluster = rest.to_owned(),
            "set" => self.set.push(rest.to_owned()),
            "begins" => {}
            "follows" => self.follows = Some(rest.to_owned()),
            "at" => self.steps.push(Step::At(rest.parse().map_err(|_| "a time is seconds since 1970")?)),
            "given" => self.steps.push(Step::Given(rest.to_owned())),
            "case" => self.steps.push(Step::Case(Box::new(Case::named(rest)?))),
            _ => match self.steps.last_mut() {
                Some(Step::Case(case)) => case.line(word, rest)?,
                _ => return Err("no case has begun".to_owned()),
            },
        }
        Ok(())
    }
}

impl Case {
    fn named(line: &str) -> Result<Self, String> {
        let (name, manner) = match line.split_once(' ') {
            None => (line, Manner::Once),
            Some((name, "until")) => (name, Manner::Until),
            Some((name, "running")) => (name, Manner::Running),
            Some(_) => return Err("a case is replayed once, until it holds, or running".to_owned()),
        };
        Ok(Self {
            name: name.to_owned(),
            manner,
            method: String::new(),
            target: String::new(),
            actor: None,
            headers: Vec::new(),
            body: Body::None,
            status: 0,
            reason: String::new(),
            connection: String::new(),
            content_type: String::new(),
            flags: Vec::new(),
            reply: Recorded::Empty,
        })
    }

    fn line(&mut self, word: &str, rest: &str) -> Result<(), String> {
        match word {
            ">" => {
                let (request, actor) =
                    rest.split_once(" as ").map_or((rest, None), |(request, actor)| (request, Some(actor.to_owned())));
                let (method, target) = request.split_once(' ').ok_or("a request is a method and a target")?;
                (self.method, self.target, self.actor) = (method.to_owned(), target.to_owned(), actor);
            }
            "+" => self.headers.push(rest.to_owned()),
            "form" => self.body = Body::Form(rest.to_owned()),
            "body" => self.body = Body::Raw(rest.replace("\\r", "\r").replace("\\n", "\n")),
            "chunked" => self.body = Body::Chunked(rest.to_owned()),
            "<" => {
                let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
                self.status = status.parse().map_err(|_| "a reply is a status and a reason")?;
                self.reason = reason.to_owned();
            }
            "-" => {
                let mut words = rest.split(' ').map(str::to_owned);
                self.connection = words.next().unwrap_or_default();
                self.content_type = words.next().unwrap_or_default();
                self.flags = words.collect();
            }
            "~" => self.reply = Recorded::Text(rest.replace("\\n", "\n")),
            "=" => self.reply = Recorded::Json(serde_json::from_str(rest).map_err(|error| error.to_string())?),
            _ => return Err("unknown kind of line".to_owned()),
        }
        Ok(())
    }
}
