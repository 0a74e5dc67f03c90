//! Making variables, sweeping back, reading gradients.

use wengert::{Gradient, Scalar, Tape, TapeError, Var, gradient, gradient_array, gradient_sum};

/// Compiles only if a gradient is plain data and a variable can be kept anywhere on its thread.
#[allow(dead_code)]
fn promises() {
    fn travels<T: Send + Sync + 'static>() {}
    fn stays<T: Copy + 'static>() {}
    travels::<Gradient>();
    travels::<Gradient<f32>>();
    travels::<TapeError>();
    stays::<Var>();
    stays::<Var<f32>>();
}

#[test]
fn the_tour_of_the_tape_reads_as_promised() {
    let points = [(1.0, 40.0), (10.0, 80.0), (30.0, 70.0)];
    let n = points.len() as f64;
    let weights = [0.5, -0.25];

    let tape = Tape::new();
    let a = tape.var(-2.0);
    assert_eq!(a.value(), -2.0);
    let [a, b] = tape.vars([-2.0, 30.0]);
    let w: Vec<Var> = tape.vars_from(&weights);
    let loss = points.iter().map(|&(x, y)| (a * x * x + b * x - y).abs()).sum::<Var>() / n;
    let value: f64 = loss.value();
    let g = loss.backward();
    let one: f64 = g.wrt(a);
    let pair: [f64; 2] = g.wrt([a, b]);
    let list: Vec<f64> = g.wrt(&w);
    let _: [f64; 2] = g.wrt(&[a, b]);
    let _: Vec<f64> = g.wrt(&w[..1]);
    let _: f64 = g.wrt(&a);

    // Residuals: -2 + 30 - 40 = -12, -200 + 300 - 80 = 20, -1800 + 900 - 70 = -970.
    assert_eq!(value, (12.0 + 20.0 + 970.0) / 3.0);
    assert_eq!(one, (-1.0 + 100.0 - 900.0) / 3.0);
    assert_eq!(pair, [one, (-1.0 + 10.0 - 30.0) / 3.0]);
    assert_eq!(list, [0.0, 0.0]);
    assert!(tape.kinks().is_empty());

    tape.clear();
    assert_eq!(tape.stats().statement_count, 0);
    let x = tape.var(3.0);
    assert_eq!((x - 3.0).abs().backward().wrt(x), 0.0);
    assert_eq!(tape.kinks().len(), 1);

    fn product<T: Scalar>(x: &[T]) -> T {
        x.iter().product()
    }
    assert_eq!(gradient(|x: &[Var]| x[0] * x[1], &[2.0, 3.0]), (6.0, vec![3.0, 2.0]));
    assert_eq!(gradient(product, &[2.0, 3.0]), (6.0, vec![3.0, 2.0]));
    assert_eq!(gradient_array(|[a, b]| a * b, [2.0, 3.0]), (6.0, [3.0, 2.0]));
    assert_eq!(gradient_array(|x| product(&x), [2.0, 3.0]), (6.0, [3.0, 2.0]));
}

#[test]
fn a_tape_is_made_in_either_precision_and_with_room() {
    let tape = Tape::new();
    assert_eq!(tape.var(1.0).value(), 1.0_f64);
    let tape = Tape::<f32>::default();
    let x = tape.var(0.5);
    let slope: f32 = x.exp().backward().wrt(x);
    assert_eq!(slope, 0.5_f32.exp());
    let tape = Tape::with_capacity(1000);
    let held = tape.stats().bytes;
    let x = tape.var(1.0);
    let mut y = x;
    for _ in 0..300 {
        y = (y * x).keep();
    }
    assert_eq!(tape.stats().statement_count, 301);
    assert_eq!(tape.stats().bytes, held, "there was room");
    let tape: Tape<f32> = Tape::default();
    assert_eq!(tape.var(1.0).value(), 1.0_f32);
}

#[test]
fn a_gradient_answers_for_what_the_output_does_not_depend_on_with_zero() {
    let tape = Tape::new();
    let [a, b] = tape.vars([1.0, 2.0]);
    let g = (a * a).backward();
    let later = tape.var(3.0);
    assert_eq!(g.wrt([a, b, later]), [2.0, 0.0, 0.0]);
    assert_eq!(Var::from(7.0).backward().wrt([a, b]), [0.0, 0.0]);
    assert_eq!(g.wrt(&Vec::<Var>::new()), Vec::<f64>::new());
}

#[test]
fn a_leaf_is_its_own_output() {
    let tape = Tape::new();
    let [a, b] = tape.vars([1.0, 2.0]);
    assert_eq!(a.backward().wrt([a, b]), [1.0, 0.0]);
    assert_eq!(b.backward().wrt([a, b]), [0.0, 1.0]);
}

#[test]
fn a_recording_can_be_swept_again_and_carried_on() {
    let tape = Tape::new();
    let [a, b, c] = tape.vars([2.0, 3.0, 5.0]);
    let y = (a * b * c).keep();
    let first = y.backward();
    let z = y * y + a;
    assert_eq!(first, y.backward());
    assert_eq!(first.wrt([a, b, c]), [15.0, 10.0, 6.0]);
    assert_eq!(z.backward().wrt([a, b, c]), [901.0, 600.0, 360.0]);
}

#[test]
fn several_outputs_are_swept_at_once_each_with_its_seed() {
    let tape = Tape::new();
    let [a, b] = tape.vars([2.0, 3.0]);
    let [product, quotient, constant] = [a * b, a / b, Var::from(4.0)];
    let outputs = [(product, 10.0), (quotient, -3.0), (constant, 1.0), (product, 1.0)];
    let g = tape.backward(outputs);
    // 11 a b - 3 a / b
    assert_eq!(g.wrt([a, b]), [11.0 * 3.0 - 1.0, 11.0 * 2.0 + 3.0 * 2.0 / 9.0]);
    assert_eq!(tape.try_backward(outputs).unwrap(), g);
    assert_eq!(tape.backward([]).wrt([a, b]), [0.0, 0.0]);
    assert_eq!(tape.backward([(a, 2.0)]).wrt(a), 2.0);
}

#[test]
fn a_loss_over_chunks_has_the_gradient_of_the_whole() {
    let data: Vec<f64> = (0..1000).map(|i| f64::from(i % 37) / 8.0).collect();
    let loss = |w: &[Var], chunk: &[f64]| -> Var {
        chunk.iter().map(|&x| (w[0] * x - w[1]).powi(2)).sum()
    };
    let w = [0.5, 2.0];
    let (value, slope) = gradient(|w: &[Var]| loss(w, &data), &w);
    for size in [1, 7, 100, 1000, 5000] {
        let (sum, by_chunks) = gradient_sum(loss, &w, data.chunks(size));
        // All numbers are small multiples of 1/64: the sums are exact.
        assert_eq!((sum, &by_chunks), (value, &slope), "chunks of {size}");
    }
    assert_eq!(gradient_sum(loss, &w, data[..0].chunks(3)), (0.0, vec![0.0, 0.0]));
}

#[test]
fn derivatives_are_written_and_added_in_place() {
    let tape = Tape::new();
    let x = tape.vars_from(&[2.0, 3.0]);
    let g = (x[0] * x[1]).backward();
    let mut out = [7.0, 7.0];
    g.write_wrt(&x, &mut out);
    assert_eq!(out, [3.0, 2.0]);
    g.add_wrt(&x, &mut out);
    assert_eq!(out, [6.0, 4.0]);
}

#[test]
fn a_kept_variable_has_a_derivative_of_its_own() {
    let tape = Tape::new();
    let [a, b] = tape.vars([2.0, 3.0]);
    let inner = (a * b).keep();
    let outer = inner.powi(2) + a;
    let g = outer.backward();
    assert_eq!(inner.value(), 6.0);
    assert_eq!(g.wrt([inner, a, b]), [12.0, 37.0, 24.0]);
    // Keeping what is a statement already is free.
    let before = tape.stats().statement_count;
    assert_eq!(a.keep().backward().wrt(a), 1.0);
    inner.keep();
    assert_eq!(tape.stats().statement_count, before);
    assert!(Var::from(1.0).keep().is_constant());
}

#[test]
fn a_kept_variable_is_told_from_what_it_was_made_of_even_at_slope_one() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let shifted = (x + 3.0).keep();
    let g = (shifted * shifted * x).backward();
    // shifted² x: by `shifted` alone 2·5·2, by x in all 2·5·2 + 25.
    assert_eq!(g.wrt(x), 45.0);
    assert_eq!(g.wrt(shifted), 20.0);
    let size = x.abs().keep();
    let g = (size * x).backward();
    assert_eq!(g.wrt(x), 4.0);
    assert_eq!(g.wrt(size), 2.0);
}

#[test]
fn statistics_count_statements_edges_kinks_and_bytes() {
    let tape = Tape::new();
    let [a, b, c] = tape.vars([1.0, 2.0, 0.0]);
    assert_eq!((tape.stats().statement_count, tape.stats().edge_count), (3, 0));
    let y = a * b + c; // three parents: the first two go into a statement, or all three
    let _ = c.abs();
    let stats = tape.stats();
    assert!(stats.statement_count > 3 && stats.edge_count >= 3, "{stats:?}");
    assert_eq!(stats.kink_count, 1);
    assert!(stats.bytes >= stats.statement_count * 4 + stats.edge_count * 8, "{stats:?}");
    assert_eq!(y.backward().wrt([a, b, c]), [2.0, 1.0, 1.0]);
    tape.clear();
    let cleared = tape.stats();
    assert_eq!((cleared.statement_count, cleared.edge_count, cleared.kink_count), (0, 0, 0));
    assert_eq!(cleared.bytes, stats.bytes, "memory is kept");
    assert!(format!("{tape:?}").contains("statement_count: 0"));
}

#[test]
fn the_million_point_fit_leaves_a_tape_of_under_a_kilobyte() {
    let tape = Tape::new();
    let [a, b] = tape.vars([-2.0, 30.0]);
    let n = 1_000_000;
    let points = (0..n).map(|i| (f64::from(i) / 1e5, f64::from(i % 100)));
    let loss = points.map(|(x, y)| (a * x * x + b * x - y).abs()).sum::<Var>() / f64::from(n);
    assert!(loss.backward().wrt(b).is_finite());
    assert!(tape.stats().bytes < 1024, "{:?}", tape.stats());
}

#[test]
fn what_cannot_be_numbered_is_a_typed_error_in_the_forms_that_try() {
    let tape = Tape::new();
    let x = tape.try_var(3.0).unwrap();
    assert_eq!((x * x).try_backward().unwrap().wrt(x), 6.0);
    assert!(tape.try_reserve(10).is_ok());
    let error = tape.try_reserve(usize::MAX).unwrap_err();
    assert!(matches!(error, TapeError::Full { statements: 1, .. }), "{error:?}");
    assert!(error.to_string().contains("the tape is full: 1 statements"), "{error}");
    // The tape is none the worse for it.
    assert_eq!((x * x).backward().wrt(x), 6.0);
}

#[test]
fn a_gradient_outlives_its_tape_and_goes_to_another_thread() {
    let (g, x) = {
        let tape = Tape::new();
        let x = tape.var(3.0);
        ((x * x).backward(), x)
    };
    assert_eq!(g.wrt(x), 6.0);
    let copy = g.clone();
    let same = std::thread::spawn(move || copy == copy.clone()).join().unwrap();
    assert!(same);
}

#[test]
fn several_tapes_of_one_thread_do_not_disturb_each_other() {
    let (first, second) = (Tape::new(), Tape::new());
    let [a, b] = [first.var(2.0), second.var(3.0)];
    let (y, z) = (a * a, b * b);
    second.clear();
    assert_eq!(y.backward().wrt(a), 4.0);
    let c = second.var(5.0);
    assert_eq!((c * c).backward().wrt(c), 10.0);
    assert_eq!(z.value(), 9.0);
    drop(first);
    assert_eq!((c * c * c).backward().wrt(c), 75.0);
}
