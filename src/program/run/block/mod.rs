//! The block interpreter: the steps of a pass over the rows, block by block.
//!
//! Rows come in segments of [`Pass::segment`], counted from the first. Within a segment each reduction
//! keeps its lanes; at the end they become one number, and the segments' numbers are added as a tree
//! (see [`crate::program::run::reduce`]). So the order of all additions follows from the number of rows and the
//! program alone. Where one block is all of a segment, as in a pass over few rows, the lanes never leave the
//! nearest cache.
//!
//! A product of an adjoint and a partial is NaN where the adjoint is 0 and the partial infinite; it
//! should be 0. That is rare, so the rows are computed with plain products first; if a NaN comes
//! out, they are computed once more with care. Where such products are compared, a NaN may not come out:
//! those rows are computed with care at once.

mod partial;
mod products;
mod sums;

pub(crate) use partial::PartialSums;

use crate::op::vector::level::Level;
use crate::program::data::columns::Columns;
use crate::program::ir::operation::Reduction;
use crate::program::kernel::{self, Arg, Common, LANES, MOMENTS, Start, UNITS};
use crate::program::plan::pass::{Asked, Instruction, Pass, Source};
use crate::program::run::block::sums::{Room, Sums};
use crate::program::run::finite;
use crate::program::{Guard, RunError};
use smallvec::SmallVec;
use std::ops::Range;

/// The registers of one thread, and what a block may be long.
#[derive(Debug)]
pub(crate) struct Machine {
    level: Level,
    length: usize,
    registers: Vec<Register>,
    /// Where columns that do not lie in memory as `f64` are put.
    scratch: Vec<Register>,
    /// For what the rows of a layer are multiplied with.
    factors: Vec<f64>,
    /// For the lanes of sums that are computed together.
    room: Box<Room>,
    /// The state before the rows that are being computed.
    before: Option<PartialSums>,
}

/// A number for each row of a block, aligned to a cache line.
#[derive(Debug, Default)]
struct Register {
    memory: Vec<f64>,
    from: usize,
}

impl Register {
    const ALIGNMENT: usize = 64;

    fn new(length: usize) -> Self {
        let memory = vec![0.0; length + Self::ALIGNMENT / size_of::<f64>()];
        let from = memory.as_ptr().align_offset(Self::ALIGNMENT).min(memory.len() - length);
        Register { memory, from }
    }

    fn rows(&self, n: usize) -> &[f64] {
        &self.memory[self.from..self.from + n]
    }

    fn rows_mut(&mut self, n: usize) -> &mut [f64] {
        &mut self.memory[self.from..self.from + n]
    }
}

/// What a pass reads beside the rows.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'a> {
    pub(crate) pass: &'a Pass,
    pub(crate) numbers: &'a [f64],
    pub(crate) parameters: &'a [f64],
    pub(crate) guards: &'a [Guard],
    /// Whether numbers that are not finite are refused.
    pub(crate) finite: bool,
}

impl Machine {
    pub(crate) fn new(pass: &Pass, level: Level, length: Option<usize>) -> Self {
        let length = length.unwrap_or_else(|| block_length(pass));
        Machine {
            level,
            length,
            registers: (0..pass.registers).map(|_| Register::new(length)).collect(),
            scratch: pass.columns.iter().map(|_| Register::default()).collect(),
            factors: Vec::new(),
            room: Box::default(),
            before: None,
        }
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        let registers = self.registers.iter().chain(&self.scratch);
        let registers: usize = registers.map(|r| r.memory.capacity() * size_of::<f64>()).sum();
        let before = self.before.as_ref().map_or(0, PartialSums::bytes);
        let factors = self.factors.capacity() * size_of::<f64>();
        registers + factors + size_of_val(&*self.room) + before
    }

    /// Computes rows of one segment, the first of which is row `first` of the whole; `ends` if the segment
    /// is known to end with them.
    pub(crate) fn rows(
        &mut self,
        inputs: Inputs<'_>,
        data: &Columns<'_>,
        rows: Range<usize>,
        (first, ends): (u64, bool),
        partial: &mut PartialSums,
    ) -> Result<(), RunError> {
        if !inputs.pass.chained || inputs.pass.compared {
            let careful = inputs.pass.chained;
            return self.blocks(inputs, data, rows, (first, ends), partial, careful);
        }
        if partial.fresh {
            self.blocks(inputs, data, rows.clone(), (first, ends), partial, false)?;
            if !partial.has_nan() {
                return Ok(());
            }
            partial.reset();
            return self.blocks(inputs, data, rows, (first, ends), partial, true);
        }
        let mut before = self.before.take().unwrap_or_else(|| PartialSums::new(inputs.pass));
        before.assign(partial);
        let mut result = self.blocks(inputs, data, rows.clone(), (first, ends), partial, false);
        if result.is_ok() && partial.has_nan() && partial.has_new_nan(&before) {
            partial.assign(&before);
            result = self.blocks(inputs, data, rows, (first, ends), partial, true);
        }
        self.before = Some(before);
        result
    }

    fn blocks(
        &mut self,
        inputs: Inputs<'_>,
        data: &Columns<'_>,
        rows: Range<usize>,
        (first, ends): (u64, bool),
        partial: &mut PartialSums,
        careful: bool,
    ) -> Result<(), RunError> {
        let mut from = rows.start;
        while from < rows.end {
            let row = first + (from - rows.start) as u64;
            let lane = (row % LANES as u64) as usize;
            // A block that begins within a round of lanes ends with it, so that all others are
            // aligned.
            let most = if lane == 0 { self.length } else { self.length.min(LANES - lane) };
            let to = rows.end.min(from + most);
            let closes = ends && to == rows.end;
            let block = Block { careful, first: row, lane, len: to - from, closes };
            if let Err(error) = self.block(inputs, data, from..to, block, partial) {
                return Err(self.first_error(inputs, data, from..to, row).unwrap_or(error));
            }
            from = to;
        }
        Ok(())
    }

    /// What is wrong in the first row of a block where something is, be the block long or short.
    #[cold]
    fn first_error(
        &mut self,
        inputs: Inputs<'_>,
        data: &Columns<'_>,
        rows: Range<usize>,
        first: u64,
    ) -> Option<RunError> {
        let mut partial = PartialSums::new(inputs.pass);
        rows.zip(first..).find_map(|(at, row)| {
            let block = Block { careful: false, first: row, lane: 0, len: 1, closes: false };
            self.block(inputs, data, at..at + 1, block, &mut partial).err()
        })
    }

    fn block(
        &mut self,
        Inputs { pass, numbers, parameters, guards, finite }: Inputs<'_>,
        data: &Columns<'_>,
        rows: Range<usize>,
        block: Block,
        partial: &mut PartialSums,
    ) -> Result<(), RunError> {
        let Machine { level, length, registers, scratch, factors, room, .. } = self;
        let (level, len) = (*level, block.len);
        let opens = std::mem::replace(&mut partial.fresh, false);
        partial.closed = block.closes;
        let mut columns = SmallVec::<[&[f64]; 32]>::new();
        for (&column, scratch) in pass.columns.iter().zip(scratch) {
            if scratch.memory.is_empty() && data.needs_scratch(column as usize) {
                *scratch = Register::new(*length);
            }
            let n = scratch.memory.len().min(*length);
            columns.push(data.view(column as usize, rows.clone(), scratch.rows_mut(n)));
        }
        let columns = &columns[..];
        if finite {
            finite::check(level, data, &pass.columns, columns, block.first)?;
        }
        for (numbers, width) in partial.emitted.iter_mut().zip(&pass.emitted) {
            numbers.resize(numbers.len() + len * width, 0.0);
        }
        let PartialSums { lanes, totals, counts, scattered, emitted, .. } = partial;
        let mut sums = Sums { level, lanes, totals, room, opens, block };
        for step in &pass.steps {
            match step {
                Instruction::Map { operation, out, args } => {
                    let mut result = std::mem::take(&mut registers[*out as usize]);
                    {
                        let arg = reader(registers, columns, numbers, len);
                        let out = result.rows_mut(len);
                        match args[..] {
                            [x] => kernel::map(level, block.careful, *operation, out, &[arg(x)]),
                            [a, b] => {
                                let args = [arg(a), arg(b)];
                                kernel::map(level, block.careful, *operation, out, &args);
                            }
                            ref args => {
                                let args: SmallVec<[Arg<'_>; 8]> =
                                    args.iter().map(|&x| arg(x)).collect();
                                kernel::map(level, block.careful, *operation, out, &args);
                            }
                        }
                    }
                    registers[*out as usize] = result;
                }
                &Instruction::ValueAndSlope { kind, out, slope, x } => {
                    let mut value = std::mem::take(&mut registers[out as usize]);
                    let mut slopes = std::mem::take(&mut registers[slope as usize]);
                    let x = reader(registers, columns, numbers, len)(x);
                    let into = (value.rows_mut(len), slopes.rows_mut(len));
                    kernel::value_and_slope(level, kind, into, x);
                    registers[out as usize] = value;
                    registers[slope as usize] = slopes;
                }
                Instruction::Products { out, onto, groups, fused, chained } => {
                    let mut result = std::mem::take(&mut registers[*out as usize]);
                    let out_rows = result.rows_mut(len);
                    if let (true, Some((gate, pairs))) = (block.careful, chained) {
                        let arg = reader(registers, columns, numbers, len);
                        let pairs = pairs.iter().map(|&[a, b]| (arg(a), arg(b)));
                        kernel::chained_products(*gate, out_rows, pairs);
                    } else {
                        let rows = varying(registers, columns, len);
                        let add =
                            if *fused { products::add::<true> } else { products::add::<false> };
                        let start = if *onto { Start::Sum } else { Start::Nothing };
                        add(level, out_rows, start, groups, numbers, &rows);
                    }
                    registers[*out as usize] = result;
                }
                Instruction::Layer(layer) => {
                    let take = |&out: &u32| std::mem::take(&mut registers[out as usize]);
                    let mut sums: SmallVec<[Register; UNITS]> =
                        layer.outs.iter().map(take).collect();
                    let outs: SmallVec<[&mut [f64]; UNITS]> =
                        sums.iter_mut().map(|sum| sum.rows_mut(len)).collect();
                    let careful = layer.chained.filter(|_| block.careful);
                    let rows = |x| varying(registers, columns, len)(x);
                    products::layer(level, careful, outs, layer, (numbers, factors), rows);
                    for (&out, sum) in layer.outs.iter().zip(sums) {
                        registers[out as usize] = sum;
                    }
                }
                &Instruction::Gather { out, base, len: table, index } => {
                    let mut result = std::mem::take(&mut registers[out as usize]);
                    let table = &parameters[base as usize..][..table as usize];
                    let index = reader(registers, columns, numbers, len)(index);
                    let done = gather(result.rows_mut(len), table, index, block.first);
                    registers[out as usize] = result;
                    done?;
                }
                &Instruction::Within { out, len: table, index } => {
                    let mut result = std::mem::take(&mut registers[out as usize]);
                    let index = reader(registers, columns, numbers, len)(index);
                    let done = within(result.rows_mut(len), table as usize, index, block.first);
                    registers[out as usize] = result;
                    done?;
                }
                &Instruction::Reduce { into, reduction, x } => {
                    let x = reader(registers, columns, numbers, len)(x);
                    sums.add(reduction, into, 1, |lanes| match (reduction, x) {
                        (Reduction::Sum, x) => {
                            kernel::add_rows(level, &mut lanes[0], block.lane, x, len);
                        }
                        (Reduction::Max, Arg::Rows(x)) => {
                            kernel::max_rows(level, &mut lanes[0], block.lane, x);
                        }
                        (Reduction::Max, Arg::Same(_)) => {}
                    });
                }
                &Instruction::Corner { kind, x, asked: Asked { values, sum, slopes, count } } => {
                    let mut taken = |at: Option<u32>| {
                        at.map_or_else(Register::default, |at| {
                            std::mem::take(&mut registers[at as usize])
                        })
                    };
                    let (mut value_rows, mut slope_rows) = (taken(values), taken(slopes));
                    let x = varying(registers, columns, len)(x);
                    let asked = kernel::Asked {
                        values: values.map(|_| value_rows.rows_mut(len)),
                        sum: None,
                        slopes: slopes.map(|_| slope_rows.rows_mut(len)),
                    };
                    let kinks = match sum {
                        None => kernel::corner(level, kind, asked, x),
                        Some(into) => sums.add(Reduction::Sum, into, 1, |lanes| {
                            let sum = Some((&mut lanes[0], block.lane));
                            kernel::corner(level, kind, kernel::Asked { sum, ..asked }, x)
                        }),
                    };
                    if let Some(at) = values {
                        registers[at as usize] = value_rows;
                    }
                    if let Some(at) = slopes {
                        registers[at as usize] = slope_rows;
                    }
                    if let Some(count) = count {
                        counts[count as usize] += kinks;
                    }
                }
                &Instruction::Moments { into, common: (a, b), others, count, chained } => {
                    let rows = varying(registers, columns, len);
                    let common = Common { a: rows(a), b: b.map(&rows) };
                    let mut other_rows = [None; MOMENTS];
                    for (to, other) in other_rows.iter_mut().zip(others) {
                        *to = other.map(&rows);
                    }
                    let careful = chained.filter(|_| block.careful);
                    sums.add(Reduction::Sum, into, count, |lanes| {
                        kernel::add_moments(level, careful, lanes, block.lane, common, other_rows);
                    });
                }
                Instruction::CrossMoments(moments) => {
                    let rows = varying(registers, columns, len);
                    sums.add_crossed(moments, rows);
                }
                &Instruction::Scatter { into, base, len: table, index, value } => {
                    let arg = reader(registers, columns, numbers, len);
                    let list = &mut scattered[into as usize];
                    let (index, value) = (arg(index), arg(value));
                    for row in 0..len {
                        let at = place(index.at(row), table as usize, block.first + row as u64)?;
                        list.push((base + at as u32, value.at(row)));
                    }
                }
                Instruction::Emit { into, runs } => {
                    let (width, out) = lists(pass, emitted, *into, len);
                    let rows = varying(registers, columns, len);
                    products::emit(level, out, width, runs, rows);
                }
                &Instruction::EmitChosen { into, base, len: table, index, x } => {
                    let (width, out) = lists(pass, emitted, into, len);
                    let arg = reader(registers, columns, numbers, len);
                    let (index, x) = (arg(index), arg(x));
                    for (row, out) in out.chunks_exact_mut(width).enumerate() {
                        let at = place(index.at(row), table as usize, block.first + row as u64)?;
                        out[base as usize + at] += x.at(row);
                    }
                }
                &Instruction::Count { into, condition } => {
                    let condition = reader(registers, columns, numbers, len)(condition);
                    counts[into as usize] += kernel::count(level, condition, len);
                }
                &Instruction::Guard { guard, condition, holds } => {
                    let condition = reader(registers, columns, numbers, len)(condition);
                    let held = kernel::count(level, condition, len);
                    if held != if holds { len as u64 } else { 0 } {
                        let row = (0..len).find(|&row| (condition.at(row) != 0.0) != holds);
                        let row = block.first + row.unwrap_or(0) as u64;
                        let line = guards[guard as usize].line.clone();
                        return Err(RunError::GuardTurned { line, row: Some(row) });
                    }
                }
            }
        }
        Ok(())
    }
}

/// One block of a segment.
#[derive(Clone, Copy)]
struct Block {
    careful: bool,
    /// Its first row, of the whole.
    first: u64,
    /// The lane of that row.
    lane: usize,
    len: usize,
    /// Whether the segment is known to end with it.
    closes: bool,
}

/// How arguments are read.
#[inline(always)]
fn reader<'a>(
    registers: &'a [Register],
    columns: &'a [&'a [f64]],
    numbers: &'a [f64],
    len: usize,
) -> impl Fn(Source) -> Arg<'a> {
    move |source| match source {
        Source::Register(at) => Arg::Rows(registers[at as usize].rows(len)),
        Source::Column(at) => Arg::Rows(columns[at as usize]),
        Source::Number(at) => Arg::Same(numbers[at as usize]),
    }
}

/// How arguments are read that vary, as those of some steps always do.
#[inline(always)]
fn varying<'a>(
    registers: &'a [Register],
    columns: &'a [&'a [f64]],
    len: usize,
) -> impl Fn(Source) -> &'a [f64] {
    move |source| match source {
        Source::Register(at) => registers[at as usize].rows(len),
        Source::Column(at) => columns[at as usize],
        Source::Number(_) => unreachable!("a number that is the same for all rows"),
    }
}

/// A whole number as an index of a table.
#[inline]
fn place(index: f64, len: usize, row: u64) -> Result<usize, RunError> {
    let at = index as usize;
    if at < len && at as f64 == index { Ok(at) } else { Err(RunError::Index { index, len, row }) }
}

fn gather(out: &mut [f64], table: &[f64], index: Arg<'_>, first: u64) -> Result<(), RunError> {
    for (row, out) in out.iter_mut().enumerate() {
        *out = table[place(index.at(row), table.len(), first + row as u64)?];
    }
    Ok(())
}

/// The lists of a block's rows in an output of rows, and how long each is.
fn lists<'e>(
    pass: &Pass,
    emitted: &'e mut [Vec<f64>],
    into: u32,
    len: usize,
) -> (usize, &'e mut [f64]) {
    let (width, all) = (pass.emitted[into as usize], &mut emitted[into as usize]);
    let from = all.len() - len * width;
    (width, &mut all[from..])
}

fn within(out: &mut [f64], len: usize, index: Arg<'_>, first: u64) -> Result<(), RunError> {
    for (row, out) in out.iter_mut().enumerate() {
        place(index.at(row), len, first + row as u64)?;
        *out = index.at(row);
    }
    Ok(())
}

/// A block is as long as its registers and columns fit in the second cache, but no longer than is of
/// use. A program of few steps waits for memory, so its blocks are shorter: the processor then fetches
/// more evenly what comes next.
fn block_length(pass: &Pass) -> usize {
    const CACHE: usize = 1 << 20;
    let most = match pass.steps.len() {
        0..8 => 256,
        8..64 => 512,
        _ => 1024,
    };
    let row = (pass.registers + pass.columns.len()).max(1) * size_of::<f64>();
    let length = (CACHE / row).min(most);
    (length / LANES * LANES).max(LANES)
}
