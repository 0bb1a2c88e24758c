//! Trust: which certificate a host may show.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

/// SHA-256 of a certificate, written as the PVE GUI shows it: `AB:CD:…`, 32 pairs.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

/// A text that is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a SHA-256 fingerprint: 32 pairs of hex digits, as the PVE GUI shows under System, Certificates")]
pub struct FingerprintError(pub String);

impl Fingerprint {
    /// The fingerprint of a DER certificate.
    pub fn of(certificate: &[u8]) -> Self {
        Self(Sha256::digest(certificate).into())
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(s: &str) -> Result<Self, FingerprintError> {
        let wrong = || FingerprintError(s.chars().take(100).collect());
        let hex: Vec<u8> = s.trim().bytes().filter(|b| *b != b':' && *b != b' ').collect();
        let mut bytes = [0; 32];
        if hex.len() != 64 {
            return Err(wrong());
        }
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            let digit = |b: u8| char::from(b).to_digit(16);
            let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else { return Err(wrong()) };
            *byte = u8::try_from(high * 16 + low).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02X}", if i == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The certificate that a host showed.
#[derive(Debug, Clone)]
pub struct Presented {
    /// Its subject, such as `CN=pve1.example.org`.
    pub subject: String,
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    /// Its issuer.
    pub issuer: String,
    /// Its last moment, as written in it.
    pub expires: String,
    /// Its SHA-256.
    pub fingerprint: Fingerprint,
}

/// A certificate that was not accepted, and why.
#[derive(Debug, Clone)]
pub struct TlsFailure {
    /// The host that was asked.
    pub host: String,
    /// Why it was not accepted.
    pub why: String,
    /// What it showed, if it got as far as showing one.
    pub presented: Option<Presented>,
}

impl std::error::Error for TlsFailure {}

impl fmt::Display for TlsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the certificate of {} is not accepted: {}", self.host, self.why)?;
        let Some(p) = &self.presented else { return Ok(()) };
        write!(f, " (subject {}, names {}, issuer {}, ", p.subject, p.names.join(" "), p.issuer)?;
        write!(f, "expires {}, SHA-256 {})", p.expires, p.fingerprint)?;
        write!(f, "; if this is your host, PROXMOX_FINGERPRINT={} accepts it", p.fingerprint)
    }
}
