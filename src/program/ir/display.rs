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
            Rows => f.write_str("rows"),
            Neg => f.write_str("neg"),
            Add => f.write_str("add"),
            Sub => f.write_str("sub"),
            Mul => f.write_str("mul"),
            Div => f.write_str("div"),
            Rem => f.write_str("rem"),
            RemSlope => f.write_str("rem_slope"),
            MulAdd => f.write_str("mul_add"),
            ProductPlus => f.write_str("product_plus"),
            Chain(Gate::First) => f.write_str("chain"),
            Chain(Gate::Either) => f.write_str("along"),
            Above => f.write_str("above"),
            AtLeast => f.write_str("at_least"),
            Equal => f.write_str("equal"),
            Select => f.write_str("select"),
            Sum => f.write_str("sum"),
            Dot => f.write_str("dot"),
            FusedDot => f.write_str("fused_dot"),
            ChainDot(Gate::First) => f.write_str("chain_dot"),
            ChainDot(Gate::Either) => f.write_str("along_dot"),
            MaxOf => f.write_str("max_of"),
            Norm => f.write_str("norm"),
            NormScale => f.write_str("norm_scale"),
            NormRoot => f.write_str("norm_root"),
            NormSlope => f.write_str("norm_slope"),
            ExpShift => f.write_str("exp_shift"),
            Share(Division::Quotient) => f.write_str("share"),
            Share(Division::Reciprocal) => f.write_str("share_by_reciprocal"),
            LogSum => f.write_str("log_sum"),
            LogSumExp => f.write_str("log_sum_exp"),
            Detach => f.write_str("detach"),
        }
    }
}

/// What stands after them: the plain parameters, each after a comma.
pub(super) struct Tail(pub(super) Operation);

impl Display for Tail {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        // Entries of other counts of arguments have no parameters.
        if let Operation::Unary(kind) | Operation::UnarySlope(kind) | Operation::UnaryKink(kind) =
            self.0
        {
            kind.write_parameters(f)?;
        }
        Ok(())
    }
}

/// A range of parameters.
fn places(base: u32, len: u32) -> String {
    format!("parameters {base}..{}", u64::from(base) + u64::from(len))
}
