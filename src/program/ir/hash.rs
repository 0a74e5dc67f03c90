//! A quick hash for tables of nodes.
//!
//! The keys are made by the program itself, so nothing has to be proof against chosen keys.

use std::hash::{BuildHasherDefault, Hasher};

/// Makes [`Mixer`]s.
pub(crate) type Mixed = BuildHasherDefault<Mixer>;

/// Multiplies each word into the state, and folds the high half of the product onto the low one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Mixer(u64);

impl Mixer {
    #[inline(always)]
    fn word(&mut self, word: u64) {
        // The digits of π: odd, and without a pattern.
        let product = u128::from(self.0 ^ word ^ 0x243f_6a88_85a3_08d3) * 0x1319_8a2e_0370_7345;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }
}

impl Hasher for Mixer {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.word(u64::from_le_bytes(word));
        }
    }
    #[inline]
    fn write_u8(&mut self, x: u8) {
        self.word(x.into());
    }
    #[inline]
    fn write_u32(&mut self, x: u32) {
        self.word(x.into());
    }
    #[inline]
    fn write_u64(&mut self, x: u64) {
        self.word(x);
    }
    #[inline]
    fn write_usize(&mut self, x: usize) {
        self.word(x as u64);
    }
    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
