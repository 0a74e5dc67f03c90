//! The statements that a variable's pending edges lead to: none, one or two, in one word.

use super::StatementId;

/// Up to two places. Slot 0 is the low half and slot 1 the high half. A half that is not in use is 0; in
/// one that is, a bit says so, the next that the statement is no leaf, and the lower ones are the place.
/// So the compiler, which sees how a variable was made, knows which slots are in use. The sign of the
/// word says that the number is the statement in slot 0 itself; what is computed from it is without it.
/// In a link it says that the statement before the link's own is a parent besides.
///
/// Slot 1 is in use only if slot 0 is, and names another statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(in crate::tape) struct Parents(u64);

/// How two sets of parents go together: none empty, or both.
pub(in crate::tape) enum Join {
    /// They are the same.
    Same,
    /// Two single ones make a pair.
    Pair(Parents),
    /// The second is single and stands in this slot of the first.
    Covers(u8),
    /// The first is single and stands in this slot of the second.
    Covered(u8),
    /// The same pair the other way round.
    Crossed,
    /// Together they are more than two.
    Wide,
}

const USED: u32 = 1 << 30;
const INTERIOR: u32 = 1 << 29;
/// The bits of a place.
const PLACE: u32 = INTERIOR - 1;
const _: () = assert!(PLACE + 1 == StatementId::END);
/// The bits of a half.
const HALF: u32 = USED | INTERIOR | PLACE;
const ITSELF: u64 = 1 << 63;

impl Parents {
    pub(in crate::tape) const NONE: Parents = Parents(0);

    /// A variable of the tape.
    #[inline(always)]
    pub(in crate::tape) fn leaf(index: StatementId) -> Self {
        Parents(u64::from(index.0 & PLACE | USED) | ITSELF)
    }

    /// The result of an operation.
    #[inline(always)]
    pub(in crate::tape) fn interior(index: StatementId) -> Self {
        Parents(u64::from(index.0 & PLACE | USED | INTERIOR) | ITSELF)
    }

    /// The word itself.
    #[inline(always)]
    pub(in crate::tape) fn bits(self) -> u64 {
        self.0
    }

    /// Those of a number computed from this one.
    #[inline(always)]
    pub(in crate::tape) fn derived(self) -> Self {
        Parents(self.0 & !ITSELF)
    }

    /// Those of which these are the bits, whether or not they are a statement itself.
    #[inline(always)]
    pub(in crate::tape) fn derived_bits(bits: u64) -> u64 {
        Parents(bits).derived().bits()
    }

    /// Whether the number is a statement itself.
    #[inline(always)]
    pub(in crate::tape) fn is_itself(self) -> bool {
        (self.0 as i64) < 0
    }

    /// Whether there is at most one.
    #[inline(always)]
    pub(in crate::tape) fn is_single(self) -> bool {
        self.0 << 1 >> 33 == 0
    }

    /// Whether one of them is no leaf.
    #[inline(always)]
    pub(in crate::tape) fn any_interior(self) -> bool {
        self.0 & (u64::from(INTERIOR) << 32 | u64::from(INTERIOR)) != 0
    }

    /// One half: 0 if the slot is not in use.
    #[inline(always)]
    pub(in crate::tape) fn slot(self, lane: usize) -> u32 {
        (self.derived().0 >> (32 * lane)) as u32
    }

    /// The place in a slot that is in use.
    #[inline(always)]
    pub(in crate::tape) fn place(self, lane: usize) -> StatementId {
        Self::place_in(self.slot(lane))
    }

    /// The place in a slot's half, which is in use.
    #[inline(always)]
    pub(in crate::tape) fn place_in(half: u32) -> StatementId {
        StatementId(half & PLACE)
    }

    /// The place after all in use.
    #[inline(always)]
    pub(in crate::tape) fn after(self) -> StatementId {
        let end = |half: u32| if half == 0 { 0 } else { Self::place_in(half).0 + 1 };
        StatementId(end(self.slot(0)).max(end(self.slot(1))))
    }

    /// The places in use.
    #[inline(always)]
    pub(in crate::tape) fn iter(self) -> impl Iterator<Item = StatementId> + Clone {
        (0..2).take_while(move |&lane| self.slot(lane) != 0).map(move |lane| self.place(lane))
    }

    /// Two different single ones as a pair, derived. Neither may be empty.
    #[inline(always)]
    pub(in crate::tape) fn pair(self, other: Parents) -> Option<Parents> {
        match self.join(other) {
            Join::Pair(pair) => Some(pair),
            _ => None,
        }
    }

    /// The first, as a single one.
    #[inline(always)]
    fn first(self) -> Self {
        Parents(u64::from(self.0 as u32))
    }

    /// The second, as a single one.
    #[inline(always)]
    pub(in crate::tape) fn second(self) -> Self {
        Parents(self.derived().0 >> 32)
    }

    /// Two derived single ones, whether or not they are different.
    #[inline(always)]
    pub(in crate::tape) fn followed_by(self, other: Parents) -> Self {
        Parents(self.0 | other.0 << 32)
    }

    /// Those of a link, which are derived, and the statement before the link's own, by a partial of 1.
    #[inline(always)]
    pub(in crate::tape) fn onto_previous(self) -> Self {
        Parents(self.0 | ITSELF)
    }

    /// Whether a link has an edge to the statement before its own.
    #[inline(always)]
    pub(in crate::tape) fn are_onto_previous(self) -> bool {
        self.is_itself()
    }

    /// See [`Join`].
    ///
    /// As a tree of plain comparisons, each made once, of which the common cases are near the root.
    #[inline(always)]
    pub(in crate::tape) fn join(self, other: Parents) -> Join {
        let (a, b) = (self.0, other.0);
        let [first, others_first] = [a as u32, b as u32];
        if first != others_first {
            if Parents(a | b).is_single() {
                // Masked, so that the compiler knows the pair to be derived.
                Join::Pair(Parents(u64::from(first) | u64::from(others_first & HALF) << 32))
            } else if self.is_single() {
                if other.second() == self.first() { Join::Covered(1) } else { Join::Wide }
            } else if other.is_single() {
                if self.second() == other.first() { Join::Covers(1) } else { Join::Wide }
            } else if self.first() == other.second() && self.second() == other.first() {
                Join::Crossed
            } else {
                Join::Wide
            }
        } else if (a ^ b) << 1 == 0 {
            Join::Same
        } else if other.is_single() {
            Join::Covers(0)
        } else if self.is_single() {
            Join::Covered(0)
        } else {
            Join::Wide
        }
    }
}
