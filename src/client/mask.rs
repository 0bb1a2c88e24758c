//! What we sent and nobody may read in what comes back: a host or proxy that shows the login form again, or the headers
//! that it got, must not put a secret into an error, a log or the hands of a model.

use http::{HeaderMap, header};
use memchr::memmem;
use percent_encoding::percent_decode_str;

use super::{
    Auth,
    transport::{self, Answer, Request},
};

/// What stands in the place of a secret.
const MASK: &[u8] = b"***";
/// A shorter secret is masked where something went wrong, but not in data, where it would hit words that are no secret.
const LONG: usize = 12;
/// Nothing that is shorter is a secret: PVE takes no such password.
const SHORTEST: usize = 4;

/// The secrets of the settings, each with how it is spelt.
pub(super) struct Secrets(Vec<(usize, Vec<String>)>);

impl Secrets {
    pub(super) fn of(auth: &Auth) -> Self {
        let secrets = match auth {
            Auth::Token(token) => vec![token.secret.reveal()],
            Auth::Password { password, totp, .. } => {
                [Some(password), totp.as_ref()].into_iter().flatten().map(super::Secret::reveal).collect()
            }
        };
        Self(secrets.into_iter().map(|secret| (secret.len(), spellings(secret))).collect())
    }

    /// Masks in an answer whatever secret the client has, or sent with this request.
    pub(super) fn hide(&self, request: &Request, credentials: &HeaderMap, answer: &mut Answer) {
        if granted(request, answer) {
            return;
        }
        let data = answer.status == 200 && !request.is_login() && answer.body.starts_with(b"{");
        let shortest = if data { LONG } else { SHORTEST };
        let sent = sent(request, credentials);
        let sent: Vec<_> = sent.iter().map(|secret| (secret.len(), spellings(secret))).collect();
        let long = self.0.iter().chain(&sent).filter(|(length, _)| *length >= shortest);
        let mut needles: Vec<&str> = long.flat_map(|(_, spellings)| spellings).map(String::as_str).collect();
        // What holds another is masked first, whole.
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
        needles.dedup();
        for needle in needles {
            if let Some(body) = masked(&answer.body, needle) {
                answer.body = body.into();
            }
            for text in [&mut answer.reason, &mut answer.location, &mut answer.content_type] {
                if let Some(masked) = text.as_ref().and_then(|text| masked(text.as_bytes(), needle)) {
                    *text = Some(String::from_utf8_lossy(&masked).into_owned());
                }
            }
        }
    }
}

/// Whether it is the ticket that was asked for, of which nothing is shown.
fn granted(request: &Request, answer: &Answer) -> bool {
    #[derive(serde::Deserialize)]
    struct Body {
        data: Data,
    }
    #[derive(serde::Deserialize)]
    struct Data {
        #[serde(rename = "ticket")]
        _ticket: String,
    }
    request.is_login()
        && answer.status == 200
        && serde_json::from_slice::<Body>(&answer.body).is_ok_and(|body| !body.data._ticket.is_empty())
}

/// The secrets that go with one request: a ticket, and what a login is answered with.
fn sent(request: &Request, credentials: &HeaderMap) -> Vec<String> {
    let mut found = Vec::new();
    let value = |name: &str| credentials.get(name).and_then(|value| value.to_str().ok());
    if let Some(ticket) = value(header::COOKIE.as_str()).and_then(|cookie| cookie.strip_prefix("PVEAuthCookie=")) {
        found.push(ticket.to_owned());
        found.push(percent_decode_str(ticket).decode_utf8_lossy().into_owned());
    }
    found.extend(value("csrfpreventiontoken").map(str::to_owned));
    if request.is_login() {
        let secret = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            let secret = matches!(name, "password" | "tfa-challenge");
            secret.then(|| percent_decode_str(value).decode_utf8_lossy().into_owned())
        };
        found.extend(request.form.split('&').filter_map(secret));
    }
    found
}

/// A secret as it was sent, and as pages, addresses and JSON would write it.
fn spellings(secret: &str) -> Vec<String> {
    let form = transport::encode([("", secret)].into_iter()).split_off(1);
    let lower: String = {
        let mut rest = form.as_str();
        let mut out = String::new();
        while let Some((before, after)) = rest.split_once('%') {
            let (hex, tail) = after.split_at_checked(2).unwrap_or((after, ""));
            out.extend([before, "%", &hex.to_ascii_lowercase()]);
            rest = tail;
        }
        out + rest
    };
    let page = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let json = serde_json::Value::from(secret).to_string();
    let json = json.trim_matches('"').to_owned();
    let mut all = vec![
        form.replace("%20", "+"),
        page.replace('"', "&quot;").replace('\'', "&#39;"),
        page.replace('"', "&#34;").replace('\'', "&#x27;"),
        page,
        json.replace('/', "\\/"),
        json,
        lower,
        form,
        secret.to_owned(),
    ];
    all.sort_unstable();
    all.dedup();
    all
}

/// A text with a secret masked, if it is in it.
fn masked(text: &[u8], needle: &str) -> Option<Vec<u8>> {
    let finder = memmem::Finder::new(needle.as_bytes());
    let mut from = 0;
    let mut out = Vec::new();
    for at in finder.find_iter(text) {
        out.extend_from_slice(text.get(from..at)?);
        out.extend_from_slice(MASK);
        from = at + needle.len();
    }
    if from == 0 {
        return None;
    }
    out.extend_from_slice(text.get(from..)?);
    Some(out)
}
