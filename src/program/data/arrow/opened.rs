//! Whether a file is still the one that was opened: [`State`].

use std::fs::File;
use std::io;
use std::time::SystemTime;

/// How long a file is, and when it was written last, where the system tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct State {
    pub(super) len: u64,
    written: Option<SystemTime>,
}

impl State {
    pub(super) fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(State { len: metadata.len(), written: metadata.modified().ok() })
    }
}
