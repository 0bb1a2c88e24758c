//! TLS of the HTTP door: certificate and key from PEM files, read again on request.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
};

/// Why TLS cannot be served. No message holds key material.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}: {error}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file holds no PEM block of the kind that is wanted.
    #[error("{} holds no {wanted} in PEM form", .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// `certificate` or `private key`.
        wanted: &'static str,
    },
    /// Certificate and key do not fit together, or cannot be used.
    #[error("the certificate in {} and the key in {} cannot be used together: {what}", .cert.display(), .key.display())]
    Pair {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What rustls said.
        what: String,
    },
}

/// Certificate and key in use.
#[derive(Debug)]
pub struct Identity {
    cert: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<ServerConfig>>,
}

/// Greatest file that is read, in bytes.
const FILE_MAX: u64 = 1 << 20;

impl Identity {
    /// Reads both files.
    ///
    /// # Errors
    /// When one cannot be read or both do not fit together.
    pub fn read(cert: &Path, key: &Path) -> Result<Self, TlsError> {
        let current = RwLock::new(Arc::new(load(cert, key)?));
        Ok(Self { cert: cert.to_owned(), key: key.to_owned(), current })
    }

    /// Reads both files again, for connections to come. The old ones stay in use when that fails.
    ///
    /// # Errors
    /// As [`Identity::read`].
    pub fn reload(&self) -> Result<(), TlsError> {
        let fresh = Arc::new(load(&self.cert, &self.key)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// What a new connection is served with.
    pub fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn load(cert: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let file = |path: &Path| {
        crate::files::read(path, FILE_MAX).map_err(|error| TlsError::Read { path: path.to_owned(), error })
    };
    let chain = CertificateDer::pem_slice_iter(&file(cert)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| unreadable(cert, "certificate", e))?;
    if chain.is_empty() {
        return Err(TlsError::Empty { path: cert.to_owned(), wanted: "certificate" });
    }
    let secret = PrivateKeyDer::from_pem_slice(&file(key)?).map_err(|e| unreadable(key, "private key", e))?;
    let pair = |e: rustls::Error| TlsError::Pair { cert: cert.into(), key: key.into(), what: e.to_string() };
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(pair)?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn unreadable(path: &Path, wanted: &'static str, error: pem::Error) -> TlsError {
    match error {
        pem::Error::Io(error) => TlsError::Read { path: path.to_owned(), error },
        _ => TlsError::Empty { path: path.to_owned(), wanted },
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn pair() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn each_thing_that_can_be_wrong_is_named() {
        let folder = tempfile::tempdir().expect("folder");
        let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        let says = |text: &str| {
            let error = Identity::read(&cert, &key).expect_err("is refused").to_string();
            assert!(error.contains(text), "{error:?} does not say {text:?}");
        };
        says("cannot read");
        let (good_cert, good_key) = pair();
        fs::write(&cert, "hello").expect("written");
        says("holds no certificate");
        fs::write(&cert, &good_cert).expect("written");
        fs::write(&key, &good_cert).expect("written");
        says("holds no private key");
        fs::write(&key, pair().1).expect("written");
        says("cannot be used together");
        fs::write(&key, good_key).expect("written");
        let identity = Identity::read(&cert, &key).expect("a pair");
        let before = identity.config();
        fs::write(&key, "").expect("written");
        assert!(identity.reload().is_err());
        assert!(Arc::ptr_eq(&before, &identity.config()), "a failed reload keeps what works");
    }
}
