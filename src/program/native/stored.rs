//! Which results have to stand in memory.

use super::items::{Item, Items, NONE, Task};
use super::order::{Part, Segment, aligned};

/// By item: whether its results are read elsewhere than where they are computed; `kept` are places that
/// are read when all is done.
pub(super) fn stored(items: &Items, parts: &[Part], kept: &[u32]) -> Vec<bool> {
    let mut at = vec![[NONE; 2]; items.list.len()];
    let mut loops = 0;
    for (function, part) in (0..).zip(parts) {
        let Part::Code(segments) = part else { continue };
        for segment in segments {
            match segment {
                Segment::Singles(list) => {
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
            let by_register = if item.len == 1 {
                here[0] == there[0] && here[0] != NONE && reads_singly(items, reader, item)
            } else {
                *here == there && here[1] != NONE && aligned(items, reader, item)
            };
            stored[producer as usize] |= !by_register;
        });
    }
    stored
}

/// Whether a reader reads a single number by itself, not as one of a run.
fn reads_singly(items: &Items, reader: &Item, item: &Item) -> bool {
    let alone = |step: u32| step == 0 || reader.len == 1;
    !matches!(item.task, Task::Interpret(_) | Task::Neighbours(_))
        && !matches!(reader.task, Task::Interpret(_) | Task::Neighbours(_))
        && items.operands(reader).iter().all(|operand| {
            alone(operand.step) || !(operand.at..operand.at + reader.len).contains(&item.out)
        })
}
