//! How the pages of a Parquet file are read: [`Pages`].
//!
//! Of a file alone, the crate `parquet` takes new memory for each page, and asks the system for another handle of the file
//! and for eight kilobytes to read the few bytes that stand before a page. Here the memory of a page is that of one that is
//! no longer needed. To read and decode numbers that are not compressed takes four fifths of the time so.

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::mem::take;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A file by its pages.
pub(super) struct Pages {
    file: Arc<Mutex<File>>,
    len: u64,
    room: Arc<Room>,
}

/// The memory of pages that are no longer needed.
type Room = Mutex<Vec<Vec<u8>>>;

/// So many pages are kept as room for others: more than most files have columns.
const MOST: usize = 64;

/// Holds what a panic elsewhere may have left: each use begins anew.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pages {
    /// Those of a file that is so long.
    pub(super) fn new(file: File, len: u64) -> Self {
        Pages { file: Arc::new(Mutex::new(file)), len, room: Arc::default() }
    }
}

impl Length for Pages {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for Pages {
    type T = Beginning;

    fn get_read(&self, start: u64) -> Result<Beginning> {
        let (file, buffer) = (Arc::clone(&self.file), [0; Beginning::SIZE]);
        Ok(Beginning { file, at: start, buffer, read: 0..0 })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let eof = |found: u64| {
            ParquetError::EOF(format!("{length} bytes at {start} were expected, found {found}"))
        };
        let rest = self.len.saturating_sub(start);
        if rest < length as u64 {
            return Err(eof(rest));
        }
        let mut bytes = lock(&self.room).pop().unwrap_or_default();
        // Only what is longer than the page before is filled with zeros.
        bytes.reserve_exact(length.saturating_sub(bytes.len()));
        bytes.resize(length, 0);
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(start))?;
        let mut found = 0;
        while found < length {
            match file.read(&mut bytes[found..]) {
                Ok(0) => return Err(eof(found as u64)),
                Ok(more) => found += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Bytes::from_owner(Page { bytes, room: Arc::clone(&self.room) }))
    }
}

/// A page, whose memory is room for others when it is dropped.
struct Page {
    bytes: Vec<u8>,
    room: Arc<Room>,
}

impl AsRef<[u8]> for Page {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let mut room = lock(&self.room);
        if room.len() < MOST {
            room.push(take(&mut self.bytes));
        }
    }
}

/// What stands before a page: as much as is asked for, some bytes at a time.
pub(super) struct Beginning {
    file: Arc<Mutex<File>>,
    /// Where what follows the buffer is.
    at: u64,
    buffer: [u8; Self::SIZE],
    /// What of the buffer was read and not given yet.
    read: std::ops::Range<usize>,
}

impl Beginning {
    /// Longer than most, without statistics of texts.
    const SIZE: usize = 256;
}

impl Read for Beginning {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.read.is_empty() {
            let mut file = lock(&self.file);
            file.seek(SeekFrom::Start(self.at))?;
            let found = file.read(&mut self.buffer)?;
            self.at += found as u64;
            self.read = 0..found;
        }
        let len = to.len().min(self.read.len());
        to[..len].copy_from_slice(&self.buffer[self.read.start..][..len]);
        self.read.start += len;
        Ok(len)
    }
}
