//! Operations row by row.

use super::count::IsKink;
use super::near_zero::near_zero;
use super::{Arg, Loop1, Loop2, Map1, Map2, Map3, greater, loop1, loop2, loop3};
use crate::op::vector::level::{Level, Work};
use crate::op::vector::slice;
use crate::op::{Binary, Many, Unary};
use crate::program::ir::entries::{UnaryKind, VisitBinary, VisitMany, VisitUnary};
use crate::program::ir::operation::{
    Gate, Operation, Side, at_kink, binary_slope, chain, evaluate, exp_shift, mask, norm_slope,
    rem_slope, unary_slope, unary_value,
};
use smallvec::SmallVec;

macro_rules! maps {
    ($($Name:ident: $Trait:ident |$($x:ident),+| $result:expr;)+) => {
        $(
            #[derive(Clone, Copy)]
            struct $Name;
            impl $Trait for $Name {
                #[inline(always)]
                fn of(self, $($x: f64),+) -> f64 {
                    $result
                }
            }
        )+
    };
}

maps! {
    NegateMap: Map1 |x| -x;
    SameMap: Map1 |x| x;
    SumMap: Map2 |a, b| a + b;
    DifferenceMap: Map2 |a, b| a - b;
    ProductMap: Map2 |a, b| a * b;
    QuotientMap: Map2 |a, b| a / b;
    RemainderMap: Map2 |a, b| a % b;
    RemainderSlopeMap: Map2 |a, b| rem_slope(a, b);
    ByAdjointMap: Map2 |a, b| chain(Gate::First, a, b);
    EitherWayMap: Map2 |a, b| chain(Gate::Either, a, b);
    IsAboveMap: Map2 |a, b| mask(a > b);
    IsAtLeastMap: Map2 |a, b| mask(a >= b);
    IsEqualMap: Map2 |a, b| mask(a == b);
    ExpShiftMap: Map2 |x, m| exp_shift(x, m);
    FusedMap: Map3 |a, b, c| a.mul_add(b, c);
    ProductAndMap: Map3 |a, b, c| a * b + c;
    NormSlopeMap: Map3 |x, scale, root| norm_slope(x, scale, root);
    ChoiceMap: Map3 |condition, yes, no| if condition != 0.0 { yes } else { no };
}

#[derive(Clone, Copy)]
struct KinkedSlope<O>(O);
impl<O: Unary> Map2 for KinkedSlope<O> {
    #[inline(always)]
    fn of(self, x: f64, y: f64) -> f64 {
        unary_slope(self.0, x, y)
    }
}
#[derive(Clone, Copy)]
struct IsKink2<O>(O);
impl<O: Binary> Map2 for IsKink2<O> {
    #[inline(always)]
    fn of(self, a: f64, b: f64) -> f64 {
        mask(self.0.kink(a, b).is_some())
    }
}
#[derive(Clone, Copy)]
struct Value2<O>(O);
impl<O: Binary> Map2 for Value2<O> {
    #[inline(always)]
    fn of(self, a: f64, b: f64) -> f64 {
        self.0.vector_value(a, b)
    }
}
#[derive(Clone, Copy)]
struct Slope2<O, const FIRST: bool> {
    entry: O,
    alone: bool,
}
impl<O: Binary, const FIRST: bool> Map3 for Slope2<O, FIRST> {
    #[inline(always)]
    fn of(self, a: f64, b: f64, y: f64) -> f64 {
        let slope = if FIRST {
            self.entry.vector_slope_a(a, b, y)
        } else {
            self.entry.vector_slope_b(a, b, y)
        };
        if self.entry.kink(a, b).is_some() { at_kink::<O>(self.alone) } else { slope }
    }
}

#[derive(Clone, Copy)]
struct ValueOfThree<O>(O);
impl<O: Many> Map3 for ValueOfThree<O> {
    #[inline(always)]
    fn of(self, a: f64, b: f64, c: f64) -> f64 {
        self.0.value(&[a, b, c])
    }
}

/// Calls a loop over rows piece by piece, with numbers that are the same for all rows written out: so no
/// loop of its own is compiled for them. Most entries of the table without kinks cost far more than the copy.
fn in_pieces<const N: usize>(
    out: &mut [f64],
    args: [Arg<'_>; N],
    of: impl Fn(&mut [f64], [&[f64]; N]),
) {
    const PIECE: usize = 128;
    let mut rooms = [[0.0; PIECE]; N];
    for (rooms, arg) in rooms.iter_mut().zip(args) {
        if let Arg::Same(x) = arg {
            rooms.fill(x);
        }
    }
    for (piece, out) in out.chunks_mut(PIECE).enumerate() {
        let (from, len) = (piece * PIECE, out.len());
        let pieces = std::array::from_fn(|k| match args[k] {
            Arg::Rows(rows) => &rows[from..from + len],
            Arg::Same(_) => &rooms[k][..len],
        });
        of(out, pieces);
    }
}

/// An entry of the table over a block.
struct OverBlock<'a, 'b, const N: usize> {
    level: Level,
    out: &'a mut [f64],
    args: [Arg<'b>; N],
}

impl VisitUnary for OverBlock<'_, '_, 1> {
    type Output = ();
    fn visit<O: Unary>(self, entry: O) {
        struct Values<'a, O>(O, &'a [f64], &'a mut [f64]);
        impl<O: Unary> Work for Values<'_, O> {
            type Output = ();
            #[inline(always)]
            fn run(self) {
                slice::values(self.0, self.1, self.2);
            }
        }
        match self.args {
            [Arg::Rows(x)] => self.level.run(Values(entry, x, self.out)),
            [Arg::Same(x)] => self.out.fill(unary_value(entry, x)),
        }
    }
}
impl VisitUnary for OverBlock<'_, '_, 2> {
    type Output = ();
    fn visit<O: Unary>(self, entry: O) {
        struct Slopes<'a, O>(O, &'a [f64], &'a [f64], &'a mut [f64]);
        impl<O: Unary> Work for Slopes<'_, O> {
            type Output = ();
            #[inline(always)]
            fn run(self) {
                slice::slopes(self.0, self.1, self.2, self.3);
            }
        }
        match self.args {
            args if const { O::KINKED } => loop2(self.level, KinkedSlope(entry), self.out, args),
            [Arg::Rows(x), Arg::Rows(y)] => self.level.run(Slopes(entry, x, y, self.out)),
            // A number that is the same for all rows: too rare for a loop of its own at each level.
            [x, y] => {
                for (i, out) in self.out.iter_mut().enumerate() {
                    *out = unary_slope(entry, x.at(i), y.at(i));
                }
            }
        }
    }
}
impl VisitBinary for OverBlock<'_, '_, 2> {
    type Output = ();
    fn visit<O: Binary>(self, entry: O) {
        struct Values<'a, O>(O, [&'a [f64]; 2], &'a mut [f64]);
        impl<O: Binary> Work for Values<'_, O> {
            type Output = ();
            #[inline(always)]
            fn run(self) {
                let [a, b] = self.1;
                slice::binary_values(self.0, a, b, self.2);
            }
        }
        let OverBlock { level, out, args } = self;
        match args {
            [Arg::Rows(a), Arg::Rows(b)] => level.run(Values(entry, [a, b], out)),
            args if const { O::CORNER.is_some() } => loop2(level, Value2(entry), out, args),
            args => in_pieces(out, args, |out, args| level.run(Values(entry, args, out))),
        }
    }
}
/// An entry of many arguments over a block.
struct ManyOverBlock<'a, 'b> {
    level: Level,
    out: &'a mut [f64],
    args: &'a [Arg<'b>],
}
impl VisitMany for ManyOverBlock<'_, '_> {
    type Output = ();
    fn visit<O: Many>(self, entry: O) {
        let ManyOverBlock { level, out, args } = self;
        if const { matches!(O::ARITY, Some(3)) } {
            loop3(level, ValueOfThree(entry), out, first(args));
        } else {
            row_by_row(out, args, |numbers| entry.value(numbers));
        }
    }
}

/// An entry's values and slopes over a block.
pub(crate) fn value_and_slope(
    level: Level,
    kind: UnaryKind,
    (values, slopes): (&mut [f64], &mut [f64]),
    x: Arg<'_>,
) {
    struct Both<'a>(Level, &'a mut [f64], &'a mut [f64], &'a [f64]);
    impl VisitUnary for Both<'_> {
        type Output = ();
        fn visit<O: Unary>(self, entry: O) {
            let Both(level, values, slopes, x) = self;
            if const { O::KINKED } {
                OverBlock { level, out: &mut *values, args: [Arg::Rows(x)] }.visit(entry);
                loop2(level, KinkedSlope(entry), slopes, [Arg::Rows(x), Arg::Rows(values)]);
                return;
            }
            level.run(Loop(entry, values, slopes, x));
        }
    }
    struct Loop<'a, O>(O, &'a mut [f64], &'a mut [f64], &'a [f64]);
    impl<O: Unary> Work for Loop<'_, O> {
        type Output = ();
        #[inline(always)]
        fn run(self) {
            slice::values_and_slopes(self.0, self.3, self.1, self.2);
        }
    }
    match x {
        Arg::Rows(x) => kind.visit(Both(level, values, slopes, x)),
        Arg::Same(_) => {
            map(level, false, Operation::Unary(kind), values, &[x]);
            map(level, false, Operation::UnarySlope(kind), slopes, &[x, Arg::Rows(values)]);
        }
    }
}

/// Where an entry has kinks.
struct Kinks<'a, 'b, const N: usize>(OverBlock<'a, 'b, N>);
impl VisitUnary for Kinks<'_, '_, 1> {
    type Output = ();
    fn visit<O: Unary>(self, entry: O) {
        if const { O::KINKED } {
            loop1(self.0.level, IsKink(entry), self.0.out, self.0.args[0]);
        } else {
            self.0.out.fill(mask(false));
        }
    }
}
impl VisitBinary for Kinks<'_, '_, 2> {
    type Output = ();
    fn visit<O: Binary>(self, entry: O) {
        if const { O::CORNER.is_some() } {
            loop2(self.0.level, IsKink2(entry), self.0.out, self.0.args);
        } else {
            self.0.out.fill(mask(false));
        }
    }
}
/// A slope of an entry of two arguments over a block.
struct SlopeOverBlock<'a, 'b> {
    entry: OverBlock<'a, 'b, 3>,
    side: Side,
    alone: bool,
}
struct Slopes<'a, O> {
    entry: O,
    side: Side,
    args: [&'a [f64]; 3],
    out: &'a mut [f64],
}
impl<O: Binary> Work for Slopes<'_, O> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Slopes { entry, side, args: [a, b, y], out } = self;
        match side {
            Side::First => slice::slopes_a(entry, a, b, y, out),
            Side::Second => slice::slopes_b(entry, a, b, y, out),
        }
    }
}
impl VisitBinary for SlopeOverBlock<'_, '_> {
    type Output = ();
    fn visit<O: Binary>(self, entry: O) {
        let SlopeOverBlock { entry: OverBlock { level, out, args }, side, alone } = self;
        if const { O::CORNER.is_none() } {
            let slopes =
                |out: &mut [f64], args: [&[f64]; 3]| level.run(Slopes { entry, side, args, out });
            return match args {
                [Arg::Rows(a), Arg::Rows(b), Arg::Rows(y)] => slopes(out, [a, b, y]),
                args => in_pieces(out, args, slopes),
            };
        }
        match side {
            Side::First => loop3(level, Slope2::<O, true> { entry, alone }, out, args),
            Side::Second => loop3(level, Slope2::<O, false> { entry, alone }, out, args),
        }
        // The rare elements for which the vector form does not hold.
        for (i, out) in out.iter_mut().enumerate() {
            let [a, b, y] = args.map(|arg| arg.at(i));
            if entry.rare(a, b, y) {
                *out = binary_slope(entry, side, alone, [a, b, y]);
            }
        }
    }
}

/// The greatest so far and one more argument.
struct InPlace<'a, 'b> {
    out: &'a mut [f64],
    x: Arg<'b>,
}
impl Work for InPlace<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        match self.x {
            Arg::Rows(x) => {
                self.out.iter_mut().zip(x).for_each(|(most, &x)| *most = greater(*most, x))
            }
            Arg::Same(x) => self.out.iter_mut().for_each(|most| *most = greater(*most, x)),
        }
    }
}

/// Applies an operation to a block. `careful` says whether a zero
/// adjoint must be kept from meeting an infinity.
pub(crate) fn map(
    level: Level,
    careful: bool,
    operation: Operation,
    out: &mut [f64],
    args: &[Arg<'_>],
) {
    use Operation::*;
    match operation {
        Neg => loop1(level, NegateMap, out, args[0]),
        Detach => loop1(level, SameMap, out, args[0]),
        Add => loop2(level, SumMap, out, first(args)),
        Sub => loop2(level, DifferenceMap, out, first(args)),
        Mul => loop2(level, ProductMap, out, first(args)),
        Div => loop2(level, QuotientMap, out, first(args)),
        Rem => loop2(level, RemainderMap, out, first(args)),
        RemSlope => loop2(level, RemainderSlopeMap, out, first(args)),
        Chain(Gate::First) if careful => loop2(level, ByAdjointMap, out, first(args)),
        Chain(Gate::Either) if careful => loop2(level, EitherWayMap, out, first(args)),
        Chain(_) => loop2(level, ProductMap, out, first(args)),
        MulAdd => loop3(level, FusedMap, out, first(args)),
        ProductPlus => loop3(level, ProductAndMap, out, first(args)),
        Above => loop2(level, IsAboveMap, out, first(args)),
        AtLeast => loop2(level, IsAtLeastMap, out, first(args)),
        Equal => loop2(level, IsEqualMap, out, first(args)),
        Select => loop3(level, ChoiceMap, out, first(args)),
        Unary(kind) => kind.visit(OverBlock { level, out, args: first::<1>(args) }),
        UnarySlope(kind) => kind.visit(OverBlock { level, out, args: first::<2>(args) }),
        UnaryKink(kind) => kind.visit(Kinks(OverBlock { level, out, args: first::<1>(args) })),
        Binary(kind) => kind.visit(OverBlock { level, out, args: first::<2>(args) }),
        BinaryKink(kind) => kind.visit(Kinks(OverBlock { level, out, args: first::<2>(args) })),
        BinarySlope { kind, side, alone } => kind.visit(SlopeOverBlock {
            entry: OverBlock { level, out, args: first(args) },
            side,
            alone,
        }),
        Many(kind) => kind.visit(ManyOverBlock { level, out, args }),
        MaxOf => {
            loop1(level, SameMap, out, args[0]);
            for &x in &args[1..] {
                level.run(InPlace { out, x });
            }
        }
        Norm | NormScale | NormRoot => {
            row_by_row(out, args, |numbers| evaluate(operation, numbers).unwrap_or(f64::NAN))
        }
        NormSlope => loop3(level, NormSlopeMap, out, first(args)),
        LogSumExp => {
            loop1(level, SameMap, out, args[0]);
            near_zero(level, out, args[1], &args[2..]);
        }
        ExpShift => loop2(level, ExpShiftMap, out, first(args)),
        Constant(_)
        | Parameter(_)
        | Column(_)
        | Rows
        | Gather { .. }
        | Within { .. }
        | Sum
        | Dot
        | FusedDot
        | ChainDot(_)
        | Share(_)
        | LogSum
        | Reduce(_) => {
            unreachable!("{operation:?} is no loop over rows")
        }
    }
}

/// The frequent operations over a run that may be short: they are told apart next to their loops, for of few
/// numbers the way to a loop counts as much as the loop. Of one argument it takes the first.
pub(crate) fn frequent(level: Level, operation: Operation, out: &mut [f64], args: [Arg<'_>; 2]) {
    level.run(Frequent { operation, out, args });
}

struct Frequent<'a> {
    operation: Operation,
    out: &'a mut [f64],
    args: [Arg<'a>; 2],
}
impl Work for Frequent<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Frequent { operation, out, args: [a, b] } = self;
        match (operation, a) {
            (Operation::Neg, Arg::Rows(x)) => Loop1 { map: NegateMap, out, x }.run(),
            (Operation::Neg, Arg::Same(x)) => out.fill(-x),
            (Operation::Add, _) => Loop2 { map: SumMap, out, a, b }.run(),
            (Operation::Sub, _) => Loop2 { map: DifferenceMap, out, a, b }.run(),
            (Operation::Mul, _) => Loop2 { map: ProductMap, out, a, b }.run(),
            (Operation::Chain(Gate::First), _) => Loop2 { map: ByAdjointMap, out, a, b }.run(),
            (Operation::Chain(Gate::Either), _) => Loop2 { map: EitherWayMap, out, a, b }.run(),
            _ => unreachable!("{operation:?} is not among the frequent operations"),
        }
    }
}

/// The first arguments, as many as an operation takes.
fn first<'b, const N: usize>(args: &[Arg<'b>]) -> [Arg<'b>; N] {
    std::array::from_fn(|at| args[at])
}

/// A function of any number of arguments, one row after the other.
fn row_by_row(out: &mut [f64], args: &[Arg<'_>], of: impl Fn(&[f64]) -> f64) {
    let mut numbers = SmallVec::<[f64; 8]>::from_elem(0.0, args.len());
    for (row, out) in out.iter_mut().enumerate() {
        for (number, arg) in numbers.iter_mut().zip(args) {
            *number = arg.at(row);
        }
        *out = of(&numbers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::ir::entries::BinaryKind;
    use crate::program::ir::operation::evaluate;

    #[test]
    fn a_number_that_is_the_same_for_all_rows_gives_what_it_gives_alone() {
        let len = 300; // two pieces and a part
        let rows: Vec<f64> = (0..len).map(|i| f64::from(i) * 0.37 - 20.0).collect();
        for kind in [BinaryKind::Powf, BinaryKind::LogAddExp, BinaryKind::Xlogy] {
            let value = Operation::Binary(kind);
            for (first, same) in [(true, 2.5), (false, 2.5), (true, 0.0), (false, f64::INFINITY)] {
                let (varying, same) = (Arg::Rows(&rows), Arg::Same(same));
                let args = if first { [varying, same] } else { [same, varying] };
                for level in Level::all() {
                    let mut values = vec![7.0; rows.len()];
                    map(level, false, value, &mut values, &args);
                    let at = |entry| args.map(|arg| arg.at(entry));
                    let alone = (0..rows.len()).map(|row| evaluate(value, &at(row)));
                    assert!(alone.eq_by_bits(&values), "{kind:?}");
                    for side in [Side::First, Side::Second] {
                        let slope = Operation::BinarySlope { kind, side, alone: false };
                        let all = [args[0], args[1], Arg::Rows(&values)];
                        let mut slopes = vec![7.0; rows.len()];
                        map(level, false, slope, &mut slopes, &all);
                        let at = |entry| all.map(|arg| arg.at(entry));
                        let alone = (0..rows.len()).map(|row| evaluate(slope, &at(row)));
                        assert!(alone.eq_by_bits(&slopes), "{kind:?} {side:?}");
                    }
                }
            }
        }
    }

    trait EqByBits {
        /// Whether these are the numbers, to the bit; all NaN are one.
        fn eq_by_bits(self, numbers: &[f64]) -> bool;
    }
    impl<I: Iterator<Item = Option<f64>>> EqByBits for I {
        fn eq_by_bits(self, numbers: &[f64]) -> bool {
            let bits = |x: f64| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() };
            self.map(|x| x.map(bits)).eq(numbers.iter().map(|&x| Some(bits(x))))
        }
    }
}
