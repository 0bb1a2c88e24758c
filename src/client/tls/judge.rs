//! The verifier: asks the chosen policy, and on a refusal describes the certificate and the setting that accepts it.

use std::{
    error::Error as StdError,
    io,
    path::Path,
    sync::{Arc, OnceLock},
};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as RustlsError, OtherError, RootCertStore,
    SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};

use super::{Fingerprint, Presented, TlsFailure};
use crate::client::{Error, Phrases, Tls, Words};

/// The TLS configuration for this policy. Sessions are resumed: each reply that PVE proxies costs a connection.
///
/// # Errors
/// When the CA file cannot be read or holds no certificate.
pub(in crate::client) fn config(tls: &Tls) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let judge = Judge { policy: Policy::of(tls, &provider)?, provider: Arc::clone(&provider) };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::Setup(format!("TLS cannot be set up: {e}").into()))?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(judge)).with_no_client_auth())
}

/// Finds, beneath an error of the HTTP client, why TLS failed; `host` is what was connected to.
pub(in crate::client) fn find_failure(error: &(dyn StdError + 'static), host: &str) -> Option<TlsFailure> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<RustlsError>() {
            return Some(failure(found, host));
        }
        // An io::Error gives as its source that of the error within, not the error within.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn failure(error: &RustlsError, host: &str) -> TlsFailure {
    let host = host.to_owned();
    if let RustlsError::InvalidCertificate(CertificateError::Other(OtherError(inner))) = error
        && let Some(failure) = inner.downcast_ref::<TlsFailure>()
    {
        return TlsFailure { host, ..failure.clone() };
    }
    let (why, cure) = match error {
        RustlsError::InvalidMessage(_) => (Words::ours(|p| p.tls_no_tls, []), Words::ours(|p| p.tls_no_tls_advice, [])),
        other => (other.to_string().into(), Words::ours(|p| p.tls_other_advice, [])),
    };
    TlsFailure { host, why, cure, presented: None }
}

#[derive(Debug)]
struct Judge {
    policy: Policy,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
enum Policy {
    /// Read at the first handshake: over a hundred authorities are in there.
    System(OnceLock<Result<rustls_platform_verifier::Verifier, RustlsError>>),
    Authorities {
        verifier: Arc<WebPkiServerVerifier>,
        listed: Vec<CertificateDer<'static>>,
    },
    Pinned(Vec<Fingerprint>),
    Any,
}

impl Policy {
    fn of(tls: &Tls, provider: &Arc<CryptoProvider>) -> Result<Self, Error> {
        Ok(match tls {
            Tls::System => Self::System(OnceLock::new()),
            Tls::Pinned(fingerprints) => Self::Pinned(fingerprints.clone()),
            Tls::AcceptAny => Self::Any,
            Tls::CaFile(path) => Self::authorities(path, provider)?,
        })
    }

    fn authorities(path: &Path, provider: &Arc<CryptoProvider>) -> Result<Self, Error> {
        let wrong = |why: String| Error::Setup(format!("PROXMOX_CA_FILE: {} {why}", path.display()).into());
        let read = CertificateDer::pem_file_iter(path).map_err(|e| wrong(format!("cannot be read: {e}")))?;
        let listed: Vec<_> = read.collect::<Result<_, _>>().map_err(|e| wrong(format!("is no PEM file: {e}")))?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(listed.iter().cloned());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
            .build()
            .map_err(|_| wrong("holds no certificate (it should begin with -----BEGIN CERTIFICATE-----)".to_owned()))?;
        Ok(Self::Authorities { verifier, listed })
    }
}

impl Judge {
    /// What the policy says of a certificate.
    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<(), RustlsError> {
        let accepted = match &self.policy {
            Policy::Any => return Ok(()),
            Policy::Pinned(pins) if pins.contains(&Fingerprint::of(leaf)) => return Ok(()),
            Policy::Pinned(_) => Err(CertificateError::ApplicationVerificationFailure.into()),
            // A host's own self-signed certificate in the file is no authority, but it is what the user trusts.
            Policy::Authorities { listed, .. } if listed.contains(leaf) => return Ok(()),
            Policy::Authorities { verifier, .. } => verifier.verify_server_cert(leaf, chain, name, ocsp, now),
            Policy::System(cell) => {
                let verifier = cell.get_or_init(|| rustls_platform_verifier::Verifier::new(Arc::clone(&self.provider)));
                verifier.as_ref().map_err(Clone::clone)?.verify_server_cert(leaf, chain, name, ocsp, now)
            }
        };
        accepted.map(drop)
    }

    /// Says why, and which setting accepts this certificate.
    fn explain(&self, error: &RustlsError, leaf: &[u8]) -> TlsFailure {
        let presented = Presented::read(leaf);
        let pin = Words::ours(|p| p.tls_pin, [("fingerprint", presented.fingerprint.to_string().into())]);
        let names = Words::from(presented.names.join(", "));
        let plain = |phrase: fn(&Phrases) -> &'static str| Words::ours(phrase, []);
        let (why, cure) = match (&self.policy, error) {
            (Policy::Pinned(pins), _) => {
                let pins: Vec<_> = pins.iter().map(ToString::to_string).collect();
                (Words::ours(|p| p.tls_pinned, [("pins", pins.join(", ").into())]), pin)
            }
            (_, RustlsError::InvalidCertificate(e)) => match e {
                // An authority of the same name with another key is a stranger too.
                CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                    (plain(|p| p.tls_authority), Words::ours(|p| p.tls_authority_advice, [("pin", pin)]))
                }
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    (plain(|p| p.tls_expired), Words::ours(|p| p.tls_expired_advice, [("pin", pin)]))
                }
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    (plain(|p| p.tls_names), Words::ours(|p| p.tls_names_advice, [("names", names), ("pin", pin)]))
                }
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    (plain(|p| p.tls_not_yet), plain(|p| p.tls_not_yet_advice))
                }
                other => (Words::ours(|p| p.tls_invalid, [("why", other.to_string().into())]), pin),
            },
            (Policy::System(_), RustlsError::General(_)) => {
                (plain(|p| p.tls_no_authorities), Words::ours(|p| p.tls_no_authorities_advice, [("pin", pin)]))
            }
            (_, other) => (other.to_string().into(), pin),
        };
        TlsFailure { host: String::new(), why, cure, presented: Some(presented) }
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, RustlsError> {
        match self.judge(leaf, chain, name, ocsp, now) {
            Ok(()) => Ok(ServerCertVerified::assertion()),
            Err(error) => {
                let failure = Arc::new(self.explain(&error, leaf));
                Err(CertificateError::Other(OtherError(failure)).into())
            }
        }
    }

    // Whatever is said of the certificate, the host must prove that it holds its key.

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
