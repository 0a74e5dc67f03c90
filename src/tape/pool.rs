//! What a thread keeps for its tapes, for each precision: idle cores and lists for reuse, and the seats
//! by which a variable finds its core.

use super::core::Core;
use super::storage::Link;
use crate::Real;
use std::any::Any;
use std::cell::{Cell, RefCell};

/// What a thread keeps for reuse, for one precision.
#[derive(Debug)]
pub(super) struct Pool<F: Real> {
    /// Cores without a tape.
    pub(super) idle: RefCell<Vec<&'static Core<F>>>,
    numbers: RefCell<Vec<Vec<F>>>,
    links: RefCell<Vec<Vec<Link<F>>>>,
}

impl<F: Real> Pool<F> {
    const fn new() -> Self {
        Pool {
            idle: RefCell::new(Vec::new()),
            numbers: RefCell::new(Vec::new()),
            links: RefCell::new(Vec::new()),
        }
    }
}

impl<F: Real> Drop for Pool<F> {
    /// The cores outlive the thread, their memory does not.
    fn drop(&mut self) {
        for core in self.idle.get_mut() {
            core.free();
        }
    }
}

/// The cores of a thread, each in its seat.
struct Seats<F: Real>(Cell<&'static [Seat<F>]>);

/// Where a core is found by the number of its recording.
pub(super) type Seat<F> = Cell<Option<&'static Core<F>>>;

thread_local! {
    static SINGLE: Pool<f32> = const { Pool::new() };
    static DOUBLE: Pool<f64> = const { Pool::new() };
    static SINGLE_SEATS: Seats<f32> = const { Seats(Cell::new(&[])) };
    static DOUBLE_SEATS: Seats<f64> = const { Seats(Cell::new(&[])) };
}

/// `None` while the thread is being taken down and the pool is gone.
#[inline]
pub(super) fn with_pool<F: Real, R>(f: impl FnOnce(&Pool<F>) -> R) -> Option<R> {
    let found = if F::SINGLE {
        SINGLE.try_with(|pool| same(pool).map(f))
    } else {
        DOUBLE.try_with(|pool| same(pool).map(f))
    };
    found.ok().flatten()
}

/// The seats of this thread.
#[inline(always)]
pub(super) fn seats<F: Real>() -> &'static [Seat<F>] {
    with_seats(|Seats(seats)| seats.get()).unwrap_or_default()
}

/// Replaces them.
pub(super) fn set_seats<F: Real>(longer: &'static [Seat<F>]) {
    with_seats(|Seats(seats)| seats.set(longer));
}

#[inline(always)]
fn with_seats<F: Real, R>(f: impl FnOnce(&Seats<F>) -> R) -> Option<R> {
    if F::SINGLE {
        SINGLE_SEATS.with(|seats| same(seats).map(f))
    } else {
        DOUBLE_SEATS.with(|seats| same(seats).map(f))
    }
}

/// What is of the precision that is asked for, as of that precision. The compiler knows both types, so
/// nothing of the question is left in a release build.
#[inline(always)]
fn same<T: Any, U: Any>(x: &T) -> Option<&U> {
    (x as &dyn Any).downcast_ref()
}

/// Takes an empty list of numbers from the thread's pool.
pub(super) fn take_numbers<F: Real>() -> Vec<F> {
    with_pool(|pool: &Pool<F>| pool.numbers.borrow_mut().pop()).flatten().unwrap_or_default()
}

/// Hands a list of numbers back.
pub(super) fn give_numbers<F: Real>(mut list: Vec<F>) {
    list.clear();
    with_pool(|pool| keep(&pool.numbers, list));
}

/// Takes an empty list of links from the thread's pool.
pub(super) fn take_links<F: Real>() -> Vec<Link<F>> {
    with_pool(|pool: &Pool<F>| pool.links.borrow_mut().pop()).flatten().unwrap_or_default()
}

/// Hands a list of links back.
pub(super) fn give_links<F: Real>(mut list: Vec<Link<F>>) {
    list.clear();
    with_pool(|pool| keep(&pool.links, list));
}

/// Keeps a list for reuse, unless there are enough.
fn keep<T>(lists: &RefCell<Vec<Vec<T>>>, list: Vec<T>) {
    const MOST: usize = 4;
    let mut lists = lists.borrow_mut();
    if lists.len() < MOST {
        lists.push(list);
    }
}
