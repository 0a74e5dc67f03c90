//! The entries other than 0 of a long list that has few.

/// So many zeros are passed at once.
const BLOCK: usize = 16;

/// Whether all are 0, of either sign; without a branch.
#[inline]
fn are_zero(block: &[f64]) -> bool {
    block.iter().fold(0, |bits, x| bits | (x.to_bits() << 1)) == 0
}

/// The place of the first entry other than 0, from a place on.
#[inline]
pub(super) fn first(entries: &[f64], mut from: usize) -> Option<usize> {
    while from < entries.len() {
        if entries[from] != 0.0 {
            return Some(from);
        }
        from += 1;
        while from.is_multiple_of(BLOCK)
            && from + BLOCK <= entries.len()
            && are_zero(&entries[from..from + BLOCK])
        {
            from += BLOCK;
        }
    }
    None
}

/// The place of the last entry other than 0, before a place.
#[inline]
pub(super) fn last(entries: &[f64], mut before: usize) -> Option<usize> {
    while before > 0 {
        while before.is_multiple_of(BLOCK)
            && before >= BLOCK
            && are_zero(&entries[before - BLOCK..before])
        {
            before -= BLOCK;
        }
        before = before.checked_sub(1)?;
        if entries[before] != 0.0 {
            return Some(before);
        }
    }
    None
}

/// The entries other than 0, with their places.
#[inline]
pub(super) fn others(entries: &[f64]) -> impl Iterator<Item = (usize, f64)> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = first(entries, from)?;
        from = at + 1;
        Some((at, entries[at]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_passed_over() {
        for len in 0..70_usize {
            for step in 1..len + 2 {
                let places: Vec<usize> =
                    (0..len).filter(|i| (i + 1).is_multiple_of(step)).collect();
                let mut entries = vec![0.0; len];
                entries.iter_mut().step_by(3).for_each(|x| *x = -0.0);
                places.iter().for_each(|&i| entries[i] = -1.0);
                let found: Vec<usize> = others(&entries).map(|(at, _)| at).collect();
                assert_eq!(found, places);
                let mut before = len;
                for &place in places.iter().rev() {
                    assert_eq!(last(&entries, before), Some(place));
                    before = place;
                }
                assert_eq!(last(&entries, before), None);
            }
        }
    }
}
