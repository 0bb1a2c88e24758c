//! Where this user's state is kept.

use std::path::PathBuf;

/// A file in the folder for state: the one that systemd gives, else the user's.
pub(super) fn state_file(name: &str) -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    // Of systemd, which may name several.
    let given = std::env::var("STATE_DIRECTORY").ok();
    let given = given.as_deref().and_then(|all| all.split(':').next()).filter(|first| !first.is_empty());
    let own = || folder("XDG_STATE_HOME").or_else(|| folder("HOME").map(|home| home.join(".local").join("state")));
    let state = given.map(PathBuf::from);
    let ours = || own().or_else(|| folder("LOCALAPPDATA")).map(|folder| folder.join("proxmox-mcp"));
    state.or_else(ours).map(|folder| folder.join(name))
}
