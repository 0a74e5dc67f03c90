//! Ranks that are threads, with a clock each: it goes on when a message arrives, as long after it was sent as the
//! network takes.

use std::cell::{Cell, RefCell};
use std::sync::mpsc::{Receiver, Sender, channel};
use wengert_mpi::{Link, Ranks};

/// How long a message is under way, by the clock of ranks.
pub(crate) const DELAY: u64 = 1;

type Message = (u64, Vec<u8>);

pub(crate) struct Thread {
    rank: usize,
    to: Vec<Sender<Message>>,
    from: Vec<Receiver<Message>>,
    clock: Cell<u64>,
    sent: RefCell<Vec<usize>>,
}

impl Thread {
    /// When it is, in delays of messages.
    pub(crate) fn clock(&self) -> u64 {
        self.clock.get()
    }

    /// How long the messages were that it has sent, in bytes.
    pub(crate) fn sent(&self) -> Vec<usize> {
        self.sent.borrow().clone()
    }
}

impl Link for Thread {
    fn rank(&self) -> usize {
        self.rank
    }

    fn count(&self) -> usize {
        self.to.len()
    }

    fn send(&self, to: usize, message: &[u8]) {
        self.sent.borrow_mut().push(message.len());
        // To a rank that has ended nothing arrives.
        let _ = self.to[to].send((self.clock.get() + DELAY, message.to_vec()));
    }

    fn receive(&self, from: usize) -> Vec<u8> {
        let (arrival, message) = self.from[from].recv().expect("a rank that is there");
        self.clock.set(self.clock.get().max(arrival));
        message
    }
}

/// What each of so many ranks gives.
pub(crate) fn on_ranks<T: Send>(count: usize, job: impl Fn(&Ranks<Thread>) -> T + Sync) -> Vec<T> {
    let mut from: Vec<Vec<Receiver<Message>>> = (0..count).map(|_| Vec::new()).collect();
    let mut to: Vec<Vec<Sender<Message>>> = (0..count).map(|_| Vec::new()).collect();
    for receiver in &mut from {
        for sender in &mut to {
            let (send, receive) = channel();
            sender.push(send);
            receiver.push(receive);
        }
    }
    let job = &job;
    std::thread::scope(|scope| {
        let links = to.into_iter().zip(from).enumerate();
        let ranks = links.map(|(rank, (to, from))| {
            let link = Thread { rank, to, from, clock: Cell::new(0), sent: RefCell::default() };
            scope.spawn(move || job(&Ranks::new(link)))
        });
        let ranks: Vec<_> = ranks.collect();
        ranks.into_iter().map(|rank| rank.join().expect("a rank that ends")).collect()
    })
}
