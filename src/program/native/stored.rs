//! Which results have to stand in memory.

use super::items::{Item, Items, NONE, Task};
use super::order::{Part, Segment, aligned, is_written_out};
use std::collections::HashMap;

/// After so many arguments a single number is read from memory, where it can be, rather than held in a
/// register: others need that, and an argument in memory costs no instruction.
pub(super) const HELD: u32 = 32;

/// By item: whether its results are read elsewhere than where they are computed; `kept` are places that
/// are read when all is done.
pub(super) fn stored(items: &Items, parts: &[Part], kept: &[u32]) -> Vec<bool> {
    // By item: its function, and the loop in it; a loop that is written out is none.
    let mut at = vec![[NONE; 2]; items.list.len()];
    let mut loops = 0;
    for (function, part) in (0..).zip(parts) {
        let Part::Code(segments) = part else { continue };
        for segment in segments {
            match segment {
                Segment::Singles(list) => {
                    list.iter().for_each(|&item| at[item as usize] = [function, NONE]);
                }
                Segment::Loop(list) if is_written_out(items, list) => {
                    list.iter().for_each(|&item| at[item as usize] = [function, NONE]);
                }
                Segment::Loop(list) => {
                    list.iter().for_each(|&item| at[item as usize] = [function, loops]);
                    loops += 1;
                }
                Segment::Sums(item) => at[*item as usize] = [function, NONE],
            }
        }
    }
    let mut stored = vec![false; items.list.len()];
    for &place in kept {
        if items.producer[place as usize] != NONE {
            stored[items.producer[place as usize] as usize] = true;
        }
    }
    for (reader, here) in items.list.iter().zip(&at) {
        items.needs(reader, |producer| {
            let (item, there) = (&items.list[producer as usize], at[producer as usize]);
            let here_too = here[0] == there[0] && here[0] != NONE;
            let by_register = match there[1] {
                NONE => {
                    here_too && here[1] == NONE && by_name(reader) && by_name(item)
                        || here_too && item.len == 1 && reads_singly(items, reader, item)
                }
                _ => *here == there && aligned(items, reader, item),
            };
            stored[producer as usize] |= !by_register;
        });
    }
    for part in parts {
        if let Part::Code(segments) = part {
            far(items, segments, &mut stored);
        }
    }
    stored
}

/// Notes single numbers that are read long after they were last at hand.
fn far(items: &Items, segments: &[Segment], stored: &mut [bool]) {
    let mut last: HashMap<u32, u32> = HashMap::new();
    let mut clock = 0;
    for segment in segments {
        let Segment::Singles(list) = segment else { continue };
        for &at in list {
            let item = &items.list[at as usize];
            clock += items.operands(item).len() as u32;
            for place in items.places(item) {
                if let Some(last) = last.get_mut(&place) {
                    if clock - *last >= HELD {
                        stored[items.producer[place as usize] as usize] = true;
                    }
                    *last = clock;
                }
            }
            if item.len == 1 && matches!(item.task, Task::Compute(_) | Task::Call(_)) {
                last.insert(item.out, clock);
            }
        }
    }
}

/// Whether it works on numbers by their places, of which any may be in a register.
fn by_name(item: &Item) -> bool {
    !matches!(item.task, Task::Interpret(_) | Task::Neighbours(_))
}

/// Whether a reader reads a single number by itself, not as one of several.
fn reads_singly(items: &Items, reader: &Item, item: &Item) -> bool {
    !matches!(item.task, Task::Interpret(_) | Task::Neighbours(_))
        && !matches!(reader.task, Task::Interpret(_) | Task::Neighbours(_))
        && items.reads(reader).all(|(count, operand)| {
            count == 1 || !(operand.at..=operand.of(count - 1)).contains(&item.out)
        })
}
