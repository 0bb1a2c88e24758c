//! Connections: one attempt of a request out, one answer or fault in.

use std::{io::Read as _, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use http::{HeaderMap, HeaderValue, Uri, header, response::Parts};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::{ClientConfig, pki_types::CertificateDer};
use tokio_util::sync::CancellationToken;

use super::{
    Error, Host, Settings, Timeouts, Tls, Words,
    connection::{Connections, innermost},
    tls::{self, TlsFailure},
};
use crate::{
    api, foreign,
    spec::{self, Call, Method},
};

/// Beneath this path is the API.
const BASE: &str = "/api2/json";

/// What a path that is otherwise encoded can hold and no request line may.
const ODD: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');

/// What stays as it is in a form or query. PVE splits forms at `;` too and cuts a value at a bare `=`.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Most characters of a page that a message quotes.
const PAGE_SHOWN: usize = 200;

/// How much a reply may hold. Values take many times the room in memory that they take on the way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Bytes, unpacked.
    pub bytes: usize,
    /// Values: texts, numbers, lists, objects.
    pub values: usize,
}

/// The lists that grow with a cluster, by the end of their paths. The greatest known have a megabyte or two.
const LISTS: [&str; 9] = ["resources", "qemu", "lxc", "tasks", "log", "permissions", "content", "users", "backup"];

/// What a refusal may hold.
const REFUSAL_MAX: usize = 256 << 10;

/// One request in wire form.
#[derive(Clone)]
pub(super) struct Request {
    /// The verb.
    pub method: Method,
    /// Path below `/api2/json`, percent-encoded.
    pub path: String,
    /// Parameters, encoded as a form.
    pub form: String,
    /// Whether sending it twice does no harm.
    pub safe: bool,
    /// Cancelled when whoever asked for it has gone: from then on it is no longer sent.
    pub called_off: Option<CancellationToken>,
}

/// What came back, whatever it means.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub status: u16,
    /// The reason phrase, if it is not the ordinary one of the status.
    pub reason: Option<String>,
    pub content_type: Option<String>,
    pub location: Option<String>,
    /// Whether a login of HTTP's own is asked for (`WWW-Authenticate`).
    pub challenge: bool,
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Debug)]
pub(super) enum Fault {
    /// No connection: the request was not sent.
    Connect { why: Words, timed_out: bool },
    /// Whoever asked for it called it off: the request was not sent.
    CalledOff,
    /// No trust: the request was not sent.
    Tls(Box<TlsFailure>),
    /// The connection broke after the request was sent, or may have been.
    Broken(Words),
    /// There was no end of the reply in time.
    Slow(Words),
    /// The reply is too great.
    Great(Words),
}

impl Request {
    pub(super) fn of(call: &Call) -> Self {
        let method = call.method();
        let params = call.params().iter().map(|(name, value)| (name.as_ref(), value.as_str()));
        Self {
            method,
            path: call.path().to_owned(),
            form: encode(params),
            safe: method == Method::Get,
            called_off: None,
        }
    }

    /// Typed parameters as they are sent.
    ///
    /// # Errors
    /// When a value cannot stand in the path.
    pub(super) fn typed(request: &impl spec::Request) -> Result<Self, Error> {
        Ok(Self::of(&request.call()?))
    }

    /// A read of any path, for tests of what is beneath the ids.
    #[cfg(test)]
    pub(super) fn get(path: impl Into<String>, params: &[(&str, &str)]) -> Self {
        let form = encode(params.iter().copied());
        Self { method: Method::Get, path: path.into(), form, safe: true, called_off: None }
    }

    /// Whether it changes something and nobody waits for that any more.
    pub(super) fn is_called_off(&self) -> bool {
        !self.safe && self.called_off.as_ref().is_some_and(CancellationToken::is_cancelled)
    }

    /// How much the reply may hold: a list grows with the cluster, the rest does not.
    pub(super) fn room(&self) -> Room {
        let leaf = self.path.rsplit('/').next().unwrap_or_default();
        match self.method {
            Method::Get if LISTS.contains(&leaf) => Room { bytes: 32 << 20, values: 600_000 },
            Method::Get => Room { bytes: 8 << 20, values: 100_000 },
            Method::Post | Method::Put | Method::Delete => Room { bytes: 1 << 20, values: 20_000 },
        }
    }

    /// Whether a ticket is asked for.
    pub(super) fn is_login(&self) -> bool {
        self.path == api::POST_ACCESS_TICKET.path
    }

    /// Verb and path, for messages.
    pub(super) fn what(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Parameters as a form, everything that could be misread percent-encoded.
pub(super) fn encode<'a>(params: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut form = String::new();
    for (name, value) in params {
        if !form.is_empty() {
            form.push('&');
        }
        form.extend(utf8_percent_encode(name, FORM));
        form.push('=');
        form.extend(utf8_percent_encode(value, FORM));
    }
    form
}

impl Answer {
    /// The start of the body as one line of text, for messages; of a page, what a browser would show.
    pub(super) fn plain_text(&self) -> String {
        let start = &self.body[..self.body.len().min(4000)];
        let text = String::from_utf8_lossy(start);
        let page = text.trim_start().starts_with('<');
        let text = if page { untagged(&text) } else { text.into_owned() };
        foreign::line(&text.split_whitespace().collect::<Vec<_>>().join(" "), PAGE_SHOWN).into_owned()
    }
}

/// The text of a page without its tags.
fn untagged(page: &str) -> String {
    let mut inside = false;
    let text = page.chars().map(|c| match c {
        '<' => {
            inside = true;
            ' '
        }
        '>' if inside => {
            inside = false;
            ' '
        }
        _ if inside => ' ',
        other => other,
    });
    text.collect()
}

/// The way to one host.
pub(super) struct Transport {
    connections: Connections,
    /// Headers that every request has.
    headers: HeaderMap,
    /// For a whole request.
    limit: Duration,
}

impl Transport {
    /// Sets it up; opens no connection.
    pub(super) fn new(host: &Host, tls: Arc<ClientConfig>, timeouts: Timeouts) -> Result<Self, Error> {
        let connections = Connections::new(host, tls, timeouts.connect)?;
        let uri = connections.uri();
        let name = match uri.port_u16() {
            Some(port) => format!("{}:{port}", uri.host().unwrap_or_default()),
            None => uri.host().unwrap_or_default().to_owned(),
        };
        let name = HeaderValue::try_from(name)
            .map_err(|e| Error::Setup(format!("{host} cannot be a Host header: {e}").into()))?;
        let agent = HeaderValue::from_static(concat!("proxmox-mcp/", env!("CARGO_PKG_VERSION")));
        let headers = HeaderMap::from_iter([
            (header::HOST, name),
            (header::USER_AGENT, agent),
            (header::ACCEPT, HeaderValue::from_static("*/*")),
            (header::ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
        ]);
        Ok(Self { connections, headers, limit: timeouts.request })
    }

    /// Sends a request once.
    pub(super) async fn attempt(
        &self,
        request: &Request,
        credentials: &HeaderMap,
        anew: bool,
    ) -> Result<Answer, Fault> {
        let (head, reason, body) = self.in_time(self.exchange(request, credentials, anew)).await?;
        let text =
            |name| head.headers.get(name).map(|v: &HeaderValue| String::from_utf8_lossy(v.as_bytes()).into_owned());
        Ok(Answer {
            status: head.status.as_u16(),
            reason,
            content_type: text(header::CONTENT_TYPE),
            location: text(header::LOCATION),
            challenge: head.headers.contains_key(header::WWW_AUTHENTICATE),
            body,
        })
    }

    /// Sends a request without credentials over a new connection; gives also the certificate that the host showed.
    pub(super) async fn greet(
        &self,
        request: &Request,
    ) -> Result<(Option<CertificateDer<'static>>, Parts, Bytes), Fault> {
        self.in_time(async {
            let (mut sender, certificate) = self.connections.open().await?;
            let (head, body) = sender.send(self.message(request, &HeaderMap::new())?).await?.into_parts();
            let body = read(&head, body, request.room().bytes).await?;
            Ok((certificate, head, body))
        })
        .await
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        let late = |_| Fault::Slow(Words::ours(|p| p.late_reply, []));
        tokio::time::timeout(self.limit, work).await.map_err(late)?
    }

    async fn exchange(
        &self,
        request: &Request,
        credentials: &HeaderMap,
        anew: bool,
    ) -> Result<(Parts, Option<String>, Bytes), Fault> {
        let (response, sender) = self.connections.send(self.message(request, credentials)?, anew, request).await?;
        let (head, body) = response.into_parts();
        let reason = sender.reason(head.status);
        let body = read(&head, body, request.room().bytes).await?;
        if !anew {
            self.connections.keep(sender, &head.headers);
        }
        Ok((head, reason, body))
    }

    /// The request as it goes over the wire.
    fn message(&self, request: &Request, credentials: &HeaderMap) -> Result<http::Request<Full<Bytes>>, Fault> {
        let mut target = String::with_capacity(BASE.len() + request.path.len() + 1 + request.form.len());
        target.push_str(BASE);
        target.extend(utf8_percent_encode(&request.path, ODD));
        let mut headers = self.headers.clone();
        headers.extend(credentials.iter().map(|(name, value)| (name.clone(), value.clone())));
        let mut body = Bytes::new();
        if request.method.has_body() {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(header::CONTENT_TYPE, form);
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(request.form.len()));
            body = Bytes::from(request.form.clone());
        } else if !request.form.is_empty() {
            // With GET and DELETE a real PVE answers 501 to any body.
            target.push('?');
            target.push_str(&request.form);
        }
        let mut message = http::Request::new(Full::new(body));
        *message.method_mut() = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
            Method::Delete => http::Method::DELETE,
        };
        let unsendable = |e: http::uri::InvalidUri| Fault::Connect {
            why: Words::ours(|p| p.bad_path, [("why", e.to_string().into())]),
            timed_out: false,
        };
        *message.uri_mut() = Uri::try_from(target).map_err(unsendable)?;
        *message.headers_mut() = headers;
        Ok(message)
    }
}

/// Reads a body to its end, and unpacks it.
async fn read(head: &Parts, mut incoming: Incoming, most: usize) -> Result<Bytes, Fault> {
    let most = if head.status == http::StatusCode::OK { most } else { most.min(REFUSAL_MAX) };
    let mut first = Bytes::new();
    let mut body = BytesMut::new();
    while let Some(frame) = incoming.frame().await {
        let Ok(data) = frame.map_err(|e| Fault::Broken(innermost(&e).into()))?.into_data() else { continue };
        if first.len() + body.len() + data.len() > most {
            return Err(great(most));
        }
        // Most replies come in one piece, which need not be copied.
        if first.is_empty() && body.is_empty() {
            first = data;
            continue;
        }
        body.extend_from_slice(&std::mem::take(&mut first));
        body.extend_from_slice(&data);
    }
    let body = if body.is_empty() { first } else { body.freeze() };
    let packed = head.headers.get(header::CONTENT_ENCODING).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"gzip"));
    if packed && !body.is_empty() { unpacked(&body, most) } else { Ok(body) }
}

fn unpacked(packed: &[u8], most: usize) -> Result<Bytes, Fault> {
    let mut body = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    match MultiGzDecoder::new(packed).take(limit).read_to_end(&mut body) {
        Ok(length) if length > most => Err(great(most)),
        Ok(_) => Ok(body.into()),
        Err(e) => Err(Fault::Broken(Words::ours(|p| p.unpacked, [("why", e.to_string().into())]))),
    }
}

fn great(most: usize) -> Fault {
    let size = if most < 1 << 20 { format!("{} KiB", most >> 10) } else { format!("{} MiB", most >> 20) };
    Fault::Great(Words::ours(|p| p.great, [("size", size.into())]))
}

/// The trust that all connections share, and their TLS sessions with it.
pub(super) fn trust(settings: &Settings) -> Result<Arc<ClientConfig>, Error> {
    if settings.tls == Tls::AcceptAny {
        tracing::warn!(
            "PROXMOX_REJECT_UNAUTHORIZED=false: the host's certificate is NOT checked, so whoever can redirect \
             the traffic reads the credentials; PROXMOX_FINGERPRINT trusts one certificate without this risk"
        );
    }
    Ok(Arc::new(tls::config(&settings.tls)?))
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// PVE splits at `&` and `;`, takes `+` for a blank and cuts a value at its second `=`.
        #[test]
        fn a_form_arrives_as_it_was_meant(pairs in prop::collection::vec((".{1,8}", ".{0,12}"), 1..5)) {
            let form = encode(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            prop_assert!(form.is_ascii() && !form.contains([';', '+', ' ', '#', '?', '/']));
            let read: Vec<_> = form.split('&').filter_map(|pair| pair.split_once('=')).collect();
            prop_assert_eq!(read.len(), pairs.len());
            for ((name, value), given) in read.into_iter().zip(&pairs) {
                prop_assert!(!value.contains('='));
                let plain = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
                prop_assert_eq!((plain(name), plain(value)), given.clone());
            }
        }
    }
}
