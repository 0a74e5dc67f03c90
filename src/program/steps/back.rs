//! The way back over steps that are programs.

use super::{Shape, Steps, Transition};
use crate::program::run::sweep::Sweep;
use crate::tape::Back;
use crate::tape::schedule::Legs;
use crate::{Tape, Unrolled, Var};
use std::ops::Range;

/// What goes through the steps.
pub(super) struct Reversal<'s, 'r, R> {
    steps: &'s mut Steps<'r, R>,
    count: usize,
    rows: &'s [f64],
    tape: Tape,
    /// The inputs of a program: parameters, first state, weights of the last, and rows.
    point: Vec<f64>,
    /// What it gives: derivatives by parameters and by the first state.
    slopes: Vec<f64>,
    /// The states of a group.
    states: Vec<f64>,
    plain: usize,
    recorded: usize,
    back: Back<f64>,
}

impl<'s, 'r, R: Transition> Reversal<'s, 'r, R> {
    pub(super) fn new(
        steps: &'s mut Steps<'r, R>,
        count: usize,
        parameters: &[f64],
        rows: &'s [f64],
    ) -> Self {
        let Shape { parameters: p, state, row } = steps.shape;
        let mut point = vec![0.0; p + 2 * state + steps.together * row];
        point[..p].copy_from_slice(parameters);
        Reversal {
            count,
            rows,
            tape: Tape::default(),
            point,
            slopes: vec![0.0; p + state],
            states: vec![0.0; state * (steps.together + 1)],
            plain: 0,
            recorded: 0,
            back: Back::new(p, state),
            steps,
        }
    }

    /// All of it; the states that were kept took so many bytes.
    pub(super) fn found(self, kept: usize) -> Unrolled {
        let own = [&self.point, &self.slopes, &self.states].map(Vec::capacity);
        let own = size_of::<f64>() * own.into_iter().sum::<usize>();
        let programs = self.steps.group.bytes() + self.steps.one.bytes();
        let bytes = kept + self.tape.stats().bytes + own + programs;
        self.back.found([self.plain, self.recorded], bytes)
    }

    /// The steps of groups.
    fn of(&self, groups: Range<usize>) -> Range<usize> {
        let together = self.steps.together;
        groups.start * together..(groups.end * together).min(self.count)
    }

    /// The row of a step.
    fn row(&self, t: usize) -> &'s [f64] {
        let len = self.steps.shape.row;
        &self.rows[t * len..][..len]
    }

    /// Goes back over steps by their program, if no comparison turns in them; whether none did.
    fn by_program(&mut self, steps: Range<usize>, state: &[f64]) -> bool {
        let Shape { parameters: p, state: n, row } = self.steps.shape;
        let rows = &self.rows[steps.start * row..steps.end * row];
        let (inputs, room) = self.point[p..].split_at_mut(2 * n);
        inputs[..n].copy_from_slice(state);
        inputs[n..].copy_from_slice(&self.back.by_state);
        room[..rows.len()].copy_from_slice(rows);
        let point = &self.point[..p + 2 * n + rows.len()];
        let one = steps.len() == 1;
        let program: &mut Sweep = if one { &mut self.steps.one } else { &mut self.steps.group };
        if program.call_into(point, &mut [&mut self.slopes]).is_err() {
            return false;
        }
        let (by_parameters, by_state) = self.slopes.split_at(p);
        let sums = self.back.by_parameters.iter_mut().zip(by_parameters);
        sums.for_each(|(sum, slope)| *sum += slope);
        self.back.by_state.copy_from_slice(by_state);
        true
    }

    /// Goes back over a step by a tape.
    fn by_tape(&mut self, t: usize, state: &[f64]) {
        self.recorded += 1;
        let row: Vec<Var> = self.row(t).iter().map(|&x| Var::from(x)).collect();
        let parameters = self.begin();
        let first = self.tape.vars_from(state);
        let mut next = first.clone();
        self.steps.transition.next(&parameters, &row, &mut next);
        let gradient = self.tape.backward(next.into_iter().zip(self.back.by_state.iter().copied()));
        gradient.write_wrt(&first, &mut self.back.by_state);
        gradient.add_wrt(&parameters, &mut self.back.by_parameters);
    }

    /// Adds what the state after `t` steps adds to the loss.
    fn add_loss(&mut self, t: usize, state: &[f64]) {
        if !self.steps.transition.is_seen(t) {
            return;
        }
        let parameters = self.begin();
        let state = self.tape.vars_from(state);
        let loss = self.steps.transition.loss(t, &parameters, &state);
        let gradient = self.tape.backward([(loss, 1.0)]);
        gradient.add_wrt(&state, &mut self.back.by_state);
        gradient.add_wrt(&parameters, &mut self.back.by_parameters);
        self.back.value += loss.value();
    }

    /// Begins a record with the parameters.
    fn begin(&mut self) -> Vec<Var> {
        self.tape.clear();
        self.tape.vars_from(&self.point[..self.steps.shape.parameters])
    }
}

impl<R: Transition> Legs<f64> for Reversal<'_, '_, R> {
    fn advance(&mut self, groups: Range<usize>, state: &mut [f64]) {
        let steps = self.of(groups);
        self.plain += steps.len();
        let parameters = &self.point[..self.steps.shape.parameters];
        for t in steps {
            self.steps.transition.next(parameters, self.row(t), state);
        }
    }

    fn go_back(&mut self, group: usize, first: &[f64]) {
        let steps = self.of(group..group + 1);
        let ends = steps.end == self.count;
        let is_seen = |t| self.steps.transition.is_seen(t);
        let whole = steps.len() == self.steps.together && !ends;
        if whole && !steps.clone().skip(1).any(is_seen) && self.by_program(steps.clone(), first) {
            return self.add_loss(steps.start, first);
        }
        let n = first.len();
        let mut states = std::mem::take(&mut self.states);
        states[..n].copy_from_slice(first);
        let parameters = &self.point[..self.steps.shape.parameters];
        for (at, t) in steps.clone().enumerate() {
            states.copy_within(at * n..(at + 1) * n, (at + 1) * n);
            let next = &mut states[(at + 1) * n..(at + 2) * n];
            self.steps.transition.next(parameters, self.row(t), next);
        }
        self.plain += steps.len();
        if ends {
            self.add_loss(self.count, &states[steps.len() * n..][..n]);
        }
        for (at, t) in steps.enumerate().rev() {
            let state = &states[at * n..(at + 1) * n];
            if !self.by_program(t..t + 1, state) {
                self.by_tape(t, state);
            }
            self.add_loss(t, state);
        }
        self.states = states;
    }
}
