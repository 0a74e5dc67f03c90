//! Loops of native code over neighbours, over shifted and overlapping runs, and over what another loop has just
//! written, give the bits of the interpreter, however the program is called.

use super::super::maker::{Random, program, same};
use crate::op;
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::{Gate, Operation};
use crate::program::{Columns, Name, Output, Program};

/// Lists of numbers, each computed of those before it: an item of items that lie apart by as much as others of its
/// list, or the sum of some that follow one another. The gradient's entries are items of any list.
fn lists(random: &mut Random, parameters: usize) -> Program {
    use Operation::*;
    let mut graph = Graph::default();
    let first = (0..parameters).map(|at| graph.push(Parameter(at as u32), &[], None)).collect();
    let mut lists: Vec<Vec<Id>> = vec![first];
    let constant = graph.constant(0.75);
    for _ in 0..1 + random.below(8) {
        // Mostly of the last ones, which may then be one loop with it.
        let mut list = |lists: &[Vec<Id>]| {
            let back = 1 + random.below(lists.len().min(3));
            let list = lists[lists.len() - back].clone();
            let shift = random.below(3).min(list.len() - 1);
            // Now and then each second or third, or from the last to the first.
            let step = [1, 1, 1, 2, 3][random.below(5)];
            let mut items: Vec<Id> = list[shift..].iter().copied().step_by(step).collect();
            if random.below(8) == 0 {
                items.reverse();
            }
            items
        };
        let [a, b, c] = [0; 3].map(|_| list(&lists));
        let len = a.len().min(b.len()).min(c.len());
        let width = 2 + random.below(3);
        let unary: Vec<Operation> = [op::Sin {}.into(), op::Abs {}.into(), op::Sqrt {}.into()]
            .into_iter()
            .map(Unary)
            .collect();
        let which = random.below(15);
        let next: Vec<Id> = match which {
            0 if a.len() >= width => {
                let groups = a.chunks_exact(width);
                groups.map(|group| graph.push(Sum, group, None)).collect()
            }
            1 if a.len() >= width => {
                let windows = a.windows(width);
                windows.map(|window| graph.push(Sum, window, None)).collect()
            }
            _ => (0..len)
                .map(|i| match which {
                    2 => graph.unary(Neg, a[i]),
                    3 => graph.unary(unary[i / len.max(1) + c.len() % 3], a[i]),
                    4 => graph.binary(Mul, a[i], constant),
                    5 => graph.binary(Chain(Gate::Either), a[i], b[i]),
                    6 | 7 => graph.binary(Chain(Gate::First), a[i], b[i]),
                    // A mask hides whether what it compares is NaN.
                    8 | 9 => {
                        let mask = graph.binary(Above, a[i], b[i]);
                        graph.push(Select, &[mask, c[i], b[i]], None)
                    }
                    10 => graph.binary(Div, a[i], b[i]),
                    11 => graph.binary(Sub, a[i], b[i]),
                    12 => graph.binary(Add, a[i], b[0]),
                    13 => graph.binary(Add, a[i], b[i]),
                    _ => graph.binary(Mul, a[i], b[i]),
                })
                .collect(),
        };
        lists.push(next);
    }
    let value = match lists.last() {
        Some(list) if list.len() > 1 => graph.push(Sum, list, None),
        Some(list) => list[0],
        None => constant,
    };
    let mut entries: Vec<(u32, Id)> = Vec::new();
    let mut place = 0;
    while place < parameters {
        // A run of a list's items, or a gap.
        let list = &lists[lists.len() - 1 - random.below(lists.len().min(4))];
        let run = 1 + random.below(list.len());
        if random.below(5) > 0 {
            let items = list.iter().rev().take(run).rev().take(parameters - place);
            entries.extend((place as u32..).zip(items.copied()));
        }
        place += run;
    }
    let gradient = Output::Vector { len: parameters, entries, scatters: Vec::new() };
    let outputs = vec![(Name::Value, Output::Number(value)), (Name::Gradient, gradient)];
    Program { parameters, columns: 0, ..program(graph, outputs) }
}

#[test]
fn loops_have_the_bits_of_the_interpreter_however_they_are_called() {
    let mut ordinary = 0;
    for seed in 0..250_u64 {
        let mut random = Random(seed ^ 0x100b);
        let n = if seed < 150 { 1 + seed as usize % 20 } else { 21 + random.below(60) };
        let program = lists(&mut random, n);
        let mut native = program.compile_native().expect("native code");
        let mut interpreted = program.compile();
        // Ordinary numbers, with some that are not, and now and then nothing else; or a 0 near an infinity, and no other
        // that makes a NaN.
        let odd = [0, 1, 8][random.below(3)];
        let few = random.below(2) == 0;
        for count in [0, 1, 2, 3, 5] {
            let number = |random: &mut Random| {
                let wild = !few && random.below(8) < odd;
                if wild { random.number() } else { random.below(4001) as f64 / 1000.0 - 2.0 }
            };
            let mut points: Vec<f64> = (0..n * count).map(|_| number(&mut random)).collect();
            for at in points.chunks_exact_mut(n).filter(|_| few) {
                let place = random.below(n);
                at[(place + 1 + random.below(2)) % n] = f64::INFINITY;
                at[place] = [0.0, -0.0][random.below(2)];
            }
            let (mut values, mut gradients) = (vec![7.0; count], vec![7.0; n * count]);
            native.call_many(&points, &mut values, &mut gradients).expect("a run");
            for (which, at) in points.chunks_exact(n).enumerate() {
                let found = interpreted.run(at, &Columns::none()).expect("a run");
                let (value, want) = (found.value(), found.gradient());
                ordinary += want.iter().filter(|x| x.is_normal()).count();
                let check = |how: &str, own: f64, gradient: &[f64]| {
                    let what =
                        format!("{seed}: {how}, point {which} of {count}, {at:?}\n{program}");
                    assert!(same(own, value), "{own}, not {value}, {what}");
                    for (place, (&got, &want)) in gradient.iter().zip(want).enumerate() {
                        assert!(same(got, want), "{got}, not {want} at {place}, {what}");
                    }
                };
                check("many", values[which], &gradients[n * which..][..n]);
                let found = native.run(at, &Columns::none()).expect("a run");
                check("run", found.value(), found.gradient());
                let mut gradient = vec![7.0; n];
                let own = native.call(at, &mut gradient).expect("a run");
                check("call", own, &gradient);
                let (mut own, mut gradient) = ([7.0], vec![7.0; n]);
                native.call_into(at, &mut [&mut own, &mut gradient]).expect("a run");
                check("call_into", own[0], &gradient);
            }
        }
    }
    assert!(ordinary > 10_000, "only {ordinary} numbers tell anything apart");
}

/// `pᵢ = xᵢ yᵢ` as a product of derivatives, of which one is 0 times an infinity. Some of them go out, and of the rest
/// it only shows whether they are above -1: which they would not be as NaN.
#[test]
fn a_product_that_no_output_shows_is_looked_at() {
    for n in 1..=20_usize {
        for (zero, shown) in (0..n).flat_map(|zero| [0, n / 2, n].map(|shown| (zero, shown))) {
            let mut graph = Graph::default();
            let x: Vec<Id> = (0..2 * n as u32)
                .map(|at| graph.push(Operation::Parameter(at), &[], None))
                .collect();
            let [bound, yes, no] = [-1.0, 3.0, 4.0].map(|c| graph.constant(c));
            let mut entries: Vec<(u32, Id)> = Vec::new();
            for i in 0..n {
                let product = graph.binary(Operation::Chain(Gate::First), x[i], x[n + i]);
                let seen = match i < shown {
                    true => product,
                    false => {
                        let mask = graph.binary(Operation::Above, product, bound);
                        graph.push(Operation::Select, &[mask, yes, no], None)
                    }
                };
                entries.push((i as u32, seen));
            }
            let gradient = Output::Vector { len: 2 * n, entries, scatters: Vec::new() };
            let outputs = vec![(Name::Value, Output::Number(yes)), (Name::Gradient, gradient)];
            let program = Program { parameters: 2 * n, columns: 0, ..program(graph, outputs) };
            let mut at: Vec<f64> = (0..2 * n).map(|i| 0.5 + i as f64).collect();
            (at[zero], at[n + zero]) = (0.0, f64::INFINITY);
            let mut slopes = vec![f64::NAN; 2 * n];
            let mut native = program.compile_native().expect("native code");
            native.call(&at, &mut slopes).expect("a run");
            for i in 0..n {
                let product = if i == zero { 0.0 } else { at[i] * at[n + i] };
                let expected = if i < shown { product } else { 3.0 };
                assert_eq!(slopes[i], expected, "{i} of {n}, {shown} shown, 0 at {zero}");
            }
        }
    }
}
