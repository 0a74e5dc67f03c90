//! Executable memory, and calls into it: all that the compiler cannot check about native code.
//!
//! Memory is written, then made executable and no longer writable, and freed when the last function is
//! gone. A function reads as many parameters and numbers, and writes as many numbers and entries of
//! outputs, as [`Extent`] says: the addresses in it come from a plan whose places lie in these bounds.

#![allow(unsafe_code, reason = "calls of code that was made at run time")]

use crate::program::native::NativeError;
use cranelift_codegen::Context;
use cranelift_codegen::ir::{Signature, Type};
use cranelift_codegen::isa::CallConv;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::FunctionBuilderContext;
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Module, ModuleError, default_libcall_names};
use std::sync::Mutex;
use std::sync::atomic::AtomicPtr;

type Code = unsafe extern "C" fn(*const f64, *mut f64, *const *mut f64) -> u32;

/// How much memory functions are handed.
#[derive(Clone, Debug, Default)]
pub(super) struct Extent {
    pub(super) parameters: usize,
    pub(super) numbers: usize,
    /// The length of each output.
    pub(super) outputs: Vec<usize>,
}

/// Code that can be run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Function {
    code: Code,
    /// How many points it is of.
    points: usize,
}

/// Code of a program that gives a value and a gradient, and nothing else.
#[derive(Clone, Copy, Debug)]
pub(super) struct PointCode {
    code: Code,
    parameters: usize,
    numbers: usize,
}

impl PointCode {
    /// The value, and the gradient into its room; `None` if something was not as usual or a length is wrong.
    #[inline(always)]
    pub(super) fn call(
        self,
        _of: &Machine,
        parameters: &[f64],
        numbers: &mut [f64],
        gradient: &mut [f64],
    ) -> Option<f64> {
        let PointCode { code, parameters: n, numbers: needed } = self;
        if parameters.len() != n || gradient.len() != n || numbers.len() < needed {
            return None;
        }
        let mut value = 0.0;
        let outputs = [&raw mut value, gradient.as_mut_ptr()];
        // The point was made for the machine that it is called with.
        // SAFETY: The code reads `n` parameters and `needed` numbers, and writes one value and `n` slopes.
        let odd = unsafe { code(parameters.as_ptr(), numbers.as_mut_ptr(), outputs.as_ptr()) };
        (odd == 0).then_some(value)
    }
}

/// The memory of functions, in the making and afterwards.
pub(super) struct Machine {
    /// Nobody reads it but to add to it or to free it.
    module: Mutex<Option<JITModule>>,
    extent: Extent,
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Machine").field("extent", &self.extent).finish_non_exhaustive()
    }
}

/// Functions in the making.
pub(super) struct Making {
    module: JITModule,
    context: Context,
    builder: FunctionBuilderContext,
}

impl Making {
    pub(super) fn new() -> Result<Self, NativeError> {
        let backend = cranelift_native::builder();
        let backend =
            backend.map_err(|reason| NativeError::NoBackend { reason: reason.to_string() })?;
        let mut flags = settings::builder();
        let set = [
            ("use_colocated_libcalls", "false"),
            ("is_pic", "false"),
            ("opt_level", "none"),
            ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
            ("enable_probestack", "false"),
        ];
        let not = |reason: String| NativeError::NoBackend { reason };
        for (name, value) in set {
            flags.set(name, value).map_err(|error| not(error.to_string()))?;
        }
        let isa = backend.finish(settings::Flags::new(flags));
        let isa = isa.map_err(|error| not(error.to_string()))?;
        let module = JITModule::new(JITBuilder::with_isa(isa, default_libcall_names()));
        let context = module.make_context();
        Ok(Making { module, context, builder: FunctionBuilderContext::new() })
    }

    pub(super) fn call_conv(&self) -> CallConv {
        self.module.isa().default_call_conv()
    }

    /// The type of an address.
    pub(super) fn pointer(&self) -> Type {
        self.module.target_config().pointer_type()
    }

    /// Adds a function, which `write` writes.
    pub(super) fn add(
        &mut self,
        signature: Signature,
        write: impl FnOnce(&mut cranelift_codegen::ir::Function, &mut FunctionBuilderContext),
    ) -> Result<FuncId, NativeError> {
        self.module.clear_context(&mut self.context);
        self.context.func.signature = signature;
        write(&mut self.context.func, &mut self.builder);
        let signature = &self.context.func.signature;
        let id = self.module.declare_anonymous_function(signature).map_err(failed)?;
        self.module.define_function(id, &mut self.context).map_err(failed)?;
        Ok(id)
    }

    /// Makes the functions executable.
    pub(super) fn finish(
        self,
        ids: &[(FuncId, usize)],
        extent: Extent,
    ) -> Result<(Machine, Vec<Function>), NativeError> {
        let Making { mut module, .. } = self;
        if let Err(error) = module.finalize_definitions() {
            let error = failed(error);
            // SAFETY: No function of it was handed out.
            unsafe { module.free_memory() };
            return Err(error);
        }
        let functions = ids.iter().map(|&(id, points)| {
            let code = module.get_finalized_function(id);
            // It stays where it is until the machine is dropped, which a caller needs.
            // SAFETY: Each function was made with this signature and the calling convention of C.
            let code = unsafe { std::mem::transmute::<*const u8, Code>(code) };
            Function { code, points }
        });
        let functions = functions.collect();
        Ok((Machine { module: Mutex::new(Some(module)), extent }, functions))
    }
}

fn failed(error: ModuleError) -> NativeError {
    let reason = error.to_string();
    match error {
        ModuleError::Allocation { .. } | ModuleError::Backend(_) => {
            NativeError::NoMemory { reason }
        }
        _ => NativeError::NotTranslated { reason },
    }
}

impl Machine {
    /// Runs a function of this machine, of so many points at a time; whether something was not as usual.
    ///
    /// # Panics
    /// If what it is handed is shorter than the functions need.
    #[inline(always)]
    pub(super) fn call(
        &self,
        Function { code, points }: Function,
        parameters: &[f64],
        numbers: &mut [f64],
        outputs: &Outputs<'_>,
    ) -> bool {
        let Extent { parameters: read, numbers: needed, outputs: written } = &self.extent;
        assert!(parameters.len() >= read.saturating_mul(points));
        assert!(numbers.len() >= needed.saturating_mul(points));
        assert!(outputs.list.len() >= written.len() && outputs.points >= points);
        // The outputs' lengths were checked when their list was made, and the machine keeps the code.
        let outputs = outputs.list.as_ptr().cast();
        // SAFETY: The lengths are as the code needs; what it writes is borrowed for writing.
        let odd = unsafe { code(parameters.as_ptr(), numbers.as_mut_ptr(), outputs) };
        odd != 0
    }

    /// A function that writes a number and as many more as there are parameters.
    pub(super) fn point(&self, Function { code, points }: Function) -> Option<PointCode> {
        let Extent { parameters, numbers, ref outputs } = self.extent;
        let fits = points == 1 && outputs[..] == [1, parameters];
        fits.then_some(PointCode { code, parameters, numbers })
    }

    /// The list of the outputs of so many points, as functions take it, in `room`; `None` if there are more or
    /// fewer than functions write, or one has another length.
    #[inline(always)]
    pub(super) fn outputs<'r, 'o: 'r>(
        &self,
        room: &'r mut [AtomicPtr<f64>],
        outputs: impl ExactSizeIterator<Item = &'o mut [f64]>,
        points: usize,
    ) -> Option<Outputs<'r>> {
        let lens = &self.extent.outputs;
        if lens.len() > room.len() || lens.len() != outputs.len() {
            return None;
        }
        for ((place, output), &len) in room.iter_mut().zip(outputs).zip(lens) {
            if output.len() != len.saturating_mul(points) {
                return None;
            }
            *place.get_mut() = output.as_mut_ptr();
        }
        Some(Outputs { list: room, points })
    }
}

/// Outputs that were borrowed for writing, by their addresses: an `AtomicPtr` is one, and can be sent.
pub(super) struct Outputs<'o> {
    list: &'o [AtomicPtr<f64>],
    /// Of how many points they have room for results.
    points: usize,
}

impl Outputs<'_> {
    /// Those of functions that write none.
    pub(super) fn none() -> Self {
        Outputs { list: &[], points: 1 }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let module = self.module.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(module) = module.take() {
            // SAFETY: Who could call a function borrows the machine, so that none runs or will.
            unsafe { module.free_memory() };
        }
    }
}
