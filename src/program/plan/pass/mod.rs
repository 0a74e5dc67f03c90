//! One pass over the rows: its steps, and the registers between them.

mod builder;
mod cross;
mod emit;
mod ends;
mod layers;
mod steps;

pub(crate) use builder::PassBuilder;

use crate::program::ir::entries::UnaryKind;
use crate::program::ir::operation::{Gate, Operation, Reduction};
use crate::program::kernel::{CROSSED, LANES, MOMENTS, MOST, NEIGHBOURS, UNITS, together};
use smallvec::{SmallVec, smallvec};

/// How many rows are reduced to one number before the tree, at most.
pub(crate) const SEGMENT: usize = 4096;
/// How many at least. Each segment of a gradient by thousands of parameters makes as many totals.
const SHORTEST: usize = 1024;
const _: () = assert!(SHORTEST.is_multiple_of(LANES) && SEGMENT.is_multiple_of(SHORTEST));

/// Where a step finds an argument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Source {
    /// A register, which holds a number for each row of the block.
    Register(u32),
    /// A column of the data, by its place among those that the pass reads.
    Column(u32),
    /// A number that is the same for all rows.
    Number(u32),
}

pub(crate) type Sources = SmallVec<[Source; 3]>;

/// A term of a sum; numbers are the same for all rows, and sources vary.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Summand {
    /// `a b`.
    Number(u32, u32),
    /// `a x`.
    Scaled(u32, Source),
    /// `a x y`.
    Product(u32, Source, Source),
}

/// Terms that are added in one go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub(crate) terms: SmallVec<[Summand; MOST]>,
    /// A bit for each that is a product of two numbers that vary.
    pub(crate) varying: u8,
}

impl Group {
    /// The same terms in their order, in groups.
    fn all(terms: impl Iterator<Item = Summand>) -> Vec<Self> {
        let mut groups: Vec<Group> = Vec::new();
        for term in terms {
            let product = u8::from(matches!(term, Summand::Product(..)));
            let with = |group: &Group| group.varying | product << group.terms.len();
            let number = |term: &Summand| matches!(term, Summand::Number(..));
            match groups.last_mut() {
                Some(group)
                    if together(group.terms.len() + 1, with(group))
                        && !number(&term)
                        && !group.terms.iter().any(number) =>
                {
                    group.varying = with(group);
                    group.terms.push(term);
                }
                _ => groups.push(Group { terms: SmallVec::from_slice(&[term]), varying: product }),
            }
        }
        groups
    }
}

/// Sums of numbers times the same rows.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    /// The register of each.
    pub(crate) outs: SmallVec<[u32; UNITS]>,
    pub(crate) rows: Vec<Source>,
    /// For each of the rows what it is multiplied with, in one sum after the other.
    pub(crate) numbers: Vec<u32>,
    /// A product of two numbers that ends each sum, if one does.
    pub(crate) last: SmallVec<[Option<[u32; 2]>; UNITS]>,
    /// Whether each product is rounded once together with its addition.
    pub(crate) fused: bool,
    /// If the products are of derivatives, which factors stop them.
    pub(crate) chained: Option<Gate>,
}

/// Sums of the products of each of several factors with the same others. Where the first other factor is
/// missing, it is the factor alone.
#[derive(Clone, Debug)]
pub(crate) struct CrossMoments {
    pub(crate) factors: SmallVec<[Source; CROSSED]>,
    /// The first of the sums, which follow one another, those of a factor together.
    pub(crate) into: u32,
    pub(crate) others: [Option<Source>; MOMENTS],
    /// How many others.
    pub(crate) count: usize,
    pub(crate) chained: Option<Gate>,
}

/// Numbers that vary, for neighbouring places from the first on.
#[derive(Clone, Debug)]
pub(crate) struct EmittedRun {
    pub(crate) base: u32,
    pub(crate) xs: SmallVec<[Source; NEIGHBOURS]>,
}

/// What is asked of an entry of the table with kinks, where it goes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked {
    /// The register of the values.
    pub(crate) values: Option<u32>,
    /// The reduction that adds them up.
    pub(crate) sum: Option<u32>,
    /// The register of the slopes.
    pub(crate) slopes: Option<u32>,
    /// The count of the rows that have a kink.
    pub(crate) count: Option<u32>,
}

/// One operation over a block of rows.
#[derive(Clone, Debug)]
pub(crate) enum Instruction {
    /// Into a register.
    Map { operation: Operation, out: u32, args: Sources },
    /// An entry of the table and its slope, which share most of their work, into two registers.
    ValueAndSlope { kind: UnaryKind, out: u32, slope: u32, x: Source },
    /// A sum of terms into a register, or `onto` what it holds. If `fused`, each is rounded once together
    /// with its addition. If the terms are products of derivatives, `chained` has their factors.
    Products {
        out: u32,
        onto: bool,
        groups: Vec<Group>,
        fused: bool,
        chained: Option<(Gate, Vec<[Source; 2]>)>,
    },
    /// Sums of numbers times the same rows, each into a register.
    Layer(Layer),
    /// Parameters that the rows choose, into a register.
    Gather { out: u32, base: u32, len: u32, index: Source },
    /// An index of a table of this length, into a register.
    Within { out: u32, len: u32, index: Source },
    /// An entry of the table with kinks: all that is asked of it.
    Corner { kind: UnaryKind, x: Source, asked: Asked },
    /// Into the lanes of a reduction.
    Reduce { into: u32, reduction: Reduction, x: Source },
    /// Products with a common factor, which may be one itself, into the lanes of sums that follow one
    /// another. Where the other factor is missing, it is the common one alone.
    Moments {
        into: u32,
        common: (Source, Option<Source>),
        others: [Option<Source>; MOMENTS],
        count: usize,
        chained: Option<Gate>,
    },
    /// The products of several factors with the same others, into the lanes of sums.
    CrossMoments(CrossMoments),
    /// To the places that the rows choose.
    Scatter { into: u32, base: u32, len: u32, index: Source, value: Source },
    /// Into places of the numbers of each row.
    Emit { into: u32, runs: Vec<EmittedRun> },
    /// Into the one of so many places of the numbers of each row that the row chooses.
    EmitChosen { into: u32, base: u32, len: u32, index: Source, x: Source },
    /// Counts the rows where a condition holds.
    Count { into: u32, condition: Source },
    /// Refuses rows where a condition comes out otherwise.
    Guard { guard: u32, condition: Source, holds: bool },
}

impl Instruction {
    /// The registers that it writes.
    fn writes(&self) -> SmallVec<[u32; UNITS]> {
        match self {
            Instruction::Map { out, .. }
            | Instruction::Products { out, .. }
            | Instruction::Gather { out, .. }
            | Instruction::Within { out, .. } => smallvec![*out],
            Instruction::ValueAndSlope { out, slope, .. } => smallvec![*out, *slope],
            Instruction::Layer(layer) => layer.outs.clone(),
            Instruction::Corner { asked, .. } => {
                [asked.values, asked.slopes].into_iter().flatten().collect()
            }
            Instruction::Reduce { .. }
            | Instruction::Moments { .. }
            | Instruction::CrossMoments(_)
            | Instruction::Scatter { .. }
            | Instruction::Emit { .. }
            | Instruction::EmitChosen { .. }
            | Instruction::Count { .. }
            | Instruction::Guard { .. } => SmallVec::new(),
        }
    }

    /// How many operations it takes for a row, about: products and what is added.
    fn work(&self) -> usize {
        match self {
            Instruction::Layer(layer) => layer.numbers.len(),
            Instruction::Products { groups, .. } => {
                groups.iter().map(|group| group.terms.len()).sum()
            }
            Instruction::Map { args, .. } => args.len(),
            Instruction::Moments { count, .. } => *count,
            Instruction::CrossMoments(moments) => moments.factors.len() * moments.count,
            Instruction::ValueAndSlope { .. }
            | Instruction::Gather { .. }
            | Instruction::Within { .. }
            | Instruction::Corner { .. }
            | Instruction::Reduce { .. }
            | Instruction::Scatter { .. }
            | Instruction::Emit { .. }
            | Instruction::EmitChosen { .. }
            | Instruction::Count { .. }
            | Instruction::Guard { .. } => 1,
        }
    }

    /// The first of the sums over rows that it adds to, which follow one another, and how many.
    fn sums(&mut self) -> Option<(&mut u32, usize)> {
        match self {
            Instruction::Reduce { into, .. } => Some((into, 1)),
            Instruction::Corner { asked, .. } => asked.sum.as_mut().map(|into| (into, 1)),
            Instruction::Moments { into, count, .. } => Some((into, *count)),
            Instruction::CrossMoments(CrossMoments { into, factors, count, .. }) => {
                Some((into, factors.len() * *count))
            }
            Instruction::Map { .. }
            | Instruction::ValueAndSlope { .. }
            | Instruction::Products { .. }
            | Instruction::Layer(_)
            | Instruction::Gather { .. }
            | Instruction::Within { .. }
            | Instruction::Scatter { .. }
            | Instruction::Emit { .. }
            | Instruction::EmitChosen { .. }
            | Instruction::Count { .. }
            | Instruction::Guard { .. } => None,
        }
    }
}

/// What is done for each row between two stages of numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pass {
    pub(crate) steps: Vec<Instruction>,
    pub(crate) registers: usize,
    /// How many operations they take for a row, about.
    pub(crate) work: usize,
    /// The columns that it reads.
    pub(crate) columns: Vec<u32>,
    /// Its reductions, and which number each becomes.
    pub(crate) reductions: Vec<(Reduction, u32)>,
    pub(crate) scatters: usize,
    /// How many numbers each of its outputs has for a row.
    pub(crate) emitted: Vec<usize>,
    /// The kinks that it counts, by their place among all.
    pub(crate) counts: Vec<u32>,
    /// Whether an adjoint that is 0 may meet an infinite partial.
    pub(crate) chained: bool,
    /// Whether what such products come to is compared, so that a NaN among them may not come out.
    pub(crate) compared: bool,
}

impl Pass {
    /// How many rows are reduced to one number before the tree: fewer where a row takes long, so that there
    /// is work for several threads though the rows be few.
    pub(crate) fn segment(&self) -> usize {
        const WORK: usize = 1 << 20;
        let rows = (WORK / self.work.max(1)).clamp(SHORTEST, SEGMENT);
        1 << rows.ilog2()
    }
}
