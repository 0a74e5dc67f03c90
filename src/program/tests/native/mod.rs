//! Native code gives the bits of the interpreter.

mod loops;

use super::definition::derived;
use super::maker::{COLUMNS, Random, program};
use super::same_bits::all_bits;
use crate::program::ir::entries::BinaryKind;
use crate::program::ir::graph::Graph;
use crate::program::ir::operation::{Gate, Operation};
use crate::program::{Columns, Name, NonFinite, Output, RunError};
use crate::{Scalar, objective, program::Program};

#[test]
fn random_programs_over_rows_have_the_bits_of_the_interpreter() {
    let mut finite = 0;
    for seed in 0..300 {
        let mut random = Random(seed ^ 0x0a71);
        let program = derived(seed);
        let n = random.below(80);
        let columns: Vec<Vec<f64>> =
            (0..COLUMNS).map(|_| (0..n).map(|_| random.number()).collect()).collect();
        let slices: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
        let data = Columns::new(&slices).expect("columns");
        let mut native = program.compile_native().expect("native code").non_finite(NonFinite::Take);
        let mut interpreted = program.compile().non_finite(NonFinite::Take);
        for _ in 0..3 {
            let at: Vec<f64> = (0..program.parameters).map(|_| random.number()).collect();
            let found = all_bits(native.run(&at, &data).expect("a run"));
            let expected = all_bits(interpreted.run(&at, &data).expect("a run"));
            assert_eq!(found, expected, "{seed}: {n} rows\n{program}");
            let numbers = expected.iter().flatten().map(|&bits| f64::from_bits(bits));
            finite += numbers.filter(|x| x.is_normal()).count();
        }
    }
    assert!(finite > 300, "only {finite} numbers tell anything apart");
}

/// Kinks, slopes that are infinite where a factor is 0, choices and a comparison.
fn corners() -> Program {
    let loss = objective!(|[a, b, c]| {
        let guarded = if a > -100.0 { a.max(b) } else { a };
        let chosen = Scalar::select(b.above(c), b * c, b - c);
        let root = (c * c * (a * 0.0)).sqrt() * (a * 0.0);
        guarded + (a - b).abs() * c.relu() + chosen.min(a) + root + (b.tanh() * c).exp()
    });
    Program::record(&loss, &[1.0, 2.0, 3.0], &[]).expect("a recording")
}

/// Asserts that both give the same, or the same error, which leaves what was found before.
fn agree(program: &Program, points: &[Vec<f64>]) {
    let mut native = program.compile_native().expect("native code");
    assert!(native.is_native());
    let mut called = program.compile_native().expect("native code");
    let mut interpreted = program.compile();
    for at in points {
        let expected = interpreted.run(at, &Columns::none()).map(all_bits);
        let found = native.run(at, &Columns::none()).map(all_bits);
        assert_eq!(found, expected, "{at:?}\n{program}");
        let [kept, found] = [interpreted.found(), native.found()];
        assert_eq!(found.map(all_bits), kept.map(all_bits), "{at:?}");
        let mut room: Vec<Vec<f64>> = match interpreted.found() {
            Some(found) => (0..found.output_count()).map(|k| found.output(k).to_vec()).collect(),
            None => continue,
        };
        room.iter_mut().for_each(|output| output.fill(f64::NAN));
        let mut slices: Vec<&mut [f64]> = room.iter_mut().map(|output| &mut output[..]).collect();
        let result = called.call_into(at, &mut slices);
        assert_eq!(result.is_ok(), expected.is_ok());
        if let (Ok(()), Some(expected)) = (result, interpreted.found().map(all_bits)) {
            let bits = |x: &f64| if x.is_nan() { f64::NAN } else { *x }.to_bits();
            for (output, expected) in room.iter().zip(&expected) {
                assert_eq!(&output.iter().map(bits).collect::<Vec<u64>>(), expected, "{at:?}");
            }
        }
    }
}

#[test]
fn kinks_guards_and_nan_are_those_of_the_interpreter() {
    let corners = corners();
    let mut random = Random(0xc0);
    let mut points: Vec<Vec<f64>> =
        (0..300).map(|_| (0..3).map(|_| random.number()).collect()).collect();
    points.extend([[0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [-0.0, 0.0, -0.0]].map(Vec::from));
    points.push(vec![-200.0, 1.0, 2.0]);
    agree(&corners, &points);
    agree(&corners.clone().gradient(), &points);
    agree(&corners.clone().hessian(), &points);
    agree(&corners.clone().jacobian(), &points);
    let along = |points: &[Vec<f64>]| -> Vec<Vec<f64>> {
        points.iter().map(|at| [&at[..], &at[..]].concat()).collect()
    };
    agree(&corners.clone().gradient().jvp(), &along(&points));
    agree(&corners.hvp(), &along(&points));
}

/// Of `copysign` a NaN that it is handed does not show: it has a sign as 0 has one.
#[test]
fn a_product_of_0_that_a_function_hides_is_0() {
    let mut graph = Graph::default();
    let [a, b] = [0, 1].map(|place| graph.push(Operation::Parameter(place), &[], None));
    let product = graph.binary(Operation::Chain(Gate::Either), a, b);
    let two = graph.constant(2.0);
    let signed = graph.binary(Operation::Binary(BinaryKind::Copysign), two, product);
    let program =
        Program { columns: 0, ..program(graph, vec![(Name::Value, Output::Number(signed))]) };
    let negative = f64::NAN.copysign(-1.0);
    let points = [[0.0, negative], [negative, 0.0], [0.0, f64::INFINITY], [3.0, -5.0]];
    agree(&program, &points.map(Vec::from));
    let mut native = program.compile_native().expect("native code");
    let found = native.run(&[0.0, negative], &Columns::none()).expect("a run");
    assert_eq!(found.value(), 2.0);
}

#[test]
fn a_turned_guard_names_its_line() {
    let program = corners().gradient();
    let mut native = program.compile_native().expect("native code");
    let mut gradient = [0.0; 3];
    let turned = native.call(&[-200.0, 1.0, 2.0], &mut gradient).unwrap_err();
    assert_eq!(Err(turned.clone()), program.compile().call(&[-200.0, 1.0, 2.0], &mut gradient));
    assert!(matches!(turned, RunError::GuardTurned { line, row: None } if line.file == file!()));
}

/// The slope of a sine is the cosine of the same number, which may be there, and the other way round with the sign
/// turned.
#[test]
fn functions_that_share_their_work_have_the_bits_of_the_interpreter() {
    let at = [1.0, 2.0, 3.0];
    let sums = objective!(|[a, b, c]| a.sin() * b.cos() + c.sin() * c.cos());
    let products = objective!(|[a, b, c]| a.cos() + a.sin() * b + b.cos() * c.cos() * b.sin());
    let nested = objective!(|[a, b, c]| (a.cos() * b.sin()).cos() - (a * c).sin().cos());
    let programs = [
        Program::record(&sums, &at, &[]),
        Program::record(&products, &at, &[]),
        Program::record(&nested, &at, &[]),
    ];
    let mut random = Random(0x51);
    let points: Vec<Vec<f64>> =
        (0..50).map(|_| (0..3).map(|_| random.number()).collect()).collect();
    for program in programs {
        let program = program.expect("a recording");
        agree(&program, &points);
        agree(&program.clone().gradient(), &points);
        agree_at_many(&program.clone().gradient(), &points);
        agree(&program.hessian(), &points);
    }
}

/// Asserts that points side by side give what each gives by itself.
fn agree_at_many(program: &Program, points: &[Vec<f64>]) {
    let bits = |x: f64| if x.is_nan() { f64::NAN } else { x }.to_bits();
    let mut native = program.compile_native().expect("native code");
    let mut interpreted = program.compile();
    let n = program.parameter_count();
    for count in [2, 3, points.len()] {
        let all: Vec<f64> = points[..count].concat();
        let (mut values, mut gradients) = (vec![7.0; count], vec![7.0; count * n]);
        native.call_many(&all, &mut values, &mut gradients).expect("a run");
        for (which, at) in points[..count].iter().enumerate() {
            let mut gradient = vec![7.0; n];
            let value = interpreted.call(at, &mut gradient).expect("a run");
            assert_eq!(bits(values[which]), bits(value), "{at:?}\n{program}");
            let found = gradients[which * n..][..n].iter().map(|&x| bits(x));
            assert!(found.eq(gradient.iter().map(|&x| bits(x))), "{at:?}\n{program}");
        }
    }
}

/// Of each entry of one argument, and of its slope, two are computed by one call.
#[test]
fn functions_at_two_points_have_the_bits_of_the_interpreter() {
    let mut random = Random(0x2b);
    let mut points: Vec<Vec<f64>> =
        (0..60).map(|_| (0..2).map(|_| random.number()).collect()).collect();
    // Beyond the reach of some vector forms, one beside another.
    points.extend([[1e9, 0.5], [0.5, 1e9], [-1e300, 1e300], [800.0, -800.0]].map(Vec::from));
    points.push(vec![0.25, f64::NAN]);
    let objectives = [
        Program::record(&objective!(|[a, b]| a.exp() * b.tanh() + a.erf()), &[0.5; 2], &[]),
        Program::record(&objective!(|[a, b]| a.sin() * b.cos() + a.cos()), &[0.5; 2], &[]),
        Program::record(&objective!(|[a, b]| (a * a).ln_1p() * b.sigmoid()), &[0.5; 2], &[]),
        Program::record(&objective!(|[a, b]| a.atan() + b.softplus() * a), &[0.5; 2], &[]),
        Program::record(&objective!(|[a, b]| a.tan() + b.sinh() * a.cbrt()), &[0.5; 2], &[]),
    ];
    for program in objectives {
        agree_at_many(&program.expect("a recording").gradient(), &points);
    }
}
