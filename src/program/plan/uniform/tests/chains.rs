//! Chains of additions become sums, and no bit changes.

use super::{all_ways, number, one_by_one, rosenbrock, same, steps};
use crate::op;
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::Operation;
use crate::program::plan::Plan;
use crate::program::tests::maker::of_numbers;
use crate::program::{Columns, Program, Term};
use proptest::prelude::*;

/// A way to go on with a chain of additions: which of so many sums, and what is added how.
#[derive(Clone, Debug)]
struct Link {
    sum: usize,
    /// A product of inputs, an input, a sum of two inputs, another chain so far, or the sum itself.
    term: u8,
    /// Whether the sum comes second.
    second: bool,
    away: bool,
    /// Whether the sum so far is read by something else too.
    read: bool,
}

fn link() -> impl Strategy<Value = Link> {
    (0..3_usize, 0..17_u8, any::<bool>(), 0..12_u8, 0..20_u8).prop_map(
        |(sum, term, second, away, read)| Link {
            sum,
            term,
            second,
            away: away == 0,
            read: read == 0,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Chains of additions, several in turn, read in the middle, begun at any number: each number that is
    /// read has the bits of one addition after the other.
    #[test]
    fn chains_are_added_up_in_their_order(
        parameters in prop::collection::vec(number(), 1..60),
        begin in prop::collection::vec(number(), 3),
        links in prop::collection::vec(link(), 1..300),
    ) {
        let mut graph = Graph::default();
        let inputs: Vec<Id> = (0..parameters.len() as u32)
            .map(|place| graph.push(Operation::Parameter(place), &[], None))
            .collect();
        let mut sums: Vec<Id> = begin.iter().map(|&x| graph.constant(x)).collect();
        let mut read: Vec<Id> = Vec::new();
        for (at, &Link { sum, term, second, away, read: is_read }) in links.iter().enumerate() {
            let input = |k: usize| inputs[(at + k) % inputs.len()];
            let term = match term {
                0 => sums[(sum + 1) % sums.len()],
                1..=3 => graph.binary(Operation::Add, input(0), input(1)),
                4..=6 => input(0),
                16 => sums[sum],
                _ => graph.binary(Operation::Mul, input(0), input(7)),
            };
            let before = sums[sum];
            sums[sum] = match (away, second) {
                (true, false) => graph.binary(Operation::Sub, before, term),
                (true, true) => graph.binary(Operation::Sub, term, before),
                (false, false) => graph.binary(Operation::Add, before, term),
                (false, true) => graph.binary(Operation::Add, term, before),
            };
            if is_read {
                read.push(graph.unary(Operation::Unary(op::Abs {}.into()), sums[sum]));
            }
        }
        let outputs: Vec<Id> = sums.iter().chain(&read).copied().collect();
        let values = one_by_one(&graph, &parameters);
        let program = of_numbers(graph, parameters.len(), &outputs);
        for (level, mut sweep) in all_ways(&program) {
            let found = sweep.run(&parameters, &Columns::none()).expect("sound data");
            for (at, id) in outputs.iter().enumerate() {
                let (found, expected) = (found.output(at)[0], values[id.at()]);
                prop_assert!(same(found, expected), "{level} {at}: {found:?}, not {expected:?}");
            }
        }
    }
}

/// However a sum is spelled, it is as few steps.
#[test]
fn a_sum_in_a_loop_is_as_few_steps_as_a_sum() {
    let valley = |x: &[Term], at: usize| {
        let (t, u) = (x[at + 1] - x[at] * x[at], x[at] - 1.0);
        t * t * 100.0 + u * u
    };
    let spellings: [fn(Term, Term) -> Term; 4] = [
        |sum, term| sum + term,
        |sum, term| term + sum,
        |sum, term| sum - term,
        |mut sum, term| {
            sum += term;
            sum
        },
    ];
    let at: Vec<f64> = (0..500).map(|i| (i as f64 * 0.37).sin()).collect();
    for (which, add) in spellings.into_iter().enumerate() {
        let added = |x: &[Term], _: &[Term]| {
            let terms = (0..x.len() - 1).map(|at| valley(x, at));
            vec![terms.fold(Term::from(0.0), add)]
        };
        let program = Program::recorded(&at, &[], added).expect("a recording").gradient();
        let plan = Plan::of(&program);
        let [stage] = &plan.stages[..] else { panic!("one list of numbers") };
        let most = steps(&rosenbrock(500)) + 20;
        assert!(stage.steps.len() < most, "{which}: {} steps", stage.steps.len());
        let single = stage.singles.len();
        assert!(single < 40, "{which}: {single} operations on single numbers");
    }
}

/// How a chain goes on by a term.
#[derive(Clone, Copy, Debug)]
enum Spelling {
    SumFirst,
    TermFirst,
    Away,
    Mixed,
    /// The sum so far is what is taken away, now and then: that begins a chain.
    TakenAway,
    /// Now and then the sum is added to itself: that too.
    Doubled,
}

/// A chain of additions of products, onto a number; the middle may be read, and so may be the numbers of which the
/// list has `before`.
fn chain(
    begin: f64,
    spelling: Spelling,
    len: usize,
    read: bool,
    before: usize,
) -> (Graph, Vec<Id>) {
    use Operation::{Add, Mul, Sub};
    const INPUTS: u32 = 11;
    let mut graph = Graph::default();
    let inputs: Vec<Id> =
        (0..INPUTS).map(|place| graph.push(Operation::Parameter(place), &[], None)).collect();
    let input = |at: usize| inputs[at % inputs.len()];
    let mut outputs: Vec<Id> = Vec::new();
    for at in 0..before {
        let factor = graph.constant(1.0 + at as f64);
        outputs.push(graph.binary(Mul, input(at), factor));
    }
    let mut sum = graph.constant(begin);
    for at in 0..len {
        let scale = graph.constant(at as f64 + 0.1);
        let other = graph.binary(Mul, input(at * at), scale);
        let term = graph.binary(Mul, input(at), other);
        sum = match (spelling, at % 9) {
            (Spelling::TermFirst, _) | (Spelling::Mixed, 0..3) => graph.binary(Add, term, sum),
            (Spelling::Away, _) | (Spelling::Mixed, 3..5) => graph.binary(Sub, sum, term),
            (Spelling::TakenAway, 8) => graph.binary(Sub, term, sum),
            (Spelling::Doubled, 8) => graph.binary(Add, sum, sum),
            _ => graph.binary(Add, sum, term),
        };
        if read && at == len / 2 {
            outputs.push(graph.unary(Operation::Neg, sum));
        }
    }
    outputs.push(sum);
    (graph, outputs)
}

/// Around the shortest chain that becomes a sum, the longest, and two of these; and where lists of nodes are cut.
#[test]
fn chains_of_every_length_have_the_bits_of_one_addition_after_the_other() {
    let spellings = [
        Spelling::SumFirst,
        Spelling::TermFirst,
        Spelling::Away,
        Spelling::Mixed,
        Spelling::TakenAway,
        Spelling::Doubled,
    ];
    let lengths = (0..=20).chain(61..=67).chain(125..=129);
    let mut cases: Vec<(Spelling, usize, usize)> =
        lengths.flat_map(|len| spellings.map(|spelling| (spelling, len, 0))).collect();
    // A chain has three nodes a link.
    cases.extend([6000, 6100, 6140, 6144].map(|before| (Spelling::Mixed, 70, before)));
    let at: Vec<f64> = (0..11).map(|i| (i as f64 * 0.37).sin()).collect();
    for (which, (spelling, len, before)) in cases.into_iter().enumerate() {
        for read in [false, true] {
            let begin = [0.3, -0.0, 0.0, f64::INFINITY][(which + usize::from(read)) % 4];
            let (graph, outputs) = chain(begin, spelling, len, read, before);
            let mut x = at.clone();
            x[which % 11] = [0.7, -0.0, f64::INFINITY, f64::NAN, 1e300, 0.1][which / 6 % 6];
            let values = one_by_one(&graph, &x);
            let expected: Vec<f64> = outputs.iter().map(|id| values[id.at()]).collect();
            let program = of_numbers(graph, x.len(), &outputs);
            for (way, mut sweep) in all_ways(&program) {
                let found = sweep.run(&x, &Columns::none()).expect("a run");
                for (at, &expected) in expected.iter().enumerate() {
                    let found = found.output(at)[0];
                    let what =
                        format!("{spelling:?}, {len} from {begin}, read: {read}, after {before}");
                    assert!(same(found, expected), "{what}, {way}, {at}: {found}, not {expected}");
                }
            }
        }
    }
}
