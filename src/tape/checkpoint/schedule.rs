//! Which states are kept, and which steps are computed again: the binomial schedule.

use crate::Real;
use std::ops::Range;

/// Steps in groups, of which each is gone back over once, the last first.
pub(crate) trait Legs<F> {
    /// The state behind these groups, in the place of that before them.
    fn advance(&mut self, groups: Range<usize>, state: &mut [F]);

    /// Goes back over a group, from the state before it.
    #[track_caller]
    fn go_back(&mut self, group: usize, state: &[F]);
}

/// Goes through so many groups, at least one, and back, with so many states kept besides the first; the bytes
/// that they took.
#[track_caller]
pub(crate) fn reverse<F: Real>(
    groups: usize,
    checkpoints: usize,
    state: &[F],
    legs: &mut impl Legs<F>,
) -> usize {
    let most = groups.min(checkpoints.saturating_add(1));
    let (mut firsts, mut states) = (Vec::with_capacity(most), Vec::new());
    states.reserve_exact(most.saturating_mul(state.len()));
    firsts.push(0);
    states.extend_from_slice(state);
    let (mut now, mut end) = (state.to_vec(), groups);
    while let Some(&first) = firsts.last() {
        let kept = states.len() - now.len();
        now.copy_from_slice(&states[kept..]);
        let free = checkpoints - (firsts.len() - 1);
        if end - first == 1 {
            legs.go_back(first, &now);
            end = first;
            firsts.pop();
            states.truncate(kept);
        } else if free == 0 {
            end -= 1;
            legs.advance(first..end, &mut now);
            legs.go_back(end, &now);
        } else {
            let middle = first + split(end - first, free);
            legs.advance(first..middle, &mut now);
            firsts.push(middle);
            states.extend_from_slice(&now);
        }
    }
    size_of::<usize>() * firsts.capacity() + size_of::<F>() * (states.capacity() + now.capacity())
}

/// How many of these groups lie before the next state that is kept, of which `free` may be.
///
/// `reach(c, r) = (c+r)! / (c! r!)` groups can be gone back over with `c` states, the first among them, and
/// at most `r` more computations of each. With the least `r` that is enough, the groups before the state can
/// be gone back over with one computation fewer, and those behind it with one state fewer: `reach(c, r-1)` and
/// `reach(c-1, r)`, whose sum is `reach(c, r)`. Of the ways to fill these up, all are as good that leave at
/// least `reach(c-1, r-1)` groups behind it.
fn split(groups: usize, free: usize) -> usize {
    // A state for each group.
    if groups <= free + 1 {
        return 1;
    }
    let (states, groups) = (free as u128 + 1, groups as u128);
    let (mut reach, mut before, mut times) = (1, 0, 0);
    while reach < groups {
        times += 1;
        (before, reach) = (reach, reach * (states + times) / times);
    }
    // reach(c-1, r-1) = reach(c, r-1) c / (c + r - 1)
    let behind = before * states / (states + times - 1).max(1);
    before.min(groups.saturating_sub(behind)).clamp(1, groups - 1) as usize
}
