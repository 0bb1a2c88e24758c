//! Files that an operator names, and the folder for those that this program keeps.

use std::{fs::File, io, io::Read, path::Path};

/// Reads a regular file of at most `max` bytes. What is none (a pipe, a device) is not opened: that alone may wait for
/// ever, and a server reads such files again while it serves.
///
/// # Errors
/// When it is none, is greater, or cannot be read.
pub(crate) fn read(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    let odd = |what: String| io::Error::new(io::ErrorKind::InvalidInput, what);
    if !std::fs::metadata(path)?.is_file() {
        return Err(odd("it is not a regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max { Err(odd(format!("it has more than {max} bytes"))) } else { Ok(bytes) }
}

/// As [`read`], as text.
///
/// # Errors
/// As [`read`], and when it is not UTF-8.
pub(crate) fn read_text(path: &Path, max: u64) -> io::Result<String> {
    String::from_utf8(read(path, max)?).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

/// Makes a folder, and those above it, for this user alone; one that is there stays as it is.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
