//! The listing of a program.

use crate::program::ir::graph::Id;
use crate::program::ir::operation::{Division, Gate, Operation, Reduction, Side};
use crate::program::{Output, Program};
use crate::real::{Short, counted};
use std::fmt::{Display, Formatter, Result};

/// One node a line, each after those that it needs; `[i]` marks what there is for each row. Then the
/// comparisons that the recording followed, where derivatives follow a convention at kinks, and the
/// outputs.
///
/// ```
/// use wengert::{objective, program::Program};
/// let loss = objective!(|[a], [x, y]| (a * x).tanh() - y);
/// let program = Program::record(&loss, &[2.0], &[3.0, 5.0])?.mean().gradient();
/// let listing = "\
/// program of 1 parameter and 2 columns
///   %0 = parameter 0
///   %1[i] = column 0
///   %2[i] = column 1
///   %3[i] = mul %0 %1[i]
///   %4[i] = tanh %3[i]
///   %5[i] = sub %4[i] %2[i]
///   %6 = sum over rows %5[i]
///   %7 = rows
///   %8 = div %6 %7
///   %9 = constant 1
///   %10 = div %9 %7
///   %11[i] = tanh_slope %3[i] %4[i]
///   %12[i] = chain %11[i] %1[i]
///   %13 = sum over rows %12[i]
///   %14 = chain %10 %13
///   output 0: %8
///   output 1: 1 number: [0] = %14
/// ";
/// assert_eq!(program.to_string(), listing);
/// # Ok::<(), wengert::program::RecordError>(())
/// ```
impl Display for Program {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let parameters = counted(self.parameters, "parameter");
        writeln!(f, "program of {parameters} and {}", counted(self.columns, "column"))?;
        for id in self.graph.ids() {
            write!(f, "  {} = ", self.name(id))?;
            self.write_node(f, id)?;
        }
        for guard in &self.guards {
            let holds = if guard.holds { "holds" } else { "does not hold" };
            writeln!(f, "  guard: {} {holds}, {}", self.name(guard.condition), guard.line)?;
        }
        for (condition, kinked) in self.graph.kinks() {
            write!(f, "  kink of {} where {}", kinked.operation, self.name(condition))?;
            match &kinked.line {
                Some(line) => writeln!(f, ", {line}")?,
                None => writeln!(f)?,
            }
        }
        for (at, (_, output)) in self.outputs.iter().enumerate() {
            write!(f, "  output {at}: ")?;
            self.write_output(f, output)?;
        }
        Ok(())
    }
}

impl Program {
    /// How a node is called.
    pub(super) fn name(&self, id: Id) -> String {
        let row = if self.graph.is_varying(id) { "[i]" } else { "" };
        format!("%{}{row}", id.at())
    }

    fn write_node(&self, f: &mut Formatter<'_>, id: Id) -> Result {
        let operation = self.graph.operation(id);
        write!(f, "{}", Head(operation))?;
        for &arg in self.graph.args(id) {
            write!(f, " {}", self.name(arg))?;
        }
        writeln!(f, "{}", Tail(operation))
    }

    fn write_output(&self, f: &mut Formatter<'_>, output: &Output) -> Result {
        match output {
            Output::Number(id) => write!(f, "{}", self.name(*id))?,
            Output::Vector { len, entries, scatters } | Output::Rows { len, entries, scatters } => {
                let each = if let Output::Rows { .. } = output { " a row" } else { "" };
                write!(f, "{}{each}:", counted(*len, "number"))?;
                for &(place, id) in entries {
                    write!(f, " [{place}] = {}", self.name(id))?;
                }
                for s in scatters {
                    let (to, index) = (places(s.base, s.len), self.name(s.index));
                    let (value, scale) = (self.name(s.value), self.name(s.scale));
                    write!(f, " {to} at {index} += {value} times {scale}")?;
                }
            }
        }
        writeln!(f)
    }
}

/// What stands before the arguments of an operation.
pub(crate) struct Head(pub(crate) Operation);

impl Display for Head {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        use Operation::*;
        match self.0 {
            Constant(bits) => write!(f, "constant {}", Short(f64::from(bits))),
            Parameter(place) => write!(f, "parameter {place}"),
            Column(place) => write!(f, "column {place}"),
            Gather { base, len } => write!(f, "gather {}", places(base, len)),
            Within { len } => write!(f, "below {len}"),
            Unary(kind) => write!(f, "{}", kind.op().name()),
            UnarySlope(kind) => write!(f, "{}_slope", kind.op().name()),
            UnaryKink(kind) => write!(f, "{}_kink", kind.op().name()),
            Binary(kind) => write!(f, "{}", kind.op().name()),
            BinarySlope { kind, side, alone } => {
                let side = if side == Side::First { "a" } else { "b" };
                let alone = if alone { "_alone" } else { "" };
                write!(f, "{}_slope_{side}{alone}", kind.op().name())
            }
            BinaryKink(kind) => write!(f, "{}_kink", kind.op().name()),
            Many(kind) => write!(f, "{}", kind.op().name()),
            Reduce(Reduction::Sum) => write!(f, "sum over rows"),
            Reduce(Reduction::Max) => write!(f, "max over rows"),
            plain => write!(f, "{}", plain_name(plain)),
        }
    }
}

/// What stands after them: the plain parameters, each after a comma.
pub(super) struct Tail(pub(super) Operation);

impl Display for Tail {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        use Operation::{Unary, UnaryKink, UnarySlope};
        match self.0 {
            Unary(kind) | UnarySlope(kind) | UnaryKink(kind) => kind.write_parameters(f),
            _ => Ok(()),
        }
    }
}

/// The names of operations that have neither parameters nor places.
fn plain_name(operation: Operation) -> &'static str {
    use Operation::*;
    match operation {
        Rows => "rows",
        Neg => "neg",
        Add => "add",
        Sub => "sub",
        Mul => "mul",
        Div => "div",
        Rem => "rem",
        RemSlope => "rem_slope",
        MulAdd => "mul_add",
        ProductPlus => "product_plus",
        Chain(Gate::First) => "chain",
        Chain(Gate::Either) => "along",
        Above => "above",
        AtLeast => "at_least",
        Equal => "equal",
        Select => "select",
        Sum => "sum",
        Dot => "dot",
        FusedDot => "fused_dot",
        ChainDot(Gate::First) => "chain_dot",
        ChainDot(Gate::Either) => "along_dot",
        MaxOf => "max_of",
        Norm => "norm",
        NormScale => "norm_scale",
        NormRoot => "norm_root",
        NormSlope => "norm_slope",
        ExpShift => "exp_shift",
        Share(Division::Quotient) => "share",
        Share(Division::Reciprocal) => "share_by_reciprocal",
        LogSum => "log_sum",
        Detach => "detach",
        Constant(_) | Parameter(_) | Column(_) | Gather { .. } | Within { .. } | Reduce(_) => "",
        Unary(_) | UnarySlope(_) | UnaryKink(_) => "",
        Binary(_) | BinarySlope { .. } | BinaryKink(_) | Many(_) => "",
    }
}

/// A range of parameters.
fn places(base: u32, len: u32) -> String {
    format!("parameters {base}..{}", u64::from(base) + u64::from(len))
}
