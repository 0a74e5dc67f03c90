//! What a training loop allocates after its first step, and what a tape weighs.

// A counting allocator cannot be written without it.
#![allow(unsafe_code)]
// Every line of this file is a test, those outside of test functions too.
#![allow(clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use wengert::optim::{Adan, Best, OptimError, Optimizer, Plateau, Schedule, Search, Sgd, StepSize};
use wengert::{Params, Recorded, Tape, Var};

struct Counting;

thread_local! {
    /// Of this thread alone: other tests run beside.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged; the counter is a plain number of the
// thread, without destructor, and allocates nothing itself.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `System` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the pointer came from `System` with this layout; the size is the caller's promise.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The allocations of 100 training steps after the first.
fn allocations_after_the_first_step(
    mut params: Params,
    mut optimizer: impl Optimizer,
    loss: impl Fn(Recorded) -> Var,
) -> usize {
    let tape = Tape::new();
    let mut vars = Vec::new();
    let mut gradient = vec![0.0; params.len()];
    let mut best = Best::minimum();
    let mut before = 0;
    for step in 0..101 {
        if step == 1 {
            before = ALLOCATIONS.get();
        }
        tape.clear();
        let p = params.record(&tape, &mut vars);
        let loss = loss(p);
        loss.backward().write_wrt(p.vars(), &mut gradient);
        best.observe(params.values(), loss.value());
        params.step(&mut optimizer, loss.value(), &gradient).unwrap();
    }
    assert!(before > 0, "the counter counts");
    ALLOCATIONS.get() - before
}

#[test]
fn a_fit_by_mean_absolute_error_allocates_nothing_after_its_first_step() {
    // Scattered, so that no fit meets more kinks than the one at x = 0, which each step meets.
    let scattered = |x: i32| 100.0 * f64::from(x) - f64::from(x * x) + f64::from(37 * x % 11);
    let points: Vec<(f64, f64)> = (0..100).map(|x| (f64::from(x), scattered(x))).collect();
    let params = || Params::from_scalars([("a", -2.0), ("b", 30.0)]).unwrap();
    let loss = |p: Recorded| {
        let [a, b] = p.scalars(["a", "b"]).unwrap();
        points.iter().map(|&(x, y)| (a * x * x + b * x - y).abs()).sum::<Var>() / 100.0
    };
    let optimizers = [
        Sgd::builder(1e-7).momentum(0.9).nesterov(true).weight_decay(0.01).clip_norm(1.0),
        Sgd::builder(1e-7).clip_value(1.0).factors(&[1e-3, 1.0]),
        Sgd::with_step_size(StepSize::polyak(0.0)).momentum(0.5).factors(&[1e-7, 1e-3]),
        Sgd::with_step_size(StepSize::target_level(1.0)).factors(&[1e-7, 1e-3]),
    ];
    for optimizer in optimizers {
        let optimizer = optimizer.build().unwrap();
        assert_eq!(allocations_after_the_first_step(params(), optimizer, loss), 0);
    }
}

#[test]
fn an_optimizer_with_all_that_it_may_have_allocates_nothing_after_its_first_step() {
    let params = || Params::from_scalars([("a", -2.0), ("b", 30.0)]).unwrap();
    let loss = |p: Recorded| {
        let [a, b] = p.scalars(["a", "b"]).unwrap();
        (a - 1.0).powi(2) + (b * a - 3.0).powi(2)
    };
    let slow = Adan::builder(1e-3).schedule(Plateau::new(0.5));
    let fast = Adan::builder(1e-2)
        .schedule(Schedule::warm_up(5).then(5, Schedule::exponential(0.99)))
        .group(0..1, slow)
        .clip_norm(1.0)
        .weight_decay(0.1)
        .decoupled(true)
        .soft_threshold(0.01)
        .average_from(3);
    let optimizer = fast.build().unwrap();
    assert_eq!(allocations_after_the_first_step(params(), optimizer, loss), 0);
}

#[test]
fn a_search_allocates_nothing_after_its_first_step() {
    let points: Vec<(f64, f64)> = (1..100).map(f64::from).map(|x| (x, x.sin())).collect();
    let sgd = || Sgd::builder(1e-9).momentum(0.9).build().unwrap();
    let count = |search: &mut dyn FnMut(Search<'_, Sgd>)| {
        let (mut before, mut after) = (0, 0);
        search(Search::new(sgd(), 100).patience(90, 0.0).each(|at| match at.step {
            1 => before = ALLOCATIONS.get(),
            100 => after = ALLOCATIONS.get(),
            _ => {}
        }));
        assert!(before > 0, "the counter counts");
        after - before
    };
    let line = |a: Var, b: Var| points.iter().map(|&(x, y)| (a * x + b - y).abs()).sum::<Var>();
    let slice = count(&mut |mut search| {
        search.fit(&mut [5.0, 1.0], |p| line(p[0], p[1])).unwrap();
    });
    let named = count(&mut |mut search| {
        let mut params = Params::from_scalars([("a", 5.0), ("b", 1.0)]).unwrap();
        let loss = |p: &Recorded| {
            Ok::<_, OptimError>(line(p.scalar("a").unwrap(), p.scalar("b").unwrap()))
        };
        params.fit(&mut search, loss).unwrap();
    });
    assert_eq!((slice, named), (0, 0));
}

#[test]
fn a_network_allocates_nothing_after_its_first_step() {
    let mut params = Params::new();
    let start: Vec<f64> = (0..32).map(|i| f64::from(i * 7 % 13) / 13.0 - 0.5).collect();
    params.insert_block("hidden", &start).unwrap();
    params.insert_block("output", &start[..16]).unwrap();
    params.insert("bias", 0.1).unwrap();
    let optimizer = Sgd::builder(0.01).momentum(0.9).build().unwrap();
    let rows: Vec<[f64; 2]> =
        (0..50).map(|i| [f64::from(i) / 25.0 - 1.0, f64::from(i % 7)]).collect();
    let loss = |p: Recorded| {
        let (hidden, output) = (p.block("hidden").unwrap(), p.block("output").unwrap());
        let bias = p.scalar("bias").unwrap();
        let row = |x: &[f64; 2]| {
            let mut units = [Var::from(0.0); 16];
            for (unit, w) in units.iter_mut().zip(hidden.chunks(2)) {
                *unit = Var::dot(w, x).relu();
            }
            (Var::dot(output, &units) + bias - x[0] * x[1]).powi(2)
        };
        rows.iter().map(row).sum::<Var>() / 50.0
    };
    assert_eq!(allocations_after_the_first_step(params, optimizer, loss), 0);
}

#[test]
fn the_tape_of_a_million_absolute_errors_is_under_one_kibibyte() {
    let tape = Tape::new();
    let [a, b] = tape.vars([-2.0, 30.0]);
    let points = (0..1_000_000).map(|i| f64::from(i) * 1e-4).map(|x| (x, 100.0 * x - x * x));
    let loss = points.map(|(x, y)| (a * x * x + b * x - y).abs()).sum::<Var>() / 1e6;
    let [by_a, by_b] = loss.backward().wrt([a, b]);
    assert!(by_a < 0.0 && by_b < 0.0);
    assert!(tape.stats().bytes < 1024, "{:?}", tape.stats());
}

#[test]
fn a_program_allocates_nothing_after_its_first_run() {
    use wengert::program::{Columns, NonFinite, Program};
    let loss = wengert::objective!(|p, [x, kind]| {
        (wengert::Scalar::gather(&p[..2], kind) * x + p[2]).abs()
    });
    let program = Program::record(&loss, &[1.0; 3], &[1.0, 0.0]).unwrap().mean().gradient();
    let x: Vec<f64> = (0..10_000).map(f64::from).collect();
    let kind: Vec<f64> = x.iter().map(|x| x % 2.0).collect();
    let data = Columns::new(&[&x, &kind]).unwrap();
    for non_finite in [NonFinite::Refuse, NonFinite::Take] {
        let mut sweep = program.compile().non_finite(non_finite);
        sweep.run(&[1.0; 3], &data).unwrap();
        let before = ALLOCATIONS.get();
        for step in 0..10 {
            sweep.run(&[f64::from(step), 1.0, 2.0], &data).unwrap();
        }
        assert_eq!(ALLOCATIONS.get() - before, 0);
    }
}

#[test]
fn a_call_allocates_nothing_after_the_first_of_its_kind() {
    use wengert::program::Program;
    let loss = wengert::objective!(|[a, b, c]| {
        let scaled = if a < 100.0 { a } else { a * 0.5 };
        (scaled * b).exp() + (b - c).abs() + (c * 0.0).sqrt() * (b * 0.0)
    });
    let program = Program::record(&loss, &[0.5, 0.25, 1.0], &[]).unwrap().gradient();
    // A usual point, one with a NaN, and one at which the comparison turns.
    let points = [[0.5, 0.25, 1.0], [0.5, f64::NAN, 1.0], [200.0, 0.25, 1.0]];
    for mut sweep in [program.compile(), program.compile_best()] {
        let mut before = 0;
        for round in 0..10 {
            if round == 1 {
                before = ALLOCATIONS.get();
            }
            for (at, point) in points.into_iter().enumerate() {
                let (mut value, mut slopes) = ([0.0], [0.0; 3]);
                assert_eq!(sweep.call(&point, &mut slopes).is_ok(), at < 2);
                let room: &mut [&mut [f64]] = &mut [&mut value, &mut slopes];
                assert_eq!(sweep.call_into(&point, room).is_ok(), at < 2);
                let (mut values, mut gradients) = ([0.0; 3], [0.0; 9]);
                let three = [points[0], points[0], point];
                let many = sweep.call_many(three.as_flattened(), &mut values, &mut gradients);
                assert_eq!(many.is_ok(), at < 2);
            }
        }
        assert_eq!(ALLOCATIONS.get() - before, 0);
    }
}

/// Notes how often there was an allocation when a step is over.
#[cfg(feature = "train")]
struct AfterEachStep(Vec<usize>);

#[cfg(feature = "train")]
impl wengert::train::Observer for AfterEachStep {
    fn batch(&mut self, _: wengert::train::BatchView<'_>) -> std::ops::ControlFlow<()> {
        self.0.push(ALLOCATIONS.get());
        std::ops::ControlFlow::Continue(())
    }
}

/// The allocations of all steps of an epoch but the first.
#[cfg(feature = "train")]
fn allocations_of_an_epoch(loss: &mut dyn wengert::train::BatchLoss) -> usize {
    let mut seen = AfterEachStep(Vec::with_capacity(64));
    let adan = Adan::builder(0.1).build().unwrap();
    let batches = wengert::train::Batches::of(16).shuffled(1).drop_last();
    let mut trainer = wengert::train::Trainer::new(adan).batches(batches).callback(&mut seen);
    trainer.fit(&mut [0.5; 2], loss).unwrap();
    drop(trainer);
    assert_eq!(seen.0.len(), 62);
    seen.0[61] - seen.0[0]
}

#[cfg(feature = "train")]
#[test]
fn steps_of_a_training_allocate_nothing_after_the_first() {
    use wengert::program::{Columns, Program};
    use wengert::train::{ProgramLoss, TapeLoss};
    let x: Vec<f64> = (0..1000).map(f64::from).collect();
    let square = wengert::objective!(|[a, b], [x]| (a * x - b).square());
    let program = Program::record(&square, &[0.0; 2], &[0.0]).unwrap();
    let mut loss = ProgramLoss::new(&program, Columns::new(&[&x]).unwrap());
    assert_eq!(allocations_of_an_epoch(&mut loss), 0);
    // On several threads, what is shared out is allocated.
    if cfg!(not(feature = "parallel")) {
        let mut loss = TapeLoss::new(1000, |p: &[Var], row| (p[0] * x[row] - p[1]).square());
        assert_eq!(allocations_of_an_epoch(&mut loss), 0);
    }
}
