//! Connections: requests in PVE's dialect out, answers in.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    Error,
    settings::{Auth, Settings},
};
use crate::{
    pve::Upid,
    spec::{Call, Method},
};

/// What stays as it is in a form or query. PVE splits forms at `;` too and cuts a value at a bare `=`.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Greatest reply that is read, unpacked. The task log of a long backup, the greatest known, is some megabytes.
const BODY_MAX: usize = 64 << 20;

/// One request in wire form.
pub(super) struct Request {
    /// The verb.
    pub method: Method,
    /// Path below `/api2/json`, percent-encoded.
    pub path: String,
    /// Parameters, encoded as a form.
    pub form: String,
    /// Whether sending it twice does no harm.
    pub safe: bool,
}

/// What came back, whatever it means.
pub(super) struct Answer {
    pub status: u16,
    /// The reason phrase, if it is not the ordinary one of the status.
    pub reason: Option<String>,
    pub content_type: Option<String>,
    pub location: Option<String>,
    pub body: Bytes,
}

impl Request {
    pub fn of(call: &Call) -> Self {
        let method = call.method();
        let params = call.params().iter().map(|(name, value)| (name.as_ref(), value.as_str()));
        Self { method, path: call.path().to_owned(), form: encode(params), safe: method == Method::Get }
    }

    /// A read of a task, under the node in its UPID: another node says "no such task".
    pub fn task(upid: &Upid, leaf: &str, params: &[(&str, String)]) -> Self {
        let path = format!("/nodes/{}/tasks/{upid}/{leaf}", upid.node());
        let form = encode(params.iter().map(|(name, value)| (*name, value.as_str())));
        Self { method: Method::Get, path, form, safe: true }
    }

    /// Verb and path, for messages.
    pub fn what(&self) -> String {
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
    /// The start of the body as one line of text, for messages.
    pub fn plain_text(&self) -> String {
        let start = &self.body[..self.body.len().min(800)];
        let text = String::from_utf8_lossy(start);
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
    }
}

/// The connections.
pub(super) struct Transport {
    pooled: reqwest::Client,
}

impl Transport {
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let setup = |e: reqwest::Error| Error::Setup(format!("the HTTP client cannot be set up: {}", chain(&e)));
        // Without a provider of cryptography `build` would panic; another one that is already there is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .https_only(true)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(settings.timeouts.connect)
            .timeout(settings.timeouts.request)
            // A PVE host closes an idle connection after 5 s; a request sent at that moment is lost.
            .pool_idle_timeout(std::time::Duration::from_secs(4))
            .tls_danger_accept_invalid_certs(settings.tls == super::Tls::AcceptAny);
        Ok(Self { pooled: builder.build().map_err(setup)? })
    }

    pub async fn exchange(&self, request: &Request, settings: &Settings) -> Result<Answer, Error> {
        let host = settings.hosts.first().map(ToString::to_string).unwrap_or_default();
        let mut url = format!("https://{host}/api2/json{}", request.path);
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        if !request.method.has_body() && !request.form.is_empty() {
            url = format!("{url}?{}", request.form);
        }
        let mut builder = self.pooled.request(method, url);
        if request.method.has_body() {
            builder = builder
                .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(request.form.clone());
        }
        if let Auth::Token(token) = &settings.auth {
            let value = format!("PVEAPIToken={}={}", token.id, token.secret.reveal());
            builder = builder.header(http::header::AUTHORIZATION, value);
        }
        let fault = |e: &reqwest::Error| {
            let why = chain(e);
            if e.is_connect() {
                Error::Connect { host: host.clone(), why }
            } else {
                Error::NoReply { what: request.what(), why }
            }
        };
        let mut response = builder.send().await.map_err(|e| fault(&e))?;
        let header = |name: http::HeaderName| {
            response.headers().get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned())
        };
        let mut answer = Answer {
            status: response.status().as_u16(),
            reason: reason(&response),
            content_type: header(http::header::CONTENT_TYPE),
            location: header(http::header::LOCATION),
            body: Bytes::new(),
        };
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| fault(&e))? {
            if body.len() + chunk.len() > BODY_MAX {
                let why = format!("the reply is greater than {} MiB", BODY_MAX >> 20);
                return Err(Error::NoReply { what: request.what(), why });
            }
            body.extend_from_slice(&chunk);
        }
        answer.body = body.freeze();
        Ok(answer)
    }
}

/// The reason phrase as it came; hyper keeps only one that is not the ordinary one of the status.
fn reason(response: &reqwest::Response) -> Option<String> {
    let phrase: &hyper::ext::ReasonPhrase = response.extensions().get()?;
    let text: Cow<'_, str> = String::from_utf8_lossy(phrase.as_bytes());
    Some(text.into_owned())
}

/// An error with its causes, without the URL.
fn chain(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut next: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes.pop().unwrap_or_else(|| error.to_string())
}
