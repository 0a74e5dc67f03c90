//! Memory that a thread took for its tapes and gradients comes back.

// A counting allocator cannot be written without it.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, Ordering};
use wengert::{Tape, Var};

struct Counting;

/// Of all threads together.
static LIVE: AtomicIsize = AtomicIsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged; the counter allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: the pointer came from `System` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many mebibytes more are held after `f` than before.
fn growth(f: impl FnOnce()) -> isize {
    let before = LIVE.load(Ordering::SeqCst);
    f();
    (LIVE.load(Ordering::SeqCst) - before) >> 20
}

/// A gradient over a tape of a hundred thousand variables: about a mebibyte each.
fn long_gradient() -> wengert::Gradient {
    let tape = Tape::new();
    let x = tape.vars_from(&vec![1.0; 100_000]);
    x.iter().map(|&x| (x * x).keep()).sum::<Var>().backward()
}

fn join(work: impl FnOnce() -> wengert::Gradient + Send + 'static) -> wengert::Gradient {
    std::thread::spawn(work).join().unwrap_or_else(|_| panic!("a thread panicked"))
}

/// One test, since all threads of the process are counted together.
#[test]
fn memory_of_ended_threads_and_dropped_gradients_comes_back() {
    // What one tape and one gradient need stays with the thread, for the next.
    drop(long_gradient());
    let at_once = growth(|| drop((0..20).map(|_| long_gradient()).collect::<Vec<_>>()));
    let threads = growth(|| {
        for _ in 0..20 {
            join(|| {
                drop(long_gradient());
                Tape::new().var(1.0).backward()
            });
        }
    });
    let from_threads = growth(|| (0..20).for_each(|_| drop(join(long_gradient))));
    let grown = [at_once, threads, from_threads];
    assert!(
        grown.iter().all(|&mebibytes| mebibytes < 15),
        "MiB that stayed after 20 gradients at once, 20 threads, 20 gradients from threads: {grown:?}"
    );
}
