//! Files that are whole or not there: written beside, and moved into place.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a file so that whatever happens it is the old one or the new one.
///
/// ```text
/// write path.part; flush it to the disk
/// rename it to path: one step, for whoever looks
/// flush the directory, so that the name lasts too
/// ```
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = beside(path);
    let mut file = File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&part, path)?;
    // Elsewhere a directory cannot be opened.
    #[cfg(unix)]
    File::open(directory(path))?.sync_all()?;
    Ok(())
}

/// Whether a file can be written there, before there is anything to write.
pub(crate) fn probe(path: &Path) -> io::Result<()> {
    let part = beside(path);
    File::create(&part)?;
    fs::remove_file(&part)
}

/// The file while it is written.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

#[cfg(unix)]
fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
