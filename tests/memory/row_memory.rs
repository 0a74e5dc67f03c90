//! What programs over rows hold beside the data does not grow with the rows, and what programs of many
//! operations hold is not much for each.

// A counting allocator cannot be written without it.
#![allow(unsafe_code)]
// Every line of this file is a test, those outside of test functions too.
#![allow(clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{self, Read};
use std::sync::atomic::{AtomicIsize, Ordering};
use wengert::program::stream::{Binary, Layout as Rows, StreamError};
use wengert::program::{Columns, FoundRows, NumberType, Program, Sweep};
use wengert::{Objective, Scalar, objective};

struct Counting;

/// Bytes of all threads together: those held, and the most that were.
static HELD: AtomicIsize = AtomicIsize::new(0);
static MOST: AtomicIsize = AtomicIsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged; the counters allocate nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let size = layout.size() as isize;
        MOST.fetch_max(HELD.fetch_add(size, Ordering::SeqCst) + size, Ordering::SeqCst);
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size() as isize, Ordering::SeqCst);
        // SAFETY: the pointer came from `System` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let more = size as isize - layout.size() as isize;
        MOST.fetch_max(HELD.fetch_add(more, Ordering::SeqCst) + more, Ordering::SeqCst);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes that `f` held beside those held before, and what it gives.
fn most<R>(f: impl FnOnce() -> R) -> (isize, R) {
    let before = HELD.load(Ordering::SeqCst);
    MOST.store(before, Ordering::SeqCst);
    let result = f();
    (MOST.load(Ordering::SeqCst) - before, result)
}

/// A logistic regression with a bias.
struct Logistic;

impl Objective for Logistic {
    fn at<T: Scalar>(&self, w: &[T], row: &[T]) -> T {
        let (&y, x) = row.split_last().unwrap();
        let score = T::dot(&w[1..], x) + w[0];
        score.softplus() - score * y
    }
}

/// A perceptron 2-16-16-1 by the hinge loss.
struct Perceptron;

impl Objective for Perceptron {
    fn at<T: Scalar>(&self, w: &[T], row: &[T]) -> T {
        let layer = |w: &[T], x: &[T]| -> Vec<T> {
            let units = w.chunks(x.len() + 1).map(|w| T::dot(&w[1..], x) + w[0]);
            units.map(T::relu).collect()
        };
        let hidden = layer(&w[48..320], &layer(&w[..48], &row[..2]));
        let score = T::dot(&w[321..], &hidden) + w[320];
        (-score * row[2] + 1.0).relu()
    }
}

fn sweep(objective: &impl Objective, parameters: usize, columns: usize) -> Sweep {
    let at = vec![0.25; parameters];
    Program::record(objective, &at, &vec![0.5; columns]).unwrap().mean().gradient().compile()
}

/// The most bytes held while a program is recorded, compiled and run over so many rows.
fn bytes(make: &dyn Fn() -> Sweep, parameters: usize, columns: usize, rows: usize) -> isize {
    let column = |at: usize| -> Vec<f64> { (0..rows).map(|i| ((i + at) % 7) as f64).collect() };
    let columns: Vec<Vec<f64>> = (0..columns).map(column).collect();
    let slices: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
    let data = Columns::new(&slices).unwrap();
    let at = vec![0.125; parameters];
    let (bytes, value) = most(|| make().run(&at, &data).unwrap().value());
    assert!(value.is_finite());
    bytes
}

/// A file of so many numbers, all the same, of which nothing is stored.
struct Same(usize);

impl Read for Same {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let numbers = self.0.min(buffer.len() / 8);
        buffer[..8 * numbers].fill(0);
        self.0 -= numbers;
        Ok(8 * numbers)
    }
}

const LIMIT: isize = 4 << 20;

/// One test, since all threads of the process are counted together.
#[test]
fn programs_over_rows_hold_less_than_four_mebibytes_beside_the_data() {
    let curve = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
    type Case<'a> = (&'a str, &'a dyn Fn() -> Sweep, usize, usize);
    let cases: [Case<'_>; 3] = [
        ("mean absolute error", &|| sweep(&curve, 2, 2), 2, 2),
        ("logistic regression", &|| sweep(&Logistic, 21, 21), 21, 21),
        ("perceptron", &|| sweep(&Perceptron, 337, 3), 337, 3),
    ];
    for (name, make, parameters, columns) in cases {
        let few = bytes(make, parameters, columns, 5000);
        let many = bytes(make, parameters, columns, 150_000);
        assert!(many < LIMIT, "{name}: {many} bytes");
        // The tree of sums grows with the logarithm of the rows, and threads may come in.
        let grown = if cfg!(feature = "parallel") { LIMIT } else { few + (few >> 3) };
        assert!(many <= grown, "{name}: {few} bytes, {many} with more rows");
    }

    // 24 MB, more than there may be.
    let stream = || Binary::new(Same(3_000_000), Rows::rows(2, NumberType::F64));
    let mut sweep = sweep(&curve, 2, 2);
    let run = || sweep.run_stream(&[1.0, 1.0], stream()).unwrap().row_count();
    let (streamed, rows) = most(run);
    assert_eq!(rows, 1_500_000);
    assert!(streamed < LIMIT, "{streamed} bytes");

    // A Jacobian of 24 MB, handed out.
    let line = objective!(|w, row| T::dot(&w[..2], &row[..2]) * w[2]);
    let program = Program::record(&line, &[1.0; 3], &[0.5; 2]).unwrap().jacobian();
    let mut jacobian = program.compile();
    let stream = || Binary::new(Same(2_000_000), Rows::rows(2, NumberType::F64));
    let mut count = 0;
    let (held, ()) = most(|| {
        let each = |rows: FoundRows<'_>| {
            count += rows.residuals().len();
            Ok::<_, StreamError<_>>(())
        };
        jacobian.stream_rows(&[1.0; 3], stream(), each).unwrap();
    });
    assert_eq!(count, 1_000_000);
    // With several threads some wait for their place.
    let limit = if cfg!(feature = "parallel") { 3 * LIMIT } else { LIMIT };
    assert!(held < limit, "{held} bytes");

    // A chunk longer than the file takes what the file has, not what the chunk could have.
    for chunk in [1 << 29, 1 << 61, usize::MAX] {
        let few = || Binary::new(Same(3), Rows::rows(1, NumberType::F64)).chunks(chunk);
        let mut identity = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])
            .map(|program| program.sum().compile())
            .unwrap();
        let (held, rows) = most(|| identity.run_stream(&[1.0], few()).unwrap().row_count());
        assert_eq!(rows, 3);
        assert!(held < LIMIT, "{held} bytes");
    }
    let many = || Binary::new(Same(500_000), Rows::rows(2, NumberType::F64)).chunks(usize::MAX);
    let (held, rows) = most(|| sweep.run_stream(&[1.0, 1.0], many()).unwrap().row_count());
    assert_eq!(rows, 250_000);
    assert!(held < 3 * 4_000_000 + LIMIT, "{held} bytes");

    an_operation_of_a_recording_takes_a_hundred_bytes();
}

/// Until it is ready to run, its gradient included.
fn an_operation_of_a_recording_takes_a_hundred_bytes() {
    const OPERATIONS: usize = 8;
    let valley = objective!(|x| {
        let mut sum = T::ZERO;
        for i in 0..x.len() - 1 {
            let (t, u) = (x[i + 1] - x[i] * x[i], x[i] - 1.0);
            sum += t * t * 100.0 + u * u;
        }
        sum
    });
    for n in [125, 12_500, 50_000] {
        let at: Vec<f64> = (0..n).map(|i| (i as f64 * 0.37).sin()).collect();
        let make = || Program::record(&valley, &at, &[]).unwrap().gradient().compile();
        let (held, mut sweep) = most(make);
        let value = sweep.run(&at, &Columns::none()).unwrap().value();
        assert!((value / valley.at(&at, &[]) - 1.0).abs() < 1e-12);
        let each = held as f64 / (OPERATIONS * n) as f64;
        // What a short one holds beside its operations counts too.
        assert!(each < if n < 1000 { 120.0 } else { 100.0 }, "{each} bytes for each of {n}");
    }
}
