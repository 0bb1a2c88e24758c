//! Trust: which certificate a host may show, and what to say of one that it may not.

mod judge;

use std::{fmt, net::IpAddr, str::FromStr};

use sha2::{Digest, Sha256};
use x509_cert::{
    Certificate,
    der::Decode,
    ext::pkix::{SubjectAltName, name::GeneralName},
    name::Name,
};

use super::Words;
pub(super) use judge::{config, find_failure};

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
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl Presented {
    /// Reads a DER certificate; of one that cannot be read only the fingerprint is known.
    pub fn read(der: &[u8]) -> Self {
        let fingerprint = Fingerprint::of(der);
        let Ok(certificate) = Certificate::from_der(der) else {
            let unreadable = || "unreadable".to_owned();
            let (subject, issuer, expires) = (unreadable(), unreadable(), unreadable());
            return Self { subject, names: Vec::new(), issuer, expires, fingerprint };
        };
        let tbs = certificate.tbs_certificate();
        let names = match tbs.get_extension::<SubjectAltName>() {
            Ok(Some((_, names))) => names.0.iter().filter_map(name).collect(),
            _ => Vec::new(),
        };
        Self {
            subject: whose(tbs.subject()),
            names,
            issuer: whose(tbs.issuer()),
            expires: tbs.validity().not_after.to_string(),
            fingerprint,
        }
    }

    fn words(&self) -> Words {
        let none = || Words::ours(|p| p.tls_no_names, []);
        let names = if self.names.is_empty() { none() } else { self.names.join(" ").into() };
        let values = [
            ("subject", self.subject.as_str().into()),
            ("names", names),
            ("issuer", self.issuer.as_str().into()),
            ("expires", self.expires.as_str().into()),
            ("fingerprint", self.fingerprint.to_string().into()),
        ];
        Words::ours(|p| p.tls_presented, values)
    }
}

/// The parts of a name that tell whose it is. How a name prints itself would bring along a table of all attributes that
/// there are, which the loader would work through at every start.
fn whose(name: &Name) -> String {
    let parts = [("CN", name.common_name()), ("O", name.organization()), ("OU", name.organization_unit())];
    let said = parts.into_iter().filter_map(|(key, part)| Some(format!("{key}={}", part.ok()??.value())));
    let said: Vec<String> = said.collect();
    if said.is_empty() { "unnamed".to_owned() } else { line(&said.join(",")) }
}

/// A subject alternative name that a host can be called by.
fn name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(line(name.as_str())),
        GeneralName::IpAddress(octets) => match *octets.as_bytes() {
            [a, b, c, d] => Some(IpAddr::from([a, b, c, d]).to_string()),
            ref long => <[u8; 16]>::try_from(long).ok().map(|ip| IpAddr::from(ip).to_string()),
        },
        _ => None,
    }
}

/// What a stranger wrote, fit for one line of a message.
fn line(text: &str) -> String {
    crate::foreign::line(text, 200).into_owned()
}

/// A certificate that was not accepted, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFailure {
    /// The host that was asked.
    pub host: String,
    /// Why it was not accepted.
    pub why: Words,
    /// Which setting would accept it.
    pub cure: Words,
    /// What it showed, if it got as far as showing one.
    pub presented: Option<Presented>,
}

impl std::error::Error for TlsFailure {}

impl TlsFailure {
    /// The whole sentence.
    pub(super) fn words(&self) -> Words {
        let presented = self.presented.as_ref().map(Presented::words).unwrap_or_default();
        let values = [
            ("host", self.host.as_str().into()),
            ("why", self.why.clone()),
            ("presented", presented),
            ("cure", self.cure.clone()),
        ];
        Words::ours(|p| p.tls, values)
    }
}

impl fmt::Display for TlsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.words(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_with_and_without_colons_and_printed_as_the_gui_shows_it() {
        let plain = "0123456789abcdef".repeat(4);
        let fingerprint: Fingerprint = plain.parse().expect("hex");
        assert!(fingerprint.to_string().starts_with("01:23:45:67:89:AB:CD:EF:01"));
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        for wrong in ["", "AB:CD", &plain[1..], &plain.replace('f', "g"), "ü", &"é".repeat(32)] {
            assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_certificate_is_described_by_its_names_and_a_broken_one_by_its_fingerprint() {
        let names = ["pve1.example.org".to_owned(), "192.0.2.7".to_owned(), "2001:db8::1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names.clone()).expect("certificate");
        let der = made.cert.der();
        let presented = Presented::read(der);
        assert_eq!(presented.names, names);
        assert_eq!(presented.fingerprint, Fingerprint::of(der));
        assert!(presented.subject.starts_with("CN="), "{}", presented.subject);
        for cut in 0..der.len() {
            assert_eq!(Presented::read(&der[..cut]).subject, "unreadable");
        }
    }
}
