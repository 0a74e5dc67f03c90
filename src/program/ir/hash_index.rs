//! Finding a node by what it is.

use crate::program::ir::hash::Mixed;
use std::hash::{BuildHasher, Hash};

/// Places in a list, found by the hash of what stands there.
///
/// A table with as many slots as a power of two. A slot holds the upper half of a hash and, in its
/// lower half, the place + 1; an empty one is 0. What belongs to a slot that is taken goes to the
/// next free one. The table is at most half full, and since the slots know the hashes, it grows
/// without a look at the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct HashIndex {
    slots: Vec<u64>,
    len: usize,
}

impl HashIndex {
    const LEAST: usize = 64;

    /// The half of the hash that the table works with, in its place.
    #[inline]
    pub(crate) fn hash(key: &impl Hash) -> u64 {
        Mixed::default().hash_one(key) >> 32 << 32
    }

    /// The slot where the search for a hash begins.
    #[inline]
    fn begin(slots: usize, hash: u64) -> usize {
        (hash >> (64 - slots.trailing_zeros())) as usize
    }

    /// The place of what has this hash and of which `is` holds.
    #[inline]
    pub(crate) fn find(&self, hash: u64, is: impl Fn(usize) -> bool) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let mut at = Self::begin(self.slots.len(), hash);
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return None;
            }
            let place = (slot as u32 - 1) as usize;
            if slot >> 32 << 32 == hash && is(place) {
                return Some(place);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// Adds what is not there yet.
    pub(crate) fn insert(&mut self, hash: u64, place: usize) {
        self.reserve(1);
        Self::put(&mut self.slots, hash | (place as u64 + 1));
        self.len += 1;
    }

    /// Makes room for so many more.
    pub(crate) fn reserve(&mut self, more: usize) {
        let needed = (2 * (self.len + more)).next_power_of_two().max(Self::LEAST);
        if needed > self.slots.len() {
            let mut slots = vec![0; needed];
            for &slot in self.slots.iter().filter(|&&slot| slot != 0) {
                Self::put(&mut slots, slot);
            }
            self.slots = slots;
        }
    }

    fn put(slots: &mut [u64], slot: u64) {
        let mut at = Self::begin(slots.len(), slot);
        while slots[at] != 0 {
            at = (at + 1) & (slots.len() - 1);
        }
        slots[at] = slot;
    }
}
