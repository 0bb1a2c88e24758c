//! Replays the cases of a group against a running stage and collects what differs.

use crate::facts::{Body, Case, Group, Manner, Recorded, Step};
use crate::shapes::{Shapes, differences, fits};
use crate::stage::Stage;
use crate::wire::{Reply, exchange};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// How often a task or a repeated question is looked at before the replay gives up.
const MOST_LOOKS: u32 = 300;

/// Headers that every reply of a PVE carries, whatever it answers.
const ALWAYS: &[(&str, &str)] =
    &[("server", "pve-api-daemon/3.0"), ("cache-control", "max-age=0"), ("pragma", "no-cache")];

/// What became of one case: its name and all that differs from the recording.
pub(crate) struct Verdict {
    pub case: String,
    pub differences: Vec<String>,
}

/// A ticket and the CSRF token that came with it.
struct Ticket {
    ticket: String,
    csrf: String,
}

/// A replay in progress: the stage and what earlier replies have given.
pub(crate) struct Replay<'a> {
    stage: Stage,
    shapes: &'a Shapes,
    upids: BTreeMap<String, String>,
    tickets: BTreeMap<String, Ticket>,
    replies: BTreeMap<String, Value>,
}

impl<'a> Replay<'a> {
    /// Plays all steps of a group on a fresh stage.
    pub(crate) fn run(group: &Group, shapes: &'a Shapes) -> Result<Vec<Verdict>, String> {
        let stage = Stage::set(&group.cluster, &group.release, &group.set)?;
        let (upids, tickets, replies) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut replay = Self { stage, shapes, upids, tickets, replies };
        let mut verdicts = Vec::new();
        let mut undone = None;
        for step in &group.steps {
            match step {
                Step::Given(what) => {
                    undone = replay.given(what).err().map(|error| format!("given {what}: {error}")).or(undone);
                }
                Step::At(seconds) => replay.stage.until(*seconds),
                Step::Case(case) => {
                    let differences = undone.take().into_iter().chain(replay.judge(case)).collect();
                    verdicts.push(Verdict { case: case.name.clone(), differences });
                }
            }
        }
        Ok(verdicts)
    }

    fn judge(&mut self, case: &Case) -> Vec<String> {
        for _ in 0..MOST_LOOKS {
            let differences = match self.ask(case) {
                Ok(reply) => self.compare(case, &reply),
                Err(error) => vec![error],
            };
            if differences.is_empty() || case.manner != Manner::Until {
                return differences;
            }
            self.stage.advance(Duration::from_millis(100));
        }
        vec![format!("it does not hold after {MOST_LOOKS} looks")]
    }

    /// Sends the request of a case; what it starts is followed to its end unless the case says otherwise.
    fn ask(&mut self, case: &Case) -> Result<Reply, String> {
        let request = self.request(case)?;
        let reply = exchange(self.stage.address(), &request, case.method == "HEAD")?;
        let body: Value = reply.text().ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        if let Some(upid) = body["data"].as_str().filter(|data| data.starts_with("UPID:")) {
            self.upids.insert(case.name.clone(), upid.to_owned());
            if case.manner != Manner::Running {
                self.follow(upid)?;
            }
        }
        self.replies.insert(case.name.clone(), body);
        Ok(reply)
    }

    /// The bytes of a request, as curl wrote them when it was recorded.
    fn request(&self, case: &Case) -> Result<Vec<u8>, String> {
        let target = self.fill(&case.target)?;
        let target = target.strip_prefix('!').map_or_else(|| format!("/api2/json{target}"), str::to_owned);
        let mut lines = vec![format!("{} {target} HTTP/1.1", case.method), format!("Host: {}", self.stage.address())];
        if !case.headers.iter().any(|header| header.starts_with("Accept:")) {
            lines.push("Accept: */*".to_owned());
        }
        if let Some(actor) = &case.actor {
            lines.push(format!("Authorization: PVEAPIToken={actor}={}", self.stage.secret(actor)?));
        }
        for header in &case.headers {
            lines.push(self.fill(header)?);
        }
        let mut body = String::new();
        match &case.body {
            Body::None => {}
            Body::Form(text) | Body::Raw(text) => {
                body = self.fill(text)?;
                lines.push(format!("Content-Length: {}", body.len()));
            }
            Body::Chunked(text) => body = format!("{:x}\r\n{text}\r\n0\r\n\r\n", text.len()),
        }
        if matches!(case.body, Body::Form(_) | Body::Chunked(_)) {
            lines.push("Content-Type: application/x-www-form-urlencoded".to_owned());
        }
        Ok(format!("{}\r\n\r\n{body}", lines.join("\r\n")).into_bytes())
    }

    fn compare(&self, case: &Case, reply: &Reply) -> Vec<String> {
        let mut found = Vec::new();
        if reply.status != case.status || !fits(&case.reason, &reply.reason) {
            found.push(format!("recorded {} {}, got {} {}", case.status, case.reason, reply.status, reply.reason));
        }
        if reply.parts("connection").join(",") != case.connection {
            found.push(format!(
                "Connection: recorded {}, got {}",
                case.connection,
                reply.parts("connection").join(",")
            ));
        }
        let content_type = match reply.header("content-type") {
            Some("application/json;charset=UTF-8") => "json",
            other => other.unwrap_or("none"),
        };
        if content_type != case.content_type {
            found.push(format!("Content-Type: recorded {}, got {content_type}", case.content_type));
        }
        let flags = [
            ("gzip", reply.header("content-encoding").is_some()),
            ("no-length", reply.header("content-length").is_none()),
        ];
        for (flag, got) in flags.into_iter().filter(|(flag, got)| case.flags.iter().any(|known| known == flag) != *got)
        {
            found.push(format!("{flag}: recorded {}, got {got}", !got));
        }
        for (name, value) in ALWAYS.iter().filter(|(name, value)| reply.header(name) != Some(value)) {
            found.push(format!("{name}: recorded {value}, got {:?}", reply.header(name)));
        }
        if reply.header("date").is_none() || reply.header("date") != reply.header("expires") {
            found.push("Date and Expires are the same moment in every recording".to_owned());
        }
        found.extend(self.compare_body(case, reply));
        found
    }

    fn compare_body(&self, case: &Case, reply: &Reply) -> Vec<String> {
        let text = match reply.text() {
            Ok(text) => text,
            Err(error) => return vec![error],
        };
        match &case.reply {
            Recorded::Empty if text.is_empty() => Vec::new(),
            Recorded::Empty => vec![format!("recorded no body, got {text}")],
            Recorded::Text(recorded) if fits(recorded, text.trim_end_matches('\n')) => Vec::new(),
            Recorded::Text(recorded) => vec![format!("recorded {recorded}, got {text}")],
            Recorded::Json(shape) => match (self.shapes.expand(shape.clone()), serde_json::from_str(&text)) {
                (Ok(shape), Ok(body)) => differences(&shape, &body),
                (Err(error), _) => vec![error],
                (_, Err(error)) => vec![format!("not JSON ({error}): {text}")],
            },
        }
    }

    /// Fills in what only this replay knows: `«upid case»`, `«ticket name»`, `«csrf name»`, `«password user»`, …
    fn fill(&self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('«') {
            let (reference, behind) = after.split_once('»').ok_or("a reference does not end")?;
            filled.push_str(before);
            filled.push_str(&self.resolve(reference)?);
            rest = behind;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn resolve(&self, reference: &str) -> Result<String, String> {
        let (kind, name) = reference.split_once(' ').unwrap_or((reference, ""));
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        match kind {
            "upid" => self.upids.get(name).cloned().ok_or_else(|| format!("{name} gave no UPID")),
            "encoded-upid" => self.resolve(&format!("upid {name}")).map(|upid| encode(&upid)),
            "ticket" if name == "tampered" => Ok(self.ticket("mcp")?.ticket.replacen("PVE:mcp", "PVE:mcq", 1)),
            "ticket" => self.ticket(name).map(|ticket| ticket.ticket.clone()),
            "encoded" => self.resolve(&format!("ticket {name}")).map(|ticket| encode(&ticket)),
            "csrf" => self.ticket(name).map(|ticket| ticket.csrf.clone()),
            "password" => self.stage.password(name),
            "secret" => self.stage.secret(name),
            "totp" => self.stage.totp(),
            "digest" => {
                let root = self.stage.root()?.to_owned();
                let reply = self.send("GET", &format!("{name}/config"), &root, None)?;
                let body: Value = serde_json::from_str(&reply.text()?).map_err(|error| error.to_string())?;
                body["data"]["digest"].as_str().map(str::to_owned).ok_or_else(|| format!("{name} has no digest"))
            }
            _ => Err(format!("unknown reference «{reference}»")),
        }
    }

    fn ticket(&self, name: &str) -> Result<&Ticket, String> {
        self.tickets.get(name).ok_or_else(|| format!("nobody has logged in as {name}"))
    }

    /// Does what was done to the recorded host between two exchanges.
    fn given(&mut self, what: &str) -> Result<(), String> {
        let words: Vec<&str> = what.split(' ').collect();
        match words[..] {
            ["login", name, "as", user] => {
                let ticket = self.login(user)?;
                self.tickets.insert(name.to_owned(), ticket);
                Ok(())
            }
            ["half", "from", case] => {
                let ticket = ticket_of(self.replies.get(case).unwrap_or(&Value::Null))?;
                self.tickets.insert("half".to_owned(), ticket);
                Ok(())
            }
            ["ticket", name, "from", case] => {
                let ticket = ticket_of(self.replies.get(case).unwrap_or(&Value::Null))?;
                self.tickets.insert(name.to_owned(), ticket);
                Ok(())
            }
            [name, "killed"] => self.stage.kill(&self.resolve(&format!("upid {name}"))?),
            [name, "ended"] => self.follow(&self.resolve(&format!("upid {name}"))?),
            [name, "=", _, _, "as", _] | [name, "=", _, _, "as", _, "with", _] => {
                let upid = self.act(what.split_once(" = ").map_or(what, |(_, request)| request))?;
                self.upids.insert(name.to_owned(), upid.ok_or("no task was started")?);
                Ok(())
            }
            ["POST" | "PUT" | "DELETE", ..] => match self.act(what)? {
                Some(upid) => self.follow(&upid),
                None => Ok(()),
            },
            _ => self.stage.given(what),
        }
    }

    /// Sends `METHOD target as actor [with form]` and gives the UPID of the task that it started.
    fn act(&mut self, request: &str) -> Result<Option<String>, String> {
        let (line, form) = request.split_once(" with ").map_or((request, None), |(line, form)| (line, Some(form)));
        let (line, actor) = line.split_once(" as ").ok_or("nobody is said to do it")?;
        let (method, target) = line.split_once(' ').ok_or("a request is a method and a target")?;
        let reply = self.send(method, target, actor, form)?;
        let body: Value = serde_json::from_str(&reply.text()?).unwrap_or_default();
        if reply.status != 200 {
            return Err(format!("{} {} {body}", reply.status, reply.reason));
        }
        Ok(body["data"].as_str().filter(|data| data.starts_with("UPID:")).map(str::to_owned))
    }

    /// An unrecorded request, by a token or by a user who logs in for it.
    fn send(&self, method: &str, target: &str, actor: &str, form: Option<&str>) -> Result<Reply, String> {
        let who = if actor.contains('!') {
            format!("Authorization: PVEAPIToken={actor}={}", self.stage.secret(actor)?)
        } else {
            let ticket = self.login(actor)?;
            format!("Cookie: PVEAuthCookie={}\r\nCSRFPreventionToken: {}", ticket.ticket, ticket.csrf)
        };
        let form = form.map(|form| {
            format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}", form.len())
        });
        let request = format!(
            "{method} /api2/json{target} HTTP/1.1\r\nHost: pve\r\n{who}\r\n{}",
            form.as_deref().unwrap_or("\r\n")
        );
        exchange(self.stage.address(), request.as_bytes(), false)
    }

    fn login(&self, user: &str) -> Result<Ticket, String> {
        let password = utf8_percent_encode(&self.stage.password(user)?, NON_ALPHANUMERIC).to_string();
        let form = format!("username={user}&password={password}");
        let head = format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}", form.len());
        let request = format!("POST /api2/json/access/ticket HTTP/1.1\r\nHost: pve\r\n{head}\r\n\r\n{form}");
        let reply = exchange(self.stage.address(), request.as_bytes(), false)?;
        ticket_of(&serde_json::from_str(&reply.text()?).map_err(|error| format!("login of {user}: {error}"))?)
    }

    /// Lets time pass until a task has ended.
    fn follow(&mut self, upid: &str) -> Result<(), String> {
        let node = upid.split(':').nth(1).unwrap_or_default().to_owned();
        let root = self.stage.root()?.to_owned();
        for _ in 0..MOST_LOOKS {
            let reply = self.send("GET", &format!("/nodes/{node}/tasks/{upid}/status"), &root, None)?;
            let body: Value = serde_json::from_str(&reply.text()?).map_err(|error| error.to_string())?;
            if body["data"]["status"] == "stopped" {
                return Ok(());
            }
            self.stage.advance(self.stage.step());
        }
        Err(format!("{upid} does not end"))
    }
}

fn ticket_of(reply: &Value) -> Result<Ticket, String> {
    let text = |key: &str| reply["data"][key].as_str().map(str::to_owned).ok_or_else(|| format!("no {key} in {reply}"));
    Ok(Ticket { ticket: text("ticket")?, csrf: text("CSRFPreventionToken")? })
}
