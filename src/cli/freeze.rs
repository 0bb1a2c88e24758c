//! `proxmox-mcp freeze` and `proxmox-mcp thaw`: changes are kept back, or let through again, by a file.

use std::{fs, io, path::Path};

use proxmox_mcp::{
    clock, foreign,
    tools::{
        Tools,
        freeze::{self, Frozen},
    },
};

use super::{
    Failure, Output,
    setup::{self, FreezePlace, Rules},
};

/// Options of `freeze`.
#[derive(Debug, clap::Args)]
pub(super) struct FreezeArgs {
    /// Why, for whoever asks for a change meanwhile; a model reads it, too.
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

/// Freezes. Who froze before stays named.
///
/// # Errors
/// When the file cannot be made: then nothing is frozen by it.
pub(super) fn freeze(args: &FreezeArgs, rules: &Rules, out: &mut Output) -> Result<(), Failure> {
    let FreezePlace { file, named } = place(rules)?;
    let not = |why: &dyn std::fmt::Display| Failure::new(format!("nothing is frozen: {}: {why}", file.display()));
    // A folder that a person has named wrongly would freeze nobody; the user's own may not be there yet.
    if !named {
        freeze::own_folder(&file).map_err(|e| not(&e))?;
    }
    let why = args.why.as_deref().map(str::trim).filter(|why| !why.is_empty());
    let why = why.map(|why| foreign::cut(why, foreign::WORDS).into_owned());
    let frozen = Frozen { by: Some(who()), at: Some(clock::stamp(clock::now())), why };
    match freeze::write(&file, &frozen) {
        Ok(()) => {
            out.line(&format!("Changes are frozen by {}.", file.display()))?;
            out.line("Every server that goes by this file refuses them from its next one on; reading goes on.")?;
            out.line("What PVE has begun already goes on. `proxmox-mcp thaw` lifts it.")?;
            Ok(())
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            out.line(&format!("Changes are frozen already by {}. {}", file.display(), told(&file)))?;
            if args.why.is_some() {
                out.line("The new reason is not noted: thaw first, then freeze again.")?;
            }
            Ok(())
        }
        Err(e) => Err(not(&e)),
    }
}

/// Lets changes through again.
///
/// # Errors
/// When the file is there and cannot be removed: then changes stay frozen.
pub(super) fn thaw(rules: &Rules, out: &mut Output) -> Result<(), Failure> {
    let FreezePlace { file, .. } = place(rules)?;
    let before = told(&file);
    match fs::remove_file(&file) {
        Ok(()) => {
            out.line(&format!("Changes are let through again: {} is removed. {before}", file.display()))?;
            Ok(())
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            out.line(&format!("Nothing was frozen: there is no {}.", file.display()))?;
            Ok(())
        }
        Err(e) => Err(Failure::new(format!("changes stay frozen: {} cannot be removed: {e}", file.display()))),
    }
}

/// Has SIGUSR1 freeze this process until it ends; without this it would end it.
///
/// # Errors
/// When the system lets no handler be set.
#[cfg(unix)]
pub(super) fn on_signal(tools: Tools) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut frozen = signal(SignalKind::user_defined1())?;
    drop(tokio::spawn(async move {
        while frozen.recv().await.is_some() {
            tools.freeze();
        }
    }));
    Ok(())
}

/// Elsewhere there is no such signal.
#[cfg(not(unix))]
pub(super) fn on_signal(_: Tools) -> io::Result<()> {
    Ok(())
}

/// The file, as servers of this user and these settings find it.
fn place(rules: &Rules) -> Result<FreezePlace, Failure> {
    let given = setup::given()?;
    setup::freeze_file(&given, rules).ok_or_else(|| {
        Failure::usage("this user has no folder for state: say which file freezes the server, with --freeze-file")
    })
}

/// Who had frozen, when and why, as far as the file says.
fn told(file: &Path) -> String {
    match freeze::read(file) {
        Ok(Some(frozen)) => format!("It was frozen {frozen}"),
        Ok(None) => String::new(),
        Err(e) => format!("It cannot be read: {e}"),
    }
}

/// Who runs this, and where: of somebody who has become root, the one who was before.
fn who() -> String {
    let name = ["SUDO_USER", "USER", "LOGNAME", "USERNAME"].iter().filter_map(|name| std::env::var(name).ok());
    let name = name.map(|name| foreign::cut(name.trim(), foreign::NAME).into_owned()).find(|name| !name.is_empty());
    let host = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let host = host.map(|host| host.trim().to_owned()).or_else(|| std::env::var("COMPUTERNAME").ok());
    let name = name.unwrap_or_else(|| "an unnamed user".to_owned());
    host.filter(|host| !host.is_empty()).map_or_else(|| name.clone(), |host| format!("{name} on {host}"))
}
