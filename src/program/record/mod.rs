//! The recording in progress: what a [`Term`] writes to.

pub(crate) mod objective;
pub(crate) mod residuals;
pub(crate) mod scalar;
pub(crate) mod term;

use crate::program::error::{RecordError, SourceLine};
use crate::program::ir::graph::{Graph, Id, LineId};
use crate::program::ir::hash::Mixed;
use crate::program::ir::operation::{Operation, evaluate};
use crate::program::ir::output::Guard;
use crate::program::record::term::{Node, Term};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::panic::Location;

const RECENT: usize = 16;

/// What a recording leaves.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    number: u64,
    pub(crate) graph: Graph,
    pub(crate) guards: Vec<Guard>,
    /// What the guards say, to find equal ones.
    guarded: HashSet<(Id, bool), Mixed>,
    /// Lines that were written on of late.
    recent: [Option<(&'static Location<'static>, LineId)>; RECENT],
    /// The line of whatever is written meanwhile, in place of that of the code that writes it.
    fixed: Option<Option<LineId>>,
    fault: Option<RecordError>,
}

thread_local! {
    /// The recordings in progress on this thread, the innermost last.
    static RECORDINGS: RefCell<Vec<Recording>> = const { RefCell::new(Vec::new()) };
    static NUMBER: Cell<u64> = const { Cell::new(0) };
}

/// Runs `f` with a new recording, and returns what it left.
pub(crate) fn record<R>(f: impl FnOnce(u64) -> R) -> Result<(R, Recording), RecordError> {
    /// Takes the recording off the list, also where `f` panics.
    struct Open;
    impl Drop for Open {
        fn drop(&mut self) {
            RECORDINGS.with_borrow_mut(Vec::pop);
        }
    }
    let number = NUMBER.get() + 1;
    NUMBER.set(number);
    RECORDINGS.with_borrow_mut(|list| list.push(Recording { number, ..Recording::default() }));
    let open = Open;
    let result = f(number);
    let recording = RECORDINGS.with_borrow_mut(|list| list.last_mut().map(std::mem::take));
    drop(open);
    let mut recording = recording.unwrap_or_default();
    match recording.fault.take() {
        Some(fault) => Err(fault),
        None => Ok((result, recording)),
    }
}

/// Runs `f` on the recording with this number.
#[track_caller]
fn with<R>(number: u64, f: impl FnOnce(&mut Recording) -> R) -> R {
    let found = RECORDINGS.with_borrow_mut(|list| {
        list.iter_mut().rev().find(|recording| recording.number == number).map(f)
    });
    match found {
        Some(result) => result,
        None => panic!("a term was used after its recording"),
    }
}

/// Keeps the first fault of a recording.
#[track_caller]
pub(crate) fn fault(number: u64, error: RecordError) {
    with(number, |recording| {
        recording.fault.get_or_insert(error);
    });
}

impl Recording {
    fn id(&mut self, term: Term) -> Id {
        match term.node {
            Node::Constant => self.graph.constant(term.value),
            Node::Recorded { id, .. } => id,
        }
    }

    /// The place of a line.
    #[inline]
    fn line(&mut self, location: &'static Location<'static>) -> LineId {
        let recent = &mut self.recent[(location.line() ^ location.column()) as usize % RECENT];
        match *recent {
            Some((known, line)) if std::ptr::eq(known, location) => line,
            _ => {
                let line = self.graph.place_line(location.into());
                *recent = Some((location, line));
                line
            }
        }
    }
}

/// The recording that terms belong to; `None` if all are constants. Panics at the caller's line if they
/// belong to several.
#[track_caller]
fn common<'t>(terms: impl IntoIterator<Item = &'t Term>) -> Option<u64> {
    let mut number = None;
    for term in terms {
        if let Node::Recorded { recording, .. } = term.node {
            assert!(
                number.is_none_or(|number| number == recording),
                "terms of two recordings meet"
            );
            number = Some(recording);
        }
    }
    number
}

/// Panics at the caller's line if terms of two recordings meet in an operation that is not applied as a
/// whole.
#[track_caller]
pub(crate) fn meet(terms: &[Term], last: Option<Term>) {
    common(terms.iter().chain(&last));
}

/// An input of the recording.
pub(crate) fn input(number: u64, operation: Operation, value: f64) -> Term {
    let id = with(number, |recording| recording.graph.push(operation, &[], None));
    Term::new(value, Node::Recorded { id, recording: number })
}

/// Applies an operation to terms.
#[track_caller]
pub(crate) fn apply(operation: Operation, terms: &[Term]) -> Term {
    let value = match *terms {
        [x] => evaluate(operation, &[x.value]),
        [a, b] => evaluate(operation, &[a.value, b.value]),
        _ => {
            let values: SmallVec<[f64; 4]> = terms.iter().map(|term| term.value).collect();
            evaluate(operation, &values)
        }
    };
    apply_valued(operation, terms, value.unwrap_or(f64::NAN))
}

/// The same where the value is known.
#[track_caller]
pub(crate) fn apply_valued(operation: Operation, terms: &[Term], value: f64) -> Term {
    let Some(number) = common(terms) else {
        return Term::constant(value);
    };
    let location = Location::caller();
    let id = with(number, |recording| {
        let line = recording.fixed.unwrap_or_else(|| Some(recording.line(location)));
        match *terms {
            [x] => {
                let args = [recording.id(x)];
                recording.graph.push(operation, &args, line)
            }
            [a, b] => {
                let args = [recording.id(a), recording.id(b)];
                recording.graph.push(operation, &args, line)
            }
            _ => {
                let args: SmallVec<[Id; 4]> =
                    terms.iter().map(|&term| recording.id(term)).collect();
                recording.graph.push(operation, &args, line)
            }
        }
    });
    Term::new(value, Node::Recorded { id, recording: number })
}

/// Writes what `f` computes of these terms at the caller's line, which closures in it would not hand on.
#[track_caller]
pub(crate) fn on_one_line<R>(terms: &[Term], f: impl FnOnce() -> R) -> R {
    /// Lets lines be those of the code again, also where `f` panics.
    struct Fixed(u64);
    impl Drop for Fixed {
        fn drop(&mut self) {
            with(self.0, |recording| recording.fixed = None);
        }
    }
    let Some(number) = common(terms) else { return f() };
    let location = Location::caller();
    let is_first = with(number, |recording| {
        let is_first = recording.fixed.is_none();
        if is_first {
            recording.fixed = Some(Some(recording.line(location)));
        }
        is_first
    });
    let _fixed = is_first.then(|| Fixed(number));
    f()
}

/// For each of some terms, the sum of all the others.
#[track_caller]
pub(crate) fn all_but_one(terms: &[Term]) -> Vec<Term> {
    // The values serve for comparisons alone, and such sums are in none.
    let term = |node| Term::new(f64::NAN, node);
    let Some(number) = common(terms) else {
        return vec![term(Node::Constant); terms.len()];
    };
    let ids = with(number, |recording| {
        let ids: SmallVec<[Id; 8]> = terms.iter().map(|&term| recording.id(term)).collect();
        recording.graph.all_but_one(&ids)
    });
    ids.into_iter().map(|id| term(Node::Recorded { id, recording: number })).collect()
}

/// Records that a comparison came out as it did.
#[track_caller]
pub(crate) fn guard(operation: Operation, a: Term, b: Term) -> bool {
    let condition = apply(operation, &[a, b]);
    let holds = condition.value != 0.0;
    if let Node::Recorded { id, recording } = condition.node {
        let line = SourceLine::from(Location::caller());
        with(recording, |recording| {
            if recording.graph.constant_value(id).is_none() && recording.guarded.insert((id, holds))
            {
                recording.guards.push(Guard { condition: id, holds, line });
            }
        });
    }
    holds
}

/// The first of neighbouring parameters, if that is what the terms are.
pub(crate) fn parameters_from(terms: &[Term]) -> Option<u32> {
    let mut first = None;
    for (i, term) in terms.iter().enumerate() {
        let Node::Recorded { id, recording } = term.node else {
            return None;
        };
        let Operation::Parameter(place) = with(recording, |r| r.graph.operation(id)) else {
            return None;
        };
        let base = place.checked_sub(i as u32)?;
        if *first.get_or_insert(base) != base {
            return None;
        }
    }
    first
}

/// Whether a node has a value for each row.
pub(crate) fn varies(number: u64, id: Id) -> bool {
    with(number, |recording| recording.graph.is_varying(id))
}

/// The node of a term, a constant included. Panics if the term is not of this recording.
#[track_caller]
pub(crate) fn place(number: u64, term: Term) -> Id {
    if let Node::Recorded { recording, .. } = term.node {
        assert!(recording == number, "a term of another recording is the result");
    }
    with(number, |recording| recording.id(term))
}

/// The rows' own expressions, recorded into a graph: second derivatives, and slopes by many arguments.
pub(crate) mod curvature {
    use super::*;
    use crate::op::{Binary, Many, Slopes, Unary};
    use crate::program::ir::entries::{
        BinaryKind, ManyKind, UnaryKind, VisitBinary, VisitMany, VisitUnary,
    };
    use crate::program::ir::operation::Side;

    /// The second derivative of a entry, from argument, value and slope; it is on the line of the slope.
    pub(crate) fn unary(graph: &mut Graph, kind: UnaryKind, nodes: [Id; 3]) -> Id {
        struct Curve([Term; 3]);
        impl VisitUnary for Curve {
            type Output = Term;
            fn visit<O: Unary>(self, entry: O) -> Term {
                let [x, y, slope] = self.0;
                entry.curve(x, y, slope)
            }
        }
        let line = graph.line_of(nodes[2]);
        on(graph, line, |term, id| id(kind.visit(Curve(nodes.map(term)))))
    }

    /// The second derivative of a entry by two of its arguments, from both and the value; it is on the line of
    /// the value.
    pub(crate) fn binary(
        graph: &mut Graph,
        kind: BinaryKind,
        sides: [Side; 2],
        nodes: [Id; 3],
    ) -> Id {
        struct Curve([Side; 2], [Term; 3]);
        impl VisitBinary for Curve {
            type Output = Term;
            fn visit<O: Binary>(self, entry: O) -> Term {
                let [a, b, y] = self.1;
                let (first, both, second) = entry.curves(a, b, y);
                match self.0 {
                    [Side::First, Side::First] => first,
                    [Side::Second, Side::Second] => second,
                    _ => both,
                }
            }
        }
        let line = graph.line_of(nodes[2]);
        on(graph, line, |term, id| id(kind.visit(Curve(sides, nodes.map(term)))))
    }

    /// The slopes of an entry by each of its arguments, from these and the value; they are on its line.
    pub(crate) fn many(graph: &mut Graph, kind: ManyKind, args: &[Id], value: Id) -> Slopes<Id> {
        struct SlopesOf(SmallVec<[Term; 8]>, Term);
        impl VisitMany for SlopesOf {
            type Output = Slopes<Term>;
            fn visit<O: Many>(self, entry: O) -> Slopes<Term> {
                entry.slopes(&self.0, self.1)
            }
        }
        let line = graph.line_of(value);
        on(graph, line, |term, id| {
            let xs = args.iter().map(|&arg| term(arg)).collect();
            kind.visit(SlopesOf(xs, term(value))).into_iter().map(id).collect()
        })
    }

    /// Lets terms write to an existing graph, on a line of it: `f` gets what makes terms of nodes, and nodes of
    /// terms.
    fn on<R>(
        graph: &mut Graph,
        line: Option<LineId>,
        f: impl FnOnce(&dyn Fn(Id) -> Term, &dyn Fn(Term) -> Id) -> R,
    ) -> R {
        let taken = std::mem::take(graph);
        let result = record(|number| {
            with(number, |recording| {
                recording.graph = taken;
                recording.fixed = Some(line);
            });
            // The values serve for comparisons alone, and a row's expression makes none.
            let term = |id| Term::new(f64::NAN, Node::Recorded { id, recording: number });
            f(&term, &|term| place(number, term))
        });
        match result {
            Ok((found, recording)) => {
                *graph = recording.graph;
                found
            }
            Err(fault) => unreachable!("a row's own expression can be recorded: {fault}"),
        }
    }
}
