//! Native code: what a program computes once, as instructions of the processor.
//!
//! The interpreter does a step of a [`Plan`] at a time, and its results go through memory. Here the steps become
//! functions: single numbers in registers, and loops over neighbours, of which those of one length that
//! need no other's neighbours are one ([`order`]). What two rows of a Jacobian compute alike is computed for both at
//! once ([`pairs`]). Each number has the bits that the interpreter gives it.
//! What takes more than a few instructions is done by the library's own functions ([`kernels`]), over
//! many numbers by the interpreter itself. Passes over rows stay with it: it has vectors of up to eight
//! numbers, and these functions of two.
//!
//! Functions do not do everything. Where a product of derivatives is NaN, of which a factor 0 makes 0, or
//! a guard turns, they say that something is odd, and the interpreter does the stage again ([`odd`]).

mod arithmetic;
mod calls;
mod emit;
mod entries;
mod error;
mod items;
mod kernels;
mod loops;
mod machine;
mod memory;
mod odd;
mod order;
mod pairs;
mod stored;

pub use error::NativeError;

use crate::op::vector::level::Level;
use crate::program::Program;
use crate::program::plan::uniform::{Uniform, UniformInstruction};
use crate::program::plan::{Plan, PlannedOutput};
use calls::Kernels;
use cranelift_frontend::FunctionBuilder;
use cranelift_module::FuncId;
use emit::{Common, Emitter, Points};
use items::{Items, Task, WRITTEN_OUT, WRITTEN_OUT_OF_ROWS};
use kernels::Kernel;
use machine::{Extent, Function, Machine, Making, PointCode};
use memory::Memory;
use order::Part;
use std::sync::atomic::AtomicPtr;

/// A part of a stage.
#[derive(Clone, Copy, Debug)]
enum Piece {
    Code(Function),
    Interpret(UniformInstruction),
}

/// The stages of a plan as native code.
#[derive(Debug)]
pub(crate) struct Native {
    stages: Vec<Vec<Piece>>,
    /// The whole program at two points; nothing if it is not made of single numbers alone.
    points: Vec<Piece>,
    machine: Machine,
    /// A program of a value and a gradient, if it is one function.
    point: Option<PointCode>,
    /// Whether it is a program of a value and a gradient, and of parameters alone.
    gives_gradient: bool,
    /// Whether the only stage is the whole program, and writes its outputs.
    is_whole: bool,
    /// Whether parameters are read from the memory of numbers.
    copied: bool,
    /// Whether each number of all outputs is written.
    full: bool,
    /// Room for the list of outputs.
    room: Vec<AtomicPtr<f64>>,
    /// What functions call; it lives as long as they do.
    #[expect(dead_code, reason = "functions refer to it")]
    kernels: Vec<Kernel>,
}

impl Native {
    /// Of a plan that writes each place once.
    pub(crate) fn new(program: &Program, plan: &Plan) -> Result<Self, NativeError> {
        let is_row = |output: &PlannedOutput| matches!(output, PlannedOutput::Rows { .. });
        let is_whole = plan.passes.is_empty() && !plan.outputs.iter().any(is_row);
        let mut memory = Memory::new(plan, program.parameters, &program.guards)?;
        let kept: Vec<u32> = if is_whole {
            plan.kinks.iter().map(|&(at, _)| at).collect()
        } else {
            plan.kept.clone()
        };
        let matrices =
            if is_whole { pairs::matrices(plan, program.parameters) } else { Vec::new() };
        let mut making = Making::new()?;
        let mut kernels = Kernels::default();
        let (mut ids, mut stages, mut points) = (Vec::new(), Vec::new(), Vec::new());
        for stage in 0..plan.stages.len() {
            let written_out = if matrices.is_empty() { WRITTEN_OUT } else { WRITTEN_OUT_OF_ROWS };
            let mut items = Items::new(plan, stage, &memory, is_whole, written_out)?;
            if !is_whole || memory.is_straddled(&items) {
                memory.copy_parameters();
            }
            let (mut hidden, shown) = odd::hidden(&items, is_whole);
            if !matrices.is_empty() {
                let row = program.parameters as u32;
                let made_of = pairs::paired(&items, &memory, &matrices, row);
                let is_hidden = |at: u32| hidden[at as usize];
                hidden = made_of
                    .iter()
                    .map(|&(first, second)| is_hidden(first) || second.is_some_and(is_hidden))
                    .collect();
                items = items.merged(&made_of);
            }
            let parts = order::order(&items);
            let stored = stored::stored(&items, &parts, &kept);
            let call_conv = making.call_conv();
            let (items, memory, stored) = (&items, &memory, &stored[..]);
            let hidden = &hidden[..];
            let mut common =
                Common { items, memory, stored, hidden, shown, call_conv, points: None };
            stages.push(pieces(&common, &parts, &mut making, &mut kernels, &mut ids)?);
            if is_whole && matrices.is_empty() && order::is_single(&parts) && !memory.is_copied() {
                common.points = Points::new(program.parameters, &plan.outputs);
            }
            if common.points.is_some() {
                points = pieces(&common, &parts, &mut making, &mut kernels, &mut ids)?;
            }
        }
        let extent = Extent {
            parameters: if memory.is_copied() { 0 } else { program.parameters },
            numbers: plan.numbers,
            outputs: if is_whole {
                plan.outputs.iter().map(PlannedOutput::len).collect()
            } else {
                Vec::new()
            },
        };
        let room = extent.outputs.iter().map(|_| AtomicPtr::default()).collect();
        let (machine, functions) = making.finish(&ids, extent)?;
        let all = |pieces: Vec<Made>| -> Vec<Piece> {
            let piece = |piece: Made| match piece {
                Ok(at) => Piece::Code(functions[at]),
                Err(step) => Piece::Interpret(step),
            };
            pieces.into_iter().map(piece).collect()
        };
        let stages: Vec<Vec<Piece>> = stages.into_iter().map(all).collect();
        let point = match stages[0][..] {
            [Piece::Code(function)] if is_whole && !memory.is_copied() => machine.point(function),
            _ => None,
        };
        Ok(Native {
            stages,
            point,
            gives_gradient: is_whole,
            points: all(points),
            machine,
            is_whole,
            copied: memory.is_copied(),
            full: plan.outputs.iter().all(is_full),
            room,
            kernels: kernels.list,
        })
    }

    /// Whether it is the whole program.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether parameters have to stand in the memory of numbers.
    pub(crate) fn is_copied(&self) -> bool {
        self.copied
    }

    /// Computes a stage, of which the plan is `uniform`; whether all was as usual. Else the
    /// interpreter has to do it.
    pub(crate) fn stage(
        &self,
        which: usize,
        stage: (&Uniform, Level),
        parameters: &[f64],
        numbers: &mut [f64],
    ) -> bool {
        let outputs = machine::Outputs::none();
        pieces_of(&self.stages[which], &self.machine, stage, parameters, numbers, &outputs)
    }

    /// Whether each number of all outputs is written, also where that is 0.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    /// Computes the whole program; whether all was as usual, and there was room for each output.
    #[inline(always)]
    pub(crate) fn whole<'o>(
        &mut self,
        stage: (&Uniform, Level),
        parameters: &[f64],
        numbers: &mut [f64],
        outputs: impl ExactSizeIterator<Item = &'o mut [f64]>,
    ) -> bool {
        let Native { machine, room, stages, .. } = self;
        let Some(list) = machine.outputs(room, outputs, 1) else { return false };
        match stages[0][..] {
            [Piece::Code(function)] => !machine.call(function, parameters, numbers, &list),
            ref pieces => pieces_of(pieces, machine, stage, parameters, numbers, &list),
        }
    }

    /// What it gives is no value and its gradient, or not of parameters alone.
    pub(crate) fn gives_no_gradient(&mut self) {
        self.gives_gradient = false;
        self.point = None;
        self.points.clear();
    }

    /// Whether [`whole`](Self::whole) gives a value and a gradient, and [`point`](Self::point) does not.
    pub(crate) fn gives_gradient_in_parts(&self) -> bool {
        self.gives_gradient && self.point.is_none()
    }

    /// Computes a value and a gradient, if the program is one function of that; `None` too if something was not
    /// as usual or a length is wrong.
    #[inline(always)]
    pub(crate) fn point(
        &self,
        parameters: &[f64],
        numbers: &mut [f64],
        gradient: &mut [f64],
    ) -> Option<f64> {
        self.point?.call(&self.machine, parameters, numbers, gradient)
    }

    /// Whether a program of two outputs can be computed at two points at a time.
    pub(crate) fn takes_two_points(&self) -> bool {
        !self.points.is_empty()
    }

    /// Computes a program of two outputs at two points, one after the other in memory; the memory of numbers is
    /// twice as long.
    pub(crate) fn two_points(
        &self,
        parameters: &[f64],
        numbers: &mut [f64],
        outputs: [&mut [f64]; 2],
    ) -> bool {
        let mut room = [const { AtomicPtr::new(std::ptr::null_mut()) }; 2];
        let Some(list) = self.machine.outputs(&mut room, outputs.into_iter(), 2) else {
            return false;
        };
        self.points.iter().all(|piece| match *piece {
            Piece::Code(function) => !self.machine.call(function, parameters, numbers, &list),
            Piece::Interpret(_) => false,
        })
    }
}

/// Does the parts of a stage; whether all was as usual.
fn pieces_of(
    pieces: &[Piece],
    machine: &Machine,
    (uniform, level): (&Uniform, Level),
    parameters: &[f64],
    numbers: &mut [f64],
    outputs: &machine::Outputs<'_>,
) -> bool {
    for piece in pieces {
        match *piece {
            Piece::Code(function) => {
                if machine.call(function, parameters, numbers, outputs) {
                    return false;
                }
            }
            Piece::Interpret(step) => uniform.step(step, level, numbers),
        }
    }
    true
}

/// Whether each number of an output is written.
fn is_full(output: &PlannedOutput) -> bool {
    match output {
        PlannedOutput::Number(_) => true,
        PlannedOutput::Vector { whole, .. } => *whole || items::gaps(output).is_some(),
        PlannedOutput::Rows { .. } => false,
    }
}

/// A function by its number, or a step of the interpreter.
type Made = Result<usize, UniformInstruction>;

/// The parts of a stage, of which functions are added to those in the making.
fn pieces(
    common: &Common<'_>,
    parts: &[Part],
    making: &mut Making,
    kernels: &mut Kernels,
    ids: &mut Vec<(FuncId, usize)>,
) -> Result<Vec<Made>, NativeError> {
    let mut pieces = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            &Part::Interpret(at) => {
                if let Task::Interpret(step) = common.items.list[at as usize].task {
                    pieces.push(Err(step));
                }
            }
            Part::Code(segments) => {
                let signature = Emitter::signature(common.call_conv, making.pointer());
                let id = making.add(signature, |function, context| {
                    let builder = FunctionBuilder::new(function, context);
                    Emitter::new(builder, common, kernels).function(segments);
                })?;
                ids.push((id, if common.points.is_some() { 2 } else { 1 }));
                pieces.push(Ok(ids.len() - 1));
            }
        }
    }
    Ok(pieces)
}
