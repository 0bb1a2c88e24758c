//! Which certificates are accepted, and what is said of those that are not.

use std::io::Write as _;

use proxmox_mcp::client::{Client, Error, Fingerprint, Sent, Settings, Tls, Trouble};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio::{io::AsyncWriteExt, net::TcpListener};

use crate::{
    api::{NODES, call, list},
    server::{Act, Server, nodes, token},
};

fn client(server: &Server, tls: Tls) -> Client {
    Client::new(Settings::new(vec![server.host()], token(), tls)).expect("a client")
}

async fn refused(server: &Server, tls: Tls) -> String {
    let said = client(server, tls).send(call(&NODES)).await.expect_err("not trusted");
    assert!(matches!(said, Error::Tls(_)), "{said:?}");
    assert_eq!((said.kind(), said.sent(), server.requests().len()), (Trouble::Tls, Sent::No, 0));
    said.to_string()
}

async fn server() -> Server {
    Server::start(|_| Act::Reply(nodes())).await
}

/// A file with this certificate in PEM.
fn pem(der: &[u8]) -> tempfile::NamedTempFile {
    use base64::Engine as _;
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line)).collect();
    write!(file, "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n")).expect("written");
    file
}

/// A server whose certificate an authority of its own has signed, as a fresh PVE's is; and that authority.
async fn signed(names: &[&str], expired: bool) -> (Server, Vec<u8>) {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("parameters");
    if expired {
        params.not_after = rcgen::date_time_ymd(2020, 1, 31);
    }
    let key = KeyPair::generate().expect("a key");
    let leaf = params.signed_by(&key, &issuer).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let server = Server::with_certificate(leaf.der().clone(), key, |_| Act::Reply(nodes())).await;
    (server, issuer.der().to_vec())
}

#[tokio::test]
async fn a_pinned_certificate_is_accepted_whatever_its_issuer_and_no_other_is() {
    let server = server().await;
    list(&client(&server, server.pinned())).await;
    list(&client(&server, Tls::AcceptAny)).await;
    let (stranger, _) = signed(&["localhost"], false).await;
    let said = refused(&stranger, server.pinned()).await;
    let shown = Fingerprint::of(stranger.certificate());
    assert!(said.contains("not the pinned one") && said.contains(&format!("PROXMOX_FINGERPRINT={shown}")), "{said}");
}

#[tokio::test]
async fn an_unknown_issuer_is_described_with_the_settings_that_would_accept_it() {
    let server = server().await;
    let said = refused(&server, Tls::System).await;
    let shown = Fingerprint::of(server.certificate());
    for part in [
        format!("PROXMOX_FINGERPRINT={shown}"),
        "PROXMOX_CA_FILE".to_owned(),
        "names localhost".to_owned(),
        "issuer CN=".to_owned(),
        "expires ".to_owned(),
    ] {
        assert!(said.contains(&part), "{part}: {said}");
    }
}

#[tokio::test]
async fn an_authority_in_a_file_is_trusted_and_so_is_the_hosts_own_certificate() {
    let (server, authority) = signed(&["localhost"], false).await;
    let file = pem(&authority);
    list(&client(&server, Tls::CaFile(file.path().to_owned()))).await;
    let own = pem(server.certificate());
    list(&client(&server, Tls::CaFile(own.path().to_owned()))).await;
    let (stranger, _) = signed(&["localhost"], false).await;
    assert!(refused(&stranger, Tls::CaFile(file.path().to_owned())).await.contains("authority that is not trusted"));
}

#[tokio::test]
async fn another_name_and_an_expired_certificate_are_told_apart() {
    let (server, authority) = signed(&["pve1.example.org", "192.0.2.7"], false).await;
    let file = pem(&authority);
    let said = refused(&server, Tls::CaFile(file.path().to_owned())).await;
    assert!(said.contains("for other names") && said.contains("PROXMOX_HOST (pve1.example.org, 192.0.2.7)"), "{said}");

    let (server, authority) = signed(&["localhost"], true).await;
    let file = pem(&authority);
    let said = refused(&server, Tls::CaFile(file.path().to_owned())).await;
    assert!(said.contains("has expired") && said.contains("expires 2020-01-31"), "{said}");
    list(&client(&server, server.pinned())).await;
}

#[tokio::test]
async fn a_file_that_holds_no_certificate_is_named_before_anything_is_contacted() {
    let mut empty = tempfile::NamedTempFile::new().expect("a file");
    writeln!(empty, "hello").expect("written");
    for path in [empty.path().to_owned(), "/nonexistent/ca.pem".into()] {
        let host = server().await.host();
        let said = Client::new(Settings::new(vec![host], token(), Tls::CaFile(path.clone()))).expect_err("no file");
        let text = said.to_string();
        assert!(text.contains("PROXMOX_CA_FILE") && text.contains(&*path.to_string_lossy()), "{text}");
    }
}

#[tokio::test]
async fn a_port_that_does_not_speak_tls_is_said_to_be_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let plain = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let host = proxmox_mcp::client::Host { name: "localhost".to_owned(), port };
    let client = Client::new(Settings::new(vec![host], token(), Tls::AcceptAny)).expect("a client");
    let said = client.send(call(&NODES)).await.expect_err("no TLS").to_string();
    assert!(said.contains("does not speak TLS") && said.contains("PROXMOX_PORT"), "{said}");
    plain.abort();
}
