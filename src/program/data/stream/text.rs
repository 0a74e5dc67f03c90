//! The bytes of a text as they are wanted: without interruptions, and without a mark before them.

use std::io::{self, ErrorKind, Read};

/// What may stand before a text in UTF-8: U+FEFF, the byte order mark.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// A source of text, which goes on where a signal interrupted it. A mark at the beginning is left out, however few
/// bytes come at a time.
#[derive(Debug)]
pub(super) struct Text<R> {
    source: R,
    /// What was read of the beginning and not handed out.
    beginning: Vec<u8>,
    /// Whether it is known if there is a mark.
    begun: bool,
}

impl<R: Read> Text<R> {
    pub(super) fn new(source: R) -> Self {
        Text { source, beginning: Vec::new(), begun: false }
    }

    /// Reads what could be a mark, up to the first byte that belongs to none.
    fn begin(&mut self) -> io::Result<()> {
        while !self.begun {
            let mut byte = [0];
            let ended = uninterrupted(&mut self.source, &mut byte)? == 0;
            if !ended {
                self.beginning.extend(byte);
            }
            if self.beginning == MARK {
                self.beginning.clear();
                self.begun = true;
            }
            self.begun |= ended || !MARK.starts_with(&self.beginning);
        }
        Ok(())
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.begin()?;
        if self.beginning.is_empty() {
            return uninterrupted(&mut self.source, to);
        }
        let given = self.beginning.as_slice().read(to)?;
        self.beginning.drain(..given);
        Ok(given)
    }
}

/// Reads as often as it is interrupted.
fn uninterrupted(source: &mut impl Read, to: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(to) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// The beginning of a text, for a message.
pub(super) fn shown(text: &[u8]) -> String {
    const MOST: usize = 60;
    match text.get(..MOST) {
        None => String::from_utf8_lossy(text).into_owned(),
        Some(beginning) => String::from_utf8_lossy(beginning).into_owned() + "…",
    }
}
