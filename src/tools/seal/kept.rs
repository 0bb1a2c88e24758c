//! A random key that is kept in a file, for a server that has no secret to derive one from.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;

use super::random::NoRandom;
use crate::files;

/// Characters of the key in the file: 32 bytes in hexadecimal.
const LENGTH: usize = 64;
/// Most that is read of the file.
const MOST: u64 = 1024;

/// Why a kept key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// The file cannot be read or made.
    #[error("the key file {} cannot be used: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// It is not what this program writes.
    #[error("the key file {} holds no key: remove it, and a new one is made", .path.display())]
    Content {
        /// The file.
        path: PathBuf,
    },
    /// Somebody else could have read or written the key.
    #[error(
        "the key file {} can be used by others than this user, or is not this user's: remove it, and a new one is made",
        .path.display()
    )]
    Open {
        /// The file.
        path: PathBuf,
    },
    /// No key can be made.
    #[error(transparent)]
    Random(#[from] NoRandom),
}

/// The key of a file as text; a new one when there is no file.
pub(super) fn read_or_make(path: &Path, fill: fn(&mut [u8]) -> Result<(), NoRandom>) -> Result<String, KeptError> {
    let failed = |error: io::Error| KeptError::File { path: path.to_owned(), error };
    match fs::symlink_metadata(path) {
        Ok(_) => read(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(path, fill)?;
            read(path)
        }
        Err(error) => Err(failed(error)),
    }
}

fn read(path: &Path) -> Result<String, KeptError> {
    use io::Read as _;
    let failed = |error: io::Error| KeptError::File { path: path.to_owned(), error };
    let about = fs::symlink_metadata(path).map_err(failed)?;
    // A pipe would be waited for without end, and a link may lead to what others own.
    if !about.is_file() {
        return Err(failed(io::Error::other("it is not a plain file")));
    }
    let file = fs::File::open(path).map_err(failed)?;
    if !is_private(&file.metadata().map_err(failed)?) {
        return Err(KeptError::Open { path: path.to_owned() });
    }
    let mut text = String::new();
    file.take(MOST).read_to_string(&mut text).map_err(failed)?;
    let key = text.trim_end();
    if key.len() != LENGTH || !key.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(KeptError::Content { path: path.to_owned() });
    }
    Ok(key.to_owned())
}

/// Writes a new key beside the file and gives it the file's name, unless another process was first: nobody ever reads
/// half a key, and all agree on one.
fn make(path: &Path, fill: fn(&mut [u8]) -> Result<(), NoRandom>) -> Result<(), KeptError> {
    let failed = |error: io::Error| KeptError::File { path: path.to_owned(), error };
    let (mut key, mut name) = ([0; LENGTH / 2], [0; 8]);
    fill(&mut key)?;
    fill(&mut name)?;
    if let Some(folder) = path.parent() {
        files::private_folder(folder).map_err(failed)?;
    }
    let beside = path.with_extension(HEXLOWER.encode(&name));
    let written =
        write(&beside, &format!("{}\n", HEXLOWER.encode(&key))).and_then(|()| match fs::hard_link(&beside, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            // A file system without links; then the last one wins.
            Err(_) => fs::rename(&beside, path),
            linked => linked,
        });
    let _ = fs::remove_file(&beside);
    written.map_err(failed)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    use io::Write as _;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Whether a file is this user's, and nobody else can read or write it. Elsewhere than on Unix the user's own folder sees to
/// that.
#[cfg(unix)]
fn is_private(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    is_own(about.mode(), about.uid(), rustix::process::geteuid().as_raw())
}

/// One that another user owns was put there by that user, who knows what is in it.
#[cfg(unix)]
fn is_own(mode: u32, owner: u32, user: u32) -> bool {
    mode & 0o077 == 0 && owner == user
}

#[cfg(not(unix))]
fn is_private(_: &fs::Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ones(bytes: &mut [u8]) -> Result<(), NoRandom> {
        bytes.fill(1);
        Ok(())
    }

    fn none(_: &mut [u8]) -> Result<(), NoRandom> {
        Err(NoRandom)
    }

    fn others(_: &mut [u8]) -> Result<(), NoRandom> {
        panic!("the key that is there is used")
    }

    #[test]
    fn a_key_is_made_once_and_then_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/proxmox-mcp/seal.key");
        let made = read_or_make(&path, ones).unwrap();
        assert_eq!(made, "01".repeat(32));
        assert_eq!(read_or_make(&path, others).unwrap(), made);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
        // Another process was first: its key counts.
        make(&path, system).unwrap();
        assert_eq!(read_or_make(&path, others).unwrap(), made);
    }

    fn system(bytes: &mut [u8]) -> Result<(), NoRandom> {
        super::super::random::system_random(bytes)
    }

    #[test]
    fn without_random_numbers_no_key_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seal.key");
        assert!(matches!(read_or_make(&path, none), Err(KeptError::Random(NoRandom))));
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_or_that_holds_no_key_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seal.key");
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let made = read_or_make(&path, ones).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for open in [0o640, 0o604, 0o620, 0o666] {
            mode(open);
            let refused = read_or_make(&path, others).unwrap_err();
            assert!(matches!(refused, KeptError::Open { .. }), "{open:o}");
            assert!(!refused.to_string().contains(&made));
        }
        mode(0o600);
        // Only root can give a file away.
        if std::os::unix::fs::chown(&path, Some(1), None).is_ok() {
            assert!(matches!(read_or_make(&path, others), Err(KeptError::Open { .. })), "it is another user's");
            std::os::unix::fs::chown(&path, Some(0), None).unwrap();
        }
        assert!(is_own(0o100_600, 7, 7) && !is_own(0o100_600, 0, 7) && !is_own(0o100_640, 7, 7));
        for text in ["", "0101", &"g".repeat(64), &made.repeat(2)] {
            fs::write(&path, text).unwrap();
            assert!(matches!(read_or_make(&path, others), Err(KeptError::Content { .. })), "{text:?}");
        }
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        assert!(matches!(read_or_make(&path, others), Err(KeptError::File { .. })));
    }
}
