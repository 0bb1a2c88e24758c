//! Connections: one attempt of a request out, one answer or fault in.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    Error, Host, Settings, Tls,
    tls::{self, TlsFailure},
};
use crate::{
    pve::Upid,
    spec::{Call, Method},
};

/// What stays as it is in a form or query. PVE splits forms at `;` too and cuts a value at a bare `=`.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Greatest reply that is read, unpacked; the greatest known are lists of a megabyte or two.
const BODY_MAX: usize = 32 << 20;

/// A PVE host closes a connection that was idle for 5 s; a request sent at that moment is lost.
const IDLE: Duration = Duration::from_secs(4);

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
}

/// What came back, whatever it means.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub status: u16,
    /// The reason phrase, if it is not the ordinary one of the status.
    pub reason: Option<String>,
    pub content_type: Option<String>,
    pub location: Option<String>,
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Debug)]
pub(super) enum Fault {
    /// No connection: the request was not sent.
    Connect { why: String, timed_out: bool },
    /// No trust: the request was not sent.
    Tls(Box<TlsFailure>),
    /// The connection broke after the request was sent, or may have been.
    Broken(String),
    /// There was no end of the reply in time.
    Slow(String),
    /// The reply is too great.
    Great(String),
}

impl Request {
    pub fn of(call: &Call) -> Self {
        let method = call.method();
        let params = call.params().iter().map(|(name, value)| (name.as_ref(), value.as_str()));
        Self { method, path: call.path().to_owned(), form: encode(params), safe: method == Method::Get }
    }

    /// A read of the client's own.
    pub fn get(path: impl Into<String>, params: &[(&str, &str)]) -> Self {
        let form = encode(params.iter().copied());
        Self { method: Method::Get, path: path.into(), form, safe: true }
    }

    /// A read of a task, under the node in its UPID: another node says "no such task".
    pub fn task(upid: &Upid, leaf: &str, params: &[(&str, &str)]) -> Self {
        Self::get(format!("/nodes/{}/tasks/{upid}/{leaf}", upid.node()), params)
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
    /// Never reuses a connection: for what is sent again after one broke.
    unpooled: reqwest::Client,
}

impl Transport {
    /// Sets the connections up; opens none.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        if settings.tls == Tls::AcceptAny {
            tracing::warn!(
                "PROXMOX_REJECT_UNAUTHORIZED=false: the host's certificate is NOT checked, so whoever can redirect \
                 the traffic reads the credentials; PROXMOX_FINGERPRINT trusts one certificate without this risk"
            );
        }
        let tls = tls::config(&settings.tls)?;
        Ok(Self { pooled: built(builder(settings, tls.clone(), 32))?, unpooled: built(builder(settings, tls, 0))? })
    }

    /// Sends a request once.
    pub async fn attempt(
        &self,
        host: &Host,
        request: &Request,
        credentials: &HeaderMap,
        new_connection: bool,
    ) -> Result<Answer, Fault> {
        let client = if new_connection { &self.unpooled } else { &self.pooled };
        let response = build(client, host, request, credentials).send().await.map_err(|e| fault(&e, host))?;
        read(response).await.map_err(|e| match e {
            Reading::Broken(e) => fault(&e, host),
            Reading::Great => Fault::Great(format!("the reply is greater than {} MiB", BODY_MAX >> 20)),
        })
    }
}

/// An HTTP client that keeps so many idle connections a host.
pub(super) fn builder(settings: &Settings, tls: rustls::ClientConfig, idle: usize) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(true)
        .no_proxy()
        // A redirect would carry the credentials along.
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(settings.timeouts.connect)
        .timeout(settings.timeouts.request)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(idle)
        .tcp_nodelay(true)
        .user_agent(concat!("proxmox-mcp/", env!("CARGO_PKG_VERSION")))
}

/// Finishes an HTTP client.
pub(super) fn built(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, Error> {
    builder.build().map_err(|e| Error::Setup(format!("the HTTP client cannot be set up: {}", chain(&e))))
}

fn build(client: &reqwest::Client, host: &Host, request: &Request, credentials: &HeaderMap) -> reqwest::RequestBuilder {
    let mut url = format!("https://{host}/api2/json{}", request.path);
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
    };
    if request.method.has_body() {
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let builder = client.request(method, url).header(header::CONTENT_TYPE, form);
        return builder.headers(credentials.clone()).body(request.form.clone());
    }
    // With GET and DELETE a real PVE answers 501 to any body.
    if !request.form.is_empty() {
        url.push('?');
        url.push_str(&request.form);
    }
    client.request(method, url).headers(credentials.clone())
}

enum Reading {
    Broken(reqwest::Error),
    Great,
}

async fn read(mut response: reqwest::Response) -> Result<Answer, Reading> {
    let text =
        |name: HeaderName| response.headers().get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
    let mut answer = Answer {
        status: response.status().as_u16(),
        reason: reason(&response),
        content_type: text(header::CONTENT_TYPE),
        location: text(header::LOCATION),
        body: Bytes::new(),
    };
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(Reading::Broken)? {
        if body.len() + chunk.len() > BODY_MAX {
            return Err(Reading::Great);
        }
        body.extend_from_slice(&chunk);
    }
    answer.body = body.freeze();
    Ok(answer)
}

/// The reason phrase as it came; hyper keeps only one that is not the ordinary one of the status.
fn reason(response: &reqwest::Response) -> Option<String> {
    let phrase: &hyper::ext::ReasonPhrase = response.extensions().get()?;
    Some(String::from_utf8_lossy(phrase.as_bytes()).into_owned())
}

/// What an error of the HTTP client means.
pub(super) fn fault(error: &reqwest::Error, host: &Host) -> Fault {
    if let Some(failure) = tls::find_failure(error, &host.to_string()) {
        return Fault::Tls(Box::new(failure));
    }
    let why = chain(error);
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => Fault::Connect { why: "it did not answer in time".to_owned(), timed_out: true },
        (true, false) => Fault::Connect { why, timed_out: false },
        (false, true) => Fault::Slow("no reply in time".to_owned()),
        (false, false) => Fault::Broken(why),
    }
}

/// The innermost cause of an error: the outer ones repeat the URL, or one another.
fn chain(error: &reqwest::Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
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
