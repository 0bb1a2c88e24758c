//! One document from one URL, over a connection of its own: keys are asked for about once an hour.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Uri, header, uri::Scheme};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, crypto::ring, pki_types::ServerName};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// How long it may take, from the look-up of the name to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A place that may be asked: https, or http on this machine.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Place {
    uri: Uri,
    /// Without brackets around an IPv6 address.
    host: String,
    secure: bool,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.shown()).finish()
    }
}

impl Place {
    /// Reads a URL; gives nothing where it may not be asked. One with a user name or password may not: it would be told
    /// wherever the URL is.
    pub(super) fn of(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        if uri.authority()?.as_str().contains('@') {
            return None;
        }
        let host = uri.host()?.trim_start_matches('[').trim_end_matches(']').to_owned();
        let secure = *uri.scheme()? == Scheme::HTTPS;
        let plain = *uri.scheme()? == Scheme::HTTP && matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1");
        (secure || plain).then_some(Self { uri, host, secure })
    }

    /// The URL as the log may have it: what is secret in one stands in its query.
    pub(super) fn shown(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}{}", self.authority(), self.uri.path())
    }

    /// Host and port; a user name is not part of it, see [`Self::of`].
    fn authority(&self) -> &str {
        self.uri.authority().map_or(self.host.as_str(), |authority| authority.as_str())
    }

    /// Gets the document. A redirect is not followed.
    ///
    /// # Errors
    /// A sentence, when there is no answer in time, no trust, another status than success, or more than `most` bytes.
    pub(super) async fn get(&self, most: usize) -> Result<Bytes, String> {
        tokio::time::timeout(TIMEOUT, self.ask(most)).await.map_err(|_| "it did not answer in time".to_owned())?
    }

    async fn ask(&self, most: usize) -> Result<Bytes, String> {
        let port = self.uri.port_u16().unwrap_or(if self.secure { 443 } else { 80 });
        let stream = TcpStream::connect((self.host.as_str(), port)).await.map_err(|e| e.to_string())?;
        if !self.secure {
            return self.exchange(stream, most).await;
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(BuilderVerifierExt::with_platform_verifier)
            .map_err(|e| e.to_string())?
            .with_no_client_auth();
        let name = ServerName::try_from(self.host.clone()).map_err(|e| e.to_string())?;
        let stream = TlsConnector::from(Arc::new(tls)).connect(name, stream).await.map_err(|e| e.to_string())?;
        self.exchange(stream, most).await
    }

    async fn exchange<S>(&self, stream: S, most: usize) -> Result<Bytes, String>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|e| e.to_string())?;
        // It ends with the sender; what went wrong with it, the request tells.
        tokio::spawn(async move { connection.await.ok() });
        let request = Request::get(self.uri.path_and_query().map_or("/", |path| path.as_str()))
            .header(header::HOST, self.authority())
            .header(header::USER_AGENT, concat!("proxmox-mcp/", env!("CARGO_PKG_VERSION")))
            .header(header::ACCEPT, "application/jwk-set+json, application/json")
            .body(Empty::<Bytes>::new())
            .map_err(|e| e.to_string())?;
        let response = sender.send_request(request).await.map_err(|e| e.to_string())?;
        if !response.status().is_success() {
            return Err(format!("it answered {}", response.status()));
        }
        let body = Limited::new(response.into_body(), most).collect().await.map_err(|e| e.to_string())?;
        Ok(body.to_bytes())
    }
}
