//! One request, byte for byte, over TLS, and its reply as it came: status line, headers in order, body or none.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// How long a reply may take before the replay is called hung.
const PATIENCE: Duration = Duration::from_secs(60);

/// A reply as it was on the wire.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: u16,
    pub reason: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// The values of a header, lower case, comma-separated parts taken apart.
    pub(crate) fn parts(&self, name: &str) -> Vec<String> {
        let values = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        values.flat_map(|(_, value)| value.split(',')).map(|part| part.trim().to_lowercase()).collect()
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body, unpacked when it came as gzip.
    pub(crate) fn text(&self) -> Result<String, String> {
        let mut text = String::new();
        if self.header("content-encoding") == Some("gzip") {
            flate2::read::GzDecoder::new(&self.body[..])
                .read_to_string(&mut text)
                .map_err(|error| error.to_string())?;
            return Ok(text);
        }
        String::from_utf8(self.body.clone()).map_err(|error| error.to_string())
    }
}

/// The server's certificate is its own affair here: the replay looks at HTTP.
#[derive(Debug)]
struct AnyCertificate;

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// Sends the bytes on a connection of their own and reads one reply.
pub(crate) fn exchange(address: SocketAddr, request: &[u8], head: bool) -> Result<Reply, String> {
    let mut stream = connect(address).map_err(|error| format!("connect: {error}"))?;
    let sent = stream.write_all(request).and_then(|()| stream.flush());
    // A host may answer before it has read everything.
    read(&mut stream, head).map_err(|error| format!("{error} ({sent:?})"))
}

/// A TLS connection that offers what curl offers.
pub(crate) type Connection = StreamOwned<ClientConnection, TcpStream>;

/// Opens a connection.
pub(crate) fn connect(address: SocketAddr) -> Result<Connection, Box<dyn std::error::Error>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config =
        builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate)).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let tcp = TcpStream::connect(address)?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    tcp.set_write_timeout(Some(PATIENCE))?;
    Ok(StreamOwned::new(ClientConnection::new(Arc::new(config), ServerName::try_from("localhost")?)?, tcp))
}

/// Reads one reply.
pub(crate) fn read(stream: &mut impl Read, head: bool) -> Result<Reply, String> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if more(stream, &mut bytes)? == 0 {
            return Err(format!("connection closed after {} bytes, before the headers ended", bytes.len()));
        }
    };
    let text = String::from_utf8(bytes[..end].to_vec()).map_err(|error| error.to_string())?;
    let mut reply = head_of(&text)?;
    reply.body = bytes[end + 4..].to_vec();
    let length = reply.header("content-length").and_then(|length| length.parse::<usize>().ok());
    let wanted = if head { 0 } else { length.unwrap_or(usize::MAX) };
    while reply.body.len() < wanted {
        let got = more(stream, &mut reply.body)?;
        if got == 0 && length.is_some() {
            return Err(format!("body ends after {} of {wanted} bytes", reply.body.len()));
        }
        if got == 0 {
            break;
        }
    }
    Ok(reply)
}

/// Reads what there is; 0 at the end of the connection.
pub(crate) fn more(stream: &mut impl Read, into: &mut Vec<u8>) -> Result<usize, String> {
    let mut buffer = [0; 16 * 1024];
    let got = match stream.read(&mut buffer) {
        Ok(got) => got,
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => 0,
        Err(error) => return Err(format!("read: {error}")),
    };
    into.extend_from_slice(&buffer[..got]);
    Ok(got)
}

fn head_of(text: &str) -> Result<Reply, String> {
    let mut lines = text.split("\r\n");
    let status_line = lines.next().unwrap_or_default();
    let rest = status_line.strip_prefix("HTTP/1.1 ").ok_or_else(|| format!("not an HTTP/1.1 reply: {status_line}"))?;
    let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let headers = lines
        .map(|line| line.split_once(':').map(|(key, value)| (key.to_owned(), value.trim().to_owned())))
        .collect::<Option<_>>()
        .ok_or_else(|| format!("a header without a colon in {text:?}"))?;
    let status = status.parse().map_err(|_| format!("not a status: {status_line}"))?;
    Ok(Reply { status, reason: reason.to_owned(), headers, body: Vec::new() })
}
