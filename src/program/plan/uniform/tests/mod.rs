use crate::op;
use crate::op::vector::level::Level;
use crate::program::ir::entries::{BinaryKind, UnaryKind};
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::{Gate, Operation, Side, evaluate};
use crate::program::plan::Plan;
use crate::program::tests::maker::of_numbers;
use crate::program::{Columns, Name, Output, Program, Sweep};
use proptest::prelude::*;

mod chains;
mod neighbours;
mod runs;

/// Operations on single numbers, all kinds of them.
fn operations() -> Vec<Operation> {
    use Operation::*;
    let (exp, abs, tanh): (UnaryKind, UnaryKind, UnaryKind) =
        (op::Exp {}.into(), op::Abs {}.into(), op::Tanh {}.into());
    let (ln, sin): (UnaryKind, UnaryKind) = (op::Ln {}.into(), op::Sin {}.into());
    let (max, hypot): (BinaryKind, BinaryKind) = (op::Max.into(), op::Hypot.into());
    let slope = |kind, side, alone| BinarySlope { kind, side, alone };
    let common =
        [Neg, Add, Sub, Mul, Div, Chain(Gate::First), Sum, Sum, Mul, Add, Chain(Gate::Either)];
    let unary = [exp, abs, tanh, ln, sin].into_iter().flat_map(|k| [Unary(k), UnarySlope(k)]);
    let rest = [
        Rem,
        RemSlope,
        MulAdd,
        ProductPlus,
        Binary(max),
        Binary(hypot),
        slope(max, Side::First, false),
        slope(max, Side::Second, true),
        slope(hypot, Side::Second, false),
        UnaryKink(abs),
        BinaryKink(max),
        Above,
        AtLeast,
        Equal,
        Select,
        Dot,
        FusedDot,
        ChainDot(Gate::First),
        MaxOf,
        Many(op::Lerp.into()),
        Many(op::Variance.into()),
        Norm,
        NormScale,
        NormRoot,
        NormSlope,
        ExpShift,
        LogSumExp,
        Detach,
    ];
    common.into_iter().chain(unary).chain(rest).collect()
}

/// Numbers that tell operations and orders apart.
fn number() -> impl Strategy<Value = f64> {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1.0, -1.0, 5e-324, 1e300];
    prop_oneof![4 => -3.0..3.0, 1 => prop::sample::select(odd.to_vec())]
}

/// A pattern that is written many times: operations, and how far back each argument lies.
#[derive(Clone, Debug)]
struct Pattern {
    steps: Vec<(usize, Vec<u16>)>,
    times: usize,
    /// Whether it reads its arguments from the last parameter to the first.
    back: bool,
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let step = (0..operations().len(), prop::collection::vec(any::<u16>(), 2..10));
    (prop::collection::vec(step, 1..9), 1..90_usize, any::<bool>())
        .prop_map(|(steps, times, back)| Pattern { steps, times, back })
}

/// Writes patterns into a graph; returns all of its nodes but the inputs.
fn write(graph: &mut Graph, inputs: &[Id], patterns: &[Pattern]) -> Vec<Id> {
    let operations = operations();
    let mut all: Vec<Id> = Vec::new();
    for Pattern { steps, times, back } in patterns {
        for round in 0..*times {
            let round = if *back { times - 1 - round } else { round };
            let before = all.len();
            for (operation, args) in steps {
                let operation = operations[*operation];
                let len = operation.arity().unwrap_or(args.len() / 2 * 2);
                let pick = |(k, &arg): (usize, &u16)| {
                    let (far, arg) = (usize::from(arg) >> 8, usize::from(arg & 0xff));
                    match arg % 4 {
                        0 if !all.is_empty() => all[all.len() - 1 - far % all.len()],
                        1 if all.len() > before => all[before + arg / 4 % (all.len() - before)],
                        2 => inputs[arg % inputs.len()],
                        _ => inputs[(round + arg / 4 + k) % inputs.len()],
                    }
                };
                let args: Vec<Id> = args.iter().cycle().take(len).enumerate().map(pick).collect();
                all.push(graph.push(operation, &args, None));
            }
        }
    }
    all
}

/// All numbers of a graph, one node after the other: the definition.
fn one_by_one(graph: &Graph, parameters: &[f64]) -> Vec<f64> {
    let mut values: Vec<f64> = Vec::new();
    for id in graph.ids() {
        let args: Vec<f64> = graph.args(id).iter().map(|arg| values[arg.at()]).collect();
        values.push(match graph.operation(id) {
            Operation::Parameter(place) => parameters[place as usize],
            operation => evaluate(operation, &args).expect("an operation of a row"),
        });
    }
    values
}

/// On each instruction set, and as native code.
fn all_ways(program: &Program) -> Vec<(String, Sweep)> {
    let compiled = |level| (format!("{level:?}"), program.compile_for(level, None));
    #[allow(unused_mut, reason = "there may be no more")]
    let mut ways: Vec<(String, Sweep)> = Level::all().map(compiled).collect();
    #[cfg(feature = "native")]
    ways.push(("native".to_owned(), program.compile_native().expect("native code")));
    ways
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Grouped, in any order, with places used again: each number has the bits of the definition.
    #[test]
    fn each_number_is_what_its_operation_gives(
        parameters in prop::collection::vec(number(), 1..80),
        constants in prop::collection::vec(number(), 1..4),
        patterns in prop::collection::vec(pattern(), 1..5),
        every in 1..40_usize,
    ) {
        let mut graph = Graph::default();
        let mut inputs: Vec<Id> = Vec::new();
        for place in 0..parameters.len() {
            inputs.push(graph.push(Operation::Parameter(place as u32), &[], None));
        }
        inputs.extend(constants.iter().map(|&c| graph.constant(c)));
        let all = write(&mut graph, &inputs, &patterns);
        let outputs: Vec<Id> = all.iter().copied().step_by(every).collect();
        let values = one_by_one(&graph, &parameters);
        let expected: Vec<f64> = outputs.iter().map(|id| values[id.at()]).collect();
        let program = of_numbers(graph, parameters.len(), &outputs);
        for (level, mut sweep) in all_ways(&program) {
            // Twice, since places are used again.
            sweep.run(&vec![0.5; parameters.len()], &Columns::none()).expect("sound data");
            let found = sweep.run(&parameters, &Columns::none()).expect("sound data");
            for (at, &expected) in expected.iter().enumerate() {
                let found = found.output(at)[0];
                prop_assert!(same(found, expected), "{level} {at}: {found:?}, not {expected:?}");
            }
        }
    }
}

/// The steps of a program that has one list of numbers.
fn steps(program: &Program) -> usize {
    let plan = Plan::of(program);
    assert_eq!(plan.stages.len(), 1);
    plan.stages[0].steps.len()
}

fn rosenbrock(n: usize) -> Program {
    let valley = crate::objective!(|x| {
        let terms = x.windows(2).map(|p| {
            let (t, u) = (p[1] - p[0] * p[0], p[0] - 1.0);
            t * t * 100.0 + u * u
        });
        terms.sum()
    });
    Program::record(&valley, &vec![0.3; n], &[]).expect("a recording").gradient()
}

/// What is the same for each unknown is a loop, whatever the ends are.
#[test]
fn a_sum_over_neighbours_is_a_few_loops() {
    assert!(steps(&rosenbrock(500)) < 60, "{}", steps(&rosenbrock(500)));
    // Each window of nodes has its own.
    assert!(steps(&rosenbrock(10_000)) < 800, "{}", steps(&rosenbrock(10_000)));
}

/// Long sums are trees of short ones, of neighbours: they too have the bits of the definition.
#[test]
fn rosenbrocks_numbers_are_what_their_operations_give() {
    for n in [40, 2000] {
        let mut program = rosenbrock(n);
        // Each sum by itself: a wrong last bit could be lost in the whole.
        let graph = &program.graph;
        let sums = graph.ids().filter(|&id| graph.operation(id) == Operation::Sum);
        program.outputs.extend(sums.map(|sum| (Name::Value, Output::Number(sum))));
        for odd in [0.5, -0.0, f64::INFINITY, f64::NAN] {
            let mut x: Vec<f64> = (0..n).map(|i| (i as f64 * 0.37).sin()).collect();
            x[n / 3] = odd;
            let values = one_by_one(&program.graph, &x);
            for (_, mut sweep) in all_ways(&program) {
                let found = sweep.run(&x, &Columns::none()).expect("a run");
                for (at, (_, output)) in program.outputs.iter().enumerate() {
                    let found = found.output(at);
                    match output {
                        Output::Number(id) => assert!(same(found[0], values[id.at()])),
                        Output::Vector { entries, .. } => {
                            for &(place, id) in entries {
                                // A gradient begins as 0, to which is added.
                                assert!(same(found[place as usize], 0.0 + values[id.at()]));
                            }
                        }
                        Output::Rows { .. } => unreachable!("a program of no rows"),
                    }
                }
            }
        }
    }
}

#[test]
fn rosenbrocks_gradient_is_the_closed_form() {
    for n in [2, 3, 9, 33, 1000, 10_000] {
        let x: Vec<f64> = (0..n).map(|i| (i as f64 * 0.37).sin()).collect();
        let mut sweep = rosenbrock(n).compile();
        let found = sweep.run(&x, &Columns::none()).expect("a run");
        let mut value = 0.0;
        let mut gradient = vec![0.0; n];
        for i in 0..n - 1 {
            let (t, u) = (x[i + 1] - x[i] * x[i], x[i] - 1.0);
            value += 100.0 * t * t + u * u;
            gradient[i] += 2.0 * u - 400.0 * x[i] * t;
            gradient[i + 1] += 200.0 * t;
        }
        assert!((found.value() - value).abs() <= 1e-13 * value, "{n}: {}", found.value());
        for (i, (found, expected)) in found.gradient().iter().zip(&gradient).enumerate() {
            assert!((found - expected).abs() <= 1e-12, "{n}, {i}: {found}, not {expected}");
        }
    }
}

/// Numbers before the rows, a pass over them, and numbers after it.
#[test]
fn numbers_before_and_after_a_pass_are_the_closed_form() {
    let n = 40;
    let mixed = crate::objective!(|w, [x]| {
        // wₖ² xᵏ summed over k, where wₖ² is a number before the pass.
        let mut power = x * 0.0 + 1.0;
        let mut sum = x * 0.0;
        for &w in w {
            sum += w * w * power;
            power *= x;
        }
        sum * sum
    });
    let w: Vec<f64> = (0..n).map(|k| 1.0 / (1.0 + k as f64)).collect();
    let xs = [0.5, -0.25, 0.75, 0.125];
    let program = Program::record(&mixed, &w, &[0.5]).expect("a recording").mean().gradient();
    for (_, mut sweep) in all_ways(&program) {
        let found = sweep.run(&w, &Columns::new(&[&xs]).expect("columns")).expect("a run");
        let at = |x: f64| -> f64 { (0..n).map(|k| w[k] * w[k] * x.powi(k as i32)).sum() };
        let value: f64 = xs.iter().map(|&x| at(x) * at(x)).sum::<f64>() / 4.0;
        assert!((found.value() - value).abs() <= 1e-13 * value);
        for (k, &found) in found.gradient().iter().enumerate() {
            let slopes = xs.iter().map(|&x| 4.0 * at(x) * w[k] * x.powi(k as i32));
            let expected = slopes.sum::<f64>() / 4.0;
            assert!((found - expected).abs() <= 1e-13, "{k}: {found}, not {expected}");
        }
    }
}
