//! What seals codes and handles.

use proxmox_mcp::{
    client::Auth,
    config::Given,
    tools::seal::{KeptError, Key},
};

use super::{Failure, place::state_file, said};

/// What seals codes and handles, so that a code that one command prints can be given to the next: the key that was set;
/// without one what only this server and its replicas have, the secret of its token. A password is none of that: whoever
/// has one code could try passwords against it, so a random key is kept on disk instead.
///
/// # Errors
/// When the key that was set could be guessed, or others can use the one on disk.
pub(super) fn key(given: &Given, auth: &Auth) -> Result<Key, Failure> {
    if let Some(key) = chosen(given)? {
        return Ok(key);
    }
    if let Auth::Token(token) = auth {
        return Ok(Key::derived(&format!("{}\0{}", token.id, token.secret.reveal())));
    }
    let alone = |why: &dyn std::fmt::Display| {
        tracing::warn!("{why}; confirmation codes and task handles hold for this process alone, set PROXMOX_MCP_KEY");
        Key::process()
    };
    let Some(path) = state_file("seal.key") else { return Ok(alone(&"this user has no folder for state")) };
    match Key::kept(&path) {
        Ok(key) => Ok(key),
        Err(e @ KeptError::File { .. }) => Ok(alone(&e)),
        Err(e) => Err(said(e)),
    }
}

/// The key that was set.
///
/// # Errors
/// When it could be guessed.
pub(super) fn chosen(given: &Given) -> Result<Option<Key>, Failure> {
    let key = given.get("PROXMOX_MCP_KEY").map(Key::chosen).transpose();
    key.map_err(|e| Failure::new(format!("PROXMOX_MCP_KEY is refused: {e}")))
}
