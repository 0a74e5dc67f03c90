//! What a thread keeps for its tapes, for each type of number: idle cores and lists for reuse, and the seats
//! by which a variable finds its core.

use super::core::Core;
use super::storage::Link;
use crate::real::Number;
use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What a thread keeps for reuse, for one type of number.
#[derive(Debug)]
pub(super) struct Pool<F: Number> {
    /// Cores without a tape.
    pub(super) idle: RefCell<Vec<&'static Core<F>>>,
    numbers: RefCell<Vec<Vec<F>>>,
    links: RefCell<Vec<Vec<Link<F>>>>,
}

impl<F: Number> Pool<F> {
    const fn new() -> Self {
        Pool {
            idle: RefCell::new(Vec::new()),
            numbers: RefCell::new(Vec::new()),
            links: RefCell::new(Vec::new()),
        }
    }
}

impl<F: Number> Drop for Pool<F> {
    /// The cores outlive the thread, their memory does not.
    fn drop(&mut self) {
        for core in self.idle.get_mut() {
            core.free();
        }
    }
}

/// The cores of a thread, each in its seat.
struct Seats<F: Number>(Cell<&'static [Seat<F>]>);

/// Where a core is found by the number of its recording.
pub(super) type Seat<F> = Cell<Option<&'static Core<F>>>;

thread_local! {
    static SINGLE: Pool<f32> = const { Pool::new() };
    static DOUBLE: Pool<f64> = const { Pool::new() };
    static SINGLE_SEATS: Seats<f32> = const { Seats(Cell::new(&[])) };
    static DOUBLE_SEATS: Seats<f64> = const { Seats(Cell::new(&[])) };
    /// The pools of numbers that carry derivatives along, one for each type in use.
    static OTHERS: RefCell<Vec<Rc<dyn Any>>> = const { RefCell::new(Vec::new()) };
    /// Their seats, which last as long as the process, as cores do.
    static OTHER_SEATS: Cell<&'static [&'static dyn Any]> = const { Cell::new(&[]) };
}

/// Whether two types are the same. The compiler knows both, so nothing of the question is left in a release
/// build.
#[inline(always)]
fn is<T: Any, U: Any>() -> bool {
    TypeId::of::<T>() == TypeId::of::<U>()
}

/// `None` while the thread is being taken down and the pool is gone.
#[inline]
pub(super) fn with_pool<F: Number, R>(f: impl FnOnce(&Pool<F>) -> R) -> Option<R> {
    let found = if is::<F, f32>() {
        SINGLE.try_with(|pool| same(pool).map(f))
    } else if is::<F, f64>() {
        DOUBLE.try_with(|pool| same(pool).map(f))
    } else {
        OTHERS.try_with(|pools| other_pool::<F>(pools).downcast_ref().map(f))
    };
    found.ok().flatten()
}

/// The pool of a type of numbers other than plain ones.
#[cold]
fn other_pool<F: Number>(pools: &RefCell<Vec<Rc<dyn Any>>>) -> Rc<dyn Any> {
    let mut pools = pools.borrow_mut();
    let found = pools.iter().find(|pool| pool.is::<Pool<F>>()).cloned();
    found.unwrap_or_else(|| {
        let pool: Rc<dyn Any> = Rc::new(Pool::<F>::new());
        pools.push(pool.clone());
        pool
    })
}

/// The seats of this thread.
#[inline(always)]
pub(super) fn seats<F: Number>() -> &'static [Seat<F>] {
    with_seats(|Seats(seats)| seats.get()).unwrap_or_default()
}

/// Replaces them.
pub(super) fn set_seats<F: Number>(longer: &'static [Seat<F>]) {
    with_seats(|Seats(seats)| seats.set(longer));
}

#[inline(always)]
fn with_seats<F: Number, R>(f: impl FnOnce(&Seats<F>) -> R) -> Option<R> {
    if is::<F, f32>() {
        SINGLE_SEATS.with(|seats| same(seats).map(f))
    } else if is::<F, f64>() {
        DOUBLE_SEATS.with(|seats| same(seats).map(f))
    } else {
        let of_type = |seats: &&'static dyn Any| seats.downcast_ref();
        let found = OTHER_SEATS.with(|all| all.get().iter().find_map(of_type));
        Some(f(found.unwrap_or_else(other_seats)))
    }
}

/// The first seats of a type of numbers other than plain ones.
#[cold]
fn other_seats<F: Number>() -> &'static Seats<F> {
    let seats: &'static Seats<F> = Box::leak(Box::new(Seats(Cell::new(&[]))));
    OTHER_SEATS.with(|all| {
        let mut longer = all.get().to_vec();
        longer.push(seats);
        all.set(longer.leak());
    });
    seats
}

/// What is of the precision that is asked for, as of that precision. The compiler knows both types, so
/// nothing of the question is left in a release build.
#[inline(always)]
fn same<T: Any, U: Any>(x: &T) -> Option<&U> {
    (x as &dyn Any).downcast_ref()
}

/// Takes an empty list of numbers from the thread's pool.
pub(super) fn take_numbers<F: Number>() -> Vec<F> {
    with_pool(|pool: &Pool<F>| pool.numbers.borrow_mut().pop()).flatten().unwrap_or_default()
}

/// Hands a list of numbers back.
pub(super) fn give_numbers<F: Number>(mut list: Vec<F>) {
    list.clear();
    with_pool(|pool| keep(&pool.numbers, list));
}

/// Takes an empty list of links from the thread's pool.
pub(super) fn take_links<F: Number>() -> Vec<Link<F>> {
    with_pool(|pool: &Pool<F>| pool.links.borrow_mut().pop()).flatten().unwrap_or_default()
}

/// Hands a list of links back.
pub(super) fn give_links<F: Number>(mut list: Vec<Link<F>>) {
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
