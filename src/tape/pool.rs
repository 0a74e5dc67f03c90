//! What a thread keeps for its tapes, for each type of number: idle cores and lists for reuse, and the seats
//! by which a variable finds its core.

use super::core::{Core, RecordingId};
use super::storage::Link;
use crate::real::Number;
use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What a thread keeps for reuse, for one type of number.
pub(super) struct Pool<F: Number> {
    /// Cores without a tape.
    pub(super) idle: RefCell<Vec<&'static Core<F>>>,
    numbers: Shelf<F>,
    links: Shelf<Link<F>>,
}

impl<F: Number> Pool<F> {
    const fn new() -> Self {
        Pool { idle: RefCell::new(Vec::new()), numbers: Shelf::new(), links: Shelf::new() }
    }
}

/// Empty lists for reuse.
struct Shelf<T> {
    /// The list that was handed back last. It is at hand without a search, as one gradient after another
    /// wants it.
    front: Cell<Vec<T>>,
    others: RefCell<Vec<Vec<T>>>,
}

impl<T> Shelf<T> {
    const fn new() -> Self {
        Shelf { front: Cell::new(Vec::new()), others: RefCell::new(Vec::new()) }
    }

    #[inline(always)]
    fn take(&self, list: &mut Vec<T>) {
        *list = self.front.take();
        if list.capacity() == 0 {
            self.take_other(list);
        }
    }

    #[cold]
    #[inline(never)]
    fn take_other(&self, list: &mut Vec<T>) {
        *list = self.others.borrow_mut().pop().unwrap_or_default();
    }

    #[inline(always)]
    fn give(&self, list: Vec<T>) {
        let before = self.front.replace(list);
        if before.capacity() != 0 {
            self.keep(before);
        }
    }

    /// Keeps a list, unless there are enough.
    #[cold]
    #[inline(never)]
    fn keep(&self, list: Vec<T>) {
        const MOST: usize = 3;
        let mut others = self.others.borrow_mut();
        if others.len() < MOST {
            others.push(list);
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

/// The cores of a thread, each in its seat, and the one that was sought last with the id under which it
/// records.
struct Seats<F: Number> {
    all: Cell<&'static [Seat<F>]>,
    latest: Cell<RecordingId>,
    latest_core: Cell<Option<&'static Core<F>>>,
}

impl<F: Number> Seats<F> {
    const fn new() -> Self {
        Seats {
            all: Cell::new(&[]),
            latest: Cell::new(RecordingId::NONE),
            latest_core: Cell::new(None),
        }
    }
}

/// Where a core is found by the number of its recording.
pub(super) type Seat<F> = Cell<Option<&'static Core<F>>>;

thread_local! {
    static SINGLE: Pool<f32> = const { Pool::new() };
    static DOUBLE: Pool<f64> = const { Pool::new() };
    static SINGLE_SEATS: Seats<f32> = const { Seats::new() };
    static DOUBLE_SEATS: Seats<f64> = const { Seats::new() };
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
    with_seats(|seats| seats.all.get()).unwrap_or_default()
}

/// Replaces them.
pub(super) fn set_seats<F: Number>(longer: &'static [Seat<F>]) {
    with_seats(|seats| seats.all.set(longer));
}

/// The core that was sought last, if it is this recording's.
#[inline(always)]
pub(super) fn latest<F: Number>(recording: RecordingId) -> Option<&'static Core<F>> {
    with_seats(|seats| if seats.latest.get() == recording { seats.latest_core.get() } else { None })
        .flatten()
}

/// Makes a core the one that was sought last. Each new id of a core has to go through here, so that no
/// old one is left.
pub(super) fn set_latest<F: Number>(recording: RecordingId, core: &'static Core<F>) {
    with_seats(|seats| {
        seats.latest.set(recording);
        seats.latest_core.set(Some(core));
    });
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
    let seats: &'static Seats<F> = Box::leak(Box::new(Seats::new()));
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
#[inline]
pub(super) fn take_numbers<F: Number>() -> Vec<F> {
    // Written in place: what is handed on through options is moved time and again.
    let mut list = Vec::new();
    with_pool(|pool: &Pool<F>| pool.numbers.take(&mut list));
    list
}

/// Hands a list of numbers back.
#[inline]
pub(super) fn give_numbers<F: Number>(mut list: Vec<F>) {
    list.clear();
    with_pool(|pool| pool.numbers.give(list));
}

/// Takes an empty list of links from the thread's pool.
#[inline]
pub(super) fn take_links<F: Number>() -> Vec<Link<F>> {
    let mut list = Vec::new();
    with_pool(|pool: &Pool<F>| pool.links.take(&mut list));
    list
}

/// Hands a list of links back.
#[inline]
pub(super) fn give_links<F: Number>(mut list: Vec<Link<F>>) {
    list.clear();
    with_pool(|pool| pool.links.give(list));
}
