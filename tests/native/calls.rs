//! Calls at a point, and what they do with bad input.

use wengert::objective;
use wengert::program::{Columns, Program, RunError, Sweep};

fn program() -> Program {
    let loss = objective!(|[a, b, c]| {
        let scaled = if a < 100.0 { a } else { a * 0.5 };
        (scaled * b).exp() + (b - c).abs() * c.max(a) + (c * 0.0).sqrt() * (b * 0.0)
    });
    Program::record(&loss, &[0.5, 0.25, 1.0], &[]).expect("a recording").gradient()
}

fn ways(program: &Program) -> [Sweep; 2] {
    [program.compile(), program.compile_native().expect("native code")]
}

#[test]
fn wrong_lengths_are_errors() {
    for mut sweep in ways(&program()) {
        let mut gradient = [0.0; 3];
        let short = sweep.call(&[1.0; 2], &mut gradient);
        assert_eq!(short, Err(RunError::Parameters { expected: 3, found: 2 }));
        let room = sweep.call(&[1.0; 3], &mut gradient[..2]);
        assert_eq!(room, Err(RunError::Room { expected: 3, found: 2 }));
        assert!(sweep.found().is_none());
        let fewer = sweep.call_into(&[1.0; 3], &mut [&mut [0.0]]);
        assert_eq!(fewer, Err(RunError::Room { expected: 2, found: 1 }));
        let other = sweep.call_into(&[1.0; 3], &mut [&mut [0.0], &mut [0.0; 4]]);
        assert_eq!(other, Err(RunError::Room { expected: 3, found: 4 }));
        assert!(sweep.found().is_none());
        let odd = sweep.call_many(&[1.0; 7], &mut [0.0; 2], &mut [0.0; 6]);
        assert_eq!(odd, Err(RunError::Points { points: 2, expected: 6, found: 7 }));
        let odd = sweep.call_many(&[1.0; 6], &mut [0.0; 2], &mut [0.0; 5]);
        assert_eq!(odd, Err(RunError::Room { expected: 6, found: 5 }));
        assert!(sweep.call(&[1.0; 3], &mut gradient).is_ok());
    }
}

#[test]
fn a_call_leaves_no_result_not_even_of_the_run_before() {
    let (fine, turned) = ([0.5, 0.25, 1.0], [200.0, 0.25, 1.0]);
    for mut sweep in ways(&program()) {
        for (point, len) in [(fine, 3), (fine, 2), (turned, 3)] {
            let (mut value, mut gradient) = ([0.0], [0.0; 3]);
            sweep.run(&fine, &Columns::none()).expect("a run");
            let called = sweep.call(&point, &mut gradient[..len]).is_ok();
            assert_eq!((called, sweep.found().is_none()), (point == fine && len == 3, true));
            sweep.run(&fine, &Columns::none()).expect("a run");
            let room: &mut [&mut [f64]] = &mut [&mut value, &mut gradient[..len]];
            assert_eq!(sweep.call_into(&point, room).is_ok(), called);
            assert!(sweep.found().is_none());
        }
    }
}

#[test]
fn what_a_failed_run_found_before_is_kept() {
    for mut sweep in ways(&program()) {
        let kept =
            sweep.run(&[0.5, 0.25, 1.0], &Columns::none()).expect("a run").gradient().to_vec();
        let turned = sweep.run(&[200.0, 0.25, 1.0], &Columns::none()).unwrap_err();
        assert!(matches!(turned, RunError::GuardTurned { row: None, .. }), "{turned}");
        assert!(turned.to_string().contains("calls.rs"), "{turned}");
        assert_eq!(sweep.found().map(|found| found.gradient()), Some(&kept[..]));
    }
}

/// Points of which some are odd: a NaN, a kink, one where a factor 0 meets an infinite slope.
#[test]
fn many_points_are_as_one_by_one() {
    let numbers = [0.5, -0.25, 1.0, 0.0, -0.0, f64::NAN, 3.0, f64::INFINITY, -1e300, 1e-310];
    for count in [0, 1, 2, 3, 8, 101] {
        let number = |i: usize| match i % 3 {
            // The first is compared with 100.
            0 => numbers[i * i % 5],
            _ => numbers[i * i % 7 * (i + 1) % 10],
        };
        let points: Vec<f64> = (0..3 * count).map(number).collect();
        let mut all = Vec::new();
        for mut sweep in ways(&program()) {
            let (mut values, mut gradients) = (vec![0.0; count], vec![0.0; 3 * count]);
            sweep.call_many(&points, &mut values, &mut gradients).expect("a run");
            let bits = |x: &f64| if x.is_nan() { f64::NAN } else { *x }.to_bits();
            let mut alone = program().compile();
            for ((point, value), slopes) in points.chunks(3).zip(&values).zip(gradients.chunks(3)) {
                let found = alone.run(point, &Columns::none()).expect("a run");
                assert_eq!(bits(value), bits(&found.value()), "{point:?}");
                let [found, slopes] =
                    [found.gradient(), slopes].map(|x| x.iter().map(bits).collect::<Vec<_>>());
                assert_eq!(found, slopes, "{point:?}");
            }
            all.push(values.iter().map(bits).collect::<Vec<_>>());
        }
        assert_eq!(all[0], all[1]);
    }
}

#[test]
fn the_first_point_that_fails_is_the_error() {
    for mut sweep in ways(&program()) {
        let points = [0.5, 0.25, 1.0, 0.5, 0.5, 1.0, 200.0, 0.25, 1.0];
        let turned = sweep.call_many(&points, &mut [0.0; 3], &mut [0.0; 9]).unwrap_err();
        assert!(matches!(turned, RunError::GuardTurned { .. }), "{turned}");
    }
}

#[test]
fn native_programs_go_to_other_threads() {
    fn is_sent<T: Send + Sync>(_: &T) {}
    let mut native = program().compile_native().expect("native code");
    is_sent(&native);
    let here = native.call(&[0.5, 0.25, 1.0], &mut [0.0; 3]).expect("a run");
    let there = std::thread::spawn(move || native.call(&[0.5, 0.25, 1.0], &mut [0.0; 3]));
    assert_eq!(there.join().expect("a thread"), Ok(here));
}

/// Programs of rows, too, have native code around their passes.
#[test]
fn a_program_over_rows_gives_what_it_gives() {
    let curve = objective!(|[a, b], [x, y]| ((a.exp() * x + b * b) - y).square());
    let program = Program::record(&curve, &[0.1, 0.2], &[1.0, 2.0]).expect("a recording");
    let program = program.mean().gradient();
    let (x, y) = ([1.0, 2.0, 3.0], [2.0, 3.0, 5.0]);
    let data = Columns::new(&[&x, &y]).expect("columns");
    let [found, native] = ways(&program).map(|mut sweep| {
        let found = sweep.run(&[0.3, 0.4], &data).expect("a run");
        (found.value(), found.gradient().to_vec(), found.row_count())
    });
    assert_eq!(found, native);
}
