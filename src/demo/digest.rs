//! Digests as long as the SHA-1 that a real host gives.

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// 40 hex digits that change with what they are of.
pub(super) fn digest(of: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(of)[..20])
}
