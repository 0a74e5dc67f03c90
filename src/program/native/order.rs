//! In which order items are done, and which in one loop.
//!
//! ```text
//! until all are done:
//!     single numbers that can be computed, and those that then can, form a list
//!     or else: what goes over as many numbers as the first that waits, is of its kin, and reads of its loop
//!         only what the same turn has just computed, forms a loop
//! ```
//!
//! In a loop what one item computes stays in a register for the next. Those are kin that meet so, at once
//! or in what is computed from them; others in one loop would only take registers from each other, and a loop
//! over another part of a long vector the nearest cache. What has just become ready comes first, while what it
//! reads is near. A list of single numbers is
//! ordered depth first, so that what is computed is soon read. Lists and loops follow each other in
//! functions of bounded size, since the time to allocate registers grows faster than a function.

use super::items::{Item, Items, NONE, Task};
use std::collections::VecDeque;

/// About how many instructions a function has.
const FUNCTION: usize = 1500;
/// The same of a program that is longer.
const PART: usize = 600;
/// The most items in one loop: more would not find registers.
const LOOP: usize = 48;

/// Loops over fewer numbers become one whether they are kin or not: to begin one takes as long.
const SHORT: u32 = 64;

/// About how many instructions a turn of a loop has.
const TURN: usize = 40;
/// A loop of fewer turns is written out.
const TURNS: u32 = 3;

/// How many pairs of numbers a turn of a loop of these items is of.
pub(super) fn pairs(list: &[u32]) -> u32 {
    ((TURN / list.len().max(1)) as u32).clamp(1, 4)
}

/// How many turns such a loop over so many numbers has; none if it is written out.
pub(super) fn turns(list: &[u32], len: u32) -> u32 {
    Some(len / (2 * pairs(list))).filter(|&turns| turns >= TURNS).unwrap_or(0)
}

/// Whether such a loop is written out, with its results in registers.
pub(super) fn is_written_out(items: &Items, list: &[u32]) -> bool {
    turns(list, items.list[list[0] as usize].len) == 0
}

/// A part of a function.
#[derive(Debug)]
pub(super) enum Segment {
    Singles(Vec<u32>),
    Loop(Vec<u32>),
    Sums(u32),
}

/// A part of a stage.
#[derive(Debug)]
pub(super) enum Part {
    /// What becomes one function.
    Code(Vec<Segment>),
    /// An item that the interpreter does.
    Interpret(u32),
}

/// Whether it is one function of single numbers alone.
pub(super) fn is_single(parts: &[Part]) -> bool {
    match parts {
        [Part::Code(segments)] => segments.iter().all(|part| matches!(part, Segment::Singles(_))),
        _ => false,
    }
}

/// Lists of numbers, one after the other.
struct Lists {
    ends: Vec<u32>,
    all: Vec<u32>,
}

impl Lists {
    fn of(&self, which: u32) -> &[u32] {
        let from = if which == 0 { 0 } else { self.ends[which as usize - 1] };
        &self.all[from as usize..self.ends[which as usize] as usize]
    }

    /// By number: which lists it is in.
    fn turned(&self) -> Lists {
        let mut ends = vec![0; self.ends.len()];
        self.all.iter().for_each(|&x| ends[x as usize] += 1);
        let mut end = 0;
        for count in &mut ends {
            end += *count;
            *count = end - *count;
        }
        let mut all = vec![0; self.all.len()];
        for which in 0..self.ends.len() as u32 {
            for &x in self.of(which) {
                let at = &mut ends[x as usize];
                all[*at as usize] = which;
                *at += 1;
            }
        }
        Lists { ends, all }
    }
}

/// The order in the making.
struct Order<'a> {
    items: &'a Items,
    needs: Lists,
    readers: Lists,
    /// By item: how many of those that it needs are not done.
    missing: Vec<u32>,
    /// By item: the loop that was last looked at for it, and how many it needs of that.
    joins: Vec<[u32; 2]>,
    /// By item: the first of its kin.
    kin: Vec<u32>,
    done: Vec<bool>,
    singles: Vec<u32>,
    others: VecDeque<u32>,
    segments: Vec<Segment>,
    size: usize,
    most: usize,
    parts: Vec<Part>,
}

/// All items in an order in which they can be done.
pub(super) fn order(items: &Items) -> Vec<Part> {
    let mut needs = Lists { ends: Vec::with_capacity(items.list.len()), all: Vec::new() };
    for item in &items.list {
        let from = needs.all.len();
        items.needs(item, |producer| needs.all.push(producer));
        needs.all[from..].sort_unstable();
        let mut to = from;
        for at in from..needs.all.len() {
            if at == from || needs.all[at] != needs.all[at - 1] {
                needs.all[to] = needs.all[at];
                to += 1;
            }
        }
        needs.all.truncate(to);
        needs.ends.push(to as u32);
    }
    let (readers, n) = (needs.turned(), items.list.len());
    let missing = (0..n as u32).map(|at| needs.of(at).len() as u32).collect();
    let mut order = Order {
        items,
        needs,
        readers,
        missing,
        joins: vec![[NONE, 0]; n],
        kin: kin(items),
        done: vec![false; n],
        singles: Vec::new(),
        others: VecDeque::new(),
        segments: Vec::new(),
        size: 0,
        most: if n > FUNCTION { PART } else { FUNCTION },
        parts: Vec::new(),
    };
    for at in (0..n as u32).rev() {
        if order.missing[at as usize] == 0 {
            order.ready(at);
        }
    }
    order.run();
    order.parts
}

impl Order<'_> {
    fn item(&self, at: u32) -> &Item {
        &self.items.list[at as usize]
    }

    fn run(&mut self) {
        loop {
            if !self.singles.is_empty() {
                self.list();
                continue;
            }
            let Some(at) = self.next() else { break };
            match self.item(at).task {
                Task::Interpret(_) => {
                    self.close();
                    self.parts.push(Part::Interpret(at));
                    self.finish(at);
                }
                Task::Neighbours(width) => {
                    self.add(Segment::Sums(at), 8 * width as usize);
                    self.finish(at);
                }
                _ => self.fused(at),
            }
        }
        self.close();
    }

    /// The next that is no single number: what the interpreter does comes when nothing else can be done.
    fn next(&mut self) -> Option<u32> {
        let interpreted = |&at: &u32| matches!(self.item(at).task, Task::Interpret(_));
        let found = self.others.iter().position(|at| !interpreted(at)).unwrap_or(0);
        self.others.remove(found)
    }

    fn ready(&mut self, at: u32) {
        let item = self.item(at);
        if item.is_single() && !matches!(item.task, Task::Interpret(_) | Task::Neighbours(_)) {
            self.singles.push(at);
        } else {
            self.others.push_front(at);
        }
    }

    /// What waited for an item may be ready.
    fn finish(&mut self, at: u32) {
        self.done[at as usize] = true;
        for k in 0..self.readers.of(at).len() {
            let reader = self.readers.of(at)[k];
            self.missing[reader as usize] -= 1;
            if self.missing[reader as usize] == 0 && !self.done[reader as usize] {
                self.ready(reader);
            }
        }
    }

    /// All single numbers that can be computed.
    fn list(&mut self) {
        let mut list = Vec::new();
        while let Some(at) = self.singles.pop() {
            list.push(at);
            self.finish(at);
        }
        list.sort_unstable();
        let mut rest = &self.depth_first(&list)[..];
        while !rest.is_empty() {
            let mut size = 0;
            let end = rest.iter().position(|&at| {
                size += 1 + self.items.operands(self.item(at)).len();
                self.size + size > self.most
            });
            let end = end.unwrap_or(rest.len()).max(1);
            let (now, later) = rest.split_at(end);
            self.add(Segment::Singles(now.to_vec()), size);
            rest = later;
        }
    }

    /// The same items, each as soon as what needs it is at hand.
    fn depth_first(&self, list: &[u32]) -> Vec<u32> {
        let among = |at: u32| list.binary_search(&at).ok();
        let mut seen = vec![false; list.len()];
        let mut found = Vec::with_capacity(list.len());
        let mut stack: Vec<(u32, usize)> = Vec::new();
        // What nothing of the list reads is begun with.
        let is_read = |at: u32| self.readers.of(at).iter().any(|&r| among(r).is_some());
        for &root in list.iter().filter(|&&at| !is_read(at)) {
            seen[among(root).unwrap_or(0)] = true;
            stack.push((root, 0));
            while let Some((at, next)) = stack.last_mut() {
                let Some(&need) = self.needs.of(*at).get(*next) else {
                    found.push(*at);
                    stack.pop();
                    continue;
                };
                *next += 1;
                if let Some(place) = among(need)
                    && !std::mem::replace(&mut seen[place], true)
                {
                    stack.push((need, 0));
                }
            }
        }
        found
    }

    /// A loop that begins with this item.
    fn fused(&mut self, first: u32) {
        let len = self.item(first).len;
        let mut list = vec![first];
        let mut also = VecDeque::new();
        std::mem::swap(&mut also, &mut self.others);
        also.retain(|&at| {
            let item = self.item(at);
            let is_near = len < SHORT || self.kin[at as usize] == self.kin[first as usize];
            let joins = item.len == len
                && is_near
                && matches!(item.task, Task::Compute(_) | Task::Entry(_))
                && list.len() < LOOP;
            if joins {
                list.push(at);
            }
            !joins
        });
        self.others = also;
        let mut next = 0;
        while next < list.len() {
            let at = list[next];
            next += 1;
            self.done[at as usize] = true;
            for k in 0..self.readers.of(at).len() {
                let reader = self.readers.of(at)[k];
                if !self.is_aligned(reader, at) || list.len() >= LOOP {
                    continue;
                }
                let [of, count] = &mut self.joins[reader as usize];
                if *of != first {
                    (*of, *count) = (first, 0);
                }
                *count += 1;
                if *count == self.missing[reader as usize] {
                    list.push(reader);
                }
            }
        }
        for &at in &list {
            self.finish(at);
        }
        let size = 6 * list.len();
        self.add(Segment::Loop(list), size);
    }

    /// Whether a reader could be in one loop with what it reads.
    fn is_aligned(&self, reader: u32, at: u32) -> bool {
        aligned(self.items, self.item(reader), self.item(at))
    }

    fn add(&mut self, segment: Segment, size: usize) {
        if self.size > 0 && self.size + size > self.most {
            self.close();
        }
        self.segments.push(segment);
        self.size += size;
    }

    /// Ends the function.
    fn close(&mut self) {
        self.size = 0;
        if !self.segments.is_empty() {
            self.parts.push(Part::Code(std::mem::take(&mut self.segments)));
        }
    }
}

/// By item: the first of those that could be in one loop with it if all came at once.
fn kin(items: &Items) -> Vec<u32> {
    fn first(of: &mut [u32], mut at: u32) -> u32 {
        while of[at as usize] != at {
            let next = of[of[at as usize] as usize];
            of[at as usize] = next;
            at = next;
        }
        at
    }
    let mut of: Vec<u32> = (0..items.list.len() as u32).collect();
    for (at, item) in (0..).zip(&items.list) {
        if item.len < SHORT {
            continue;
        }
        items.needs(item, |producer| {
            if aligned(items, item, &items.list[producer as usize]) {
                let ends = [at, producer].map(|end| first(&mut of, end));
                of[ends[0].max(ends[1]) as usize] = ends[0].min(ends[1]);
            }
        });
    }
    (0..of.len() as u32).map(|at| first(&mut of, at)).collect()
}

/// Whether `reader` reads of `item` in each turn what that computes in the same turn.
pub(super) fn aligned(items: &Items, reader: &Item, item: &Item) -> bool {
    if reader.len != item.len
        || item.is_single()
        || !matches!(item.task, Task::Compute(_))
        || !matches!(reader.task, Task::Compute(_) | Task::Entry(_))
    {
        return false;
    }
    let apart = |at: u32, len: u32| at + len <= item.out || item.out + item.len <= at;
    items.operands(reader).iter().all(|operand| {
        let aligned = operand.step == 1 && operand.at == item.out;
        aligned || apart(operand.at, (item.len - 1) * operand.step + 1)
    })
}
