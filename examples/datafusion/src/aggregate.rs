//! The aggregate function: [`gradient`].

use crate::accumulator::Stretches;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
};
use datafusion::physical_expr::expressions::Literal;
#[cfg(feature = "ballista")]
use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use wengert::program::Program;

/// Why a program is no aggregate function.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MakeError {
    /// It goes through the rows more than once.
    Passes {
        /// How often.
        found: usize,
    },
}

impl fmt::Display for MakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MakeError::Passes { found } = self;
        write!(f, "the program goes through the rows {found} times, a query does it once")
    }
}

impl std::error::Error for MakeError {}

/// The aggregate function `name(row, columns.., parameters..)` of a program: a list of all numbers of its outputs, one
/// after the other.
///
/// # Errors
/// If the program goes through the rows more than once.
pub fn gradient(name: &str, program: Program) -> std::result::Result<AggregateUDF, MakeError> {
    let found = program.compile().pass_count();
    if found != 1 {
        return Err(MakeError::Passes { found });
    }
    let signature = Signature::user_defined(Volatility::Immutable);
    Ok(AggregateUDF::from(Function { name: name.into(), program: Arc::new(program), signature }))
}

/// The program that a function was made of, if it is one of these.
#[cfg(feature = "ballista")]
pub(crate) fn program(function: &AggregateUDF) -> Option<&Program> {
    let function: &dyn Any = function.inner().as_ref();
    function.downcast_ref::<Function>().map(|function| &*function.program)
}

#[derive(Debug)]
struct Function {
    name: String,
    program: Arc<Program>,
    signature: Signature,
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.program.to_string() == other.program.to_string()
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

fn numbers() -> DataType {
    DataType::List(Arc::new(Field::new_list_field(DataType::Float64, true)))
}

impl AggregateUDFImpl for Function {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let (columns, parameters) = (self.program.column_count(), self.program.parameter_count());
        let (found, expected) = (types.len(), 1 + columns + parameters);
        if found != expected {
            return plan_err!(
                "{} takes {expected} arguments, the row number, {columns} columns and {parameters} \
                 parameters, but {found} were given",
                self.name
            );
        }
        let all = std::iter::once(DataType::UInt64);
        Ok(all.chain(std::iter::repeat_n(DataType::Float64, columns + parameters)).collect())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(numbers())
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let name = format!("{}[partials]", args.name);
        Ok(vec![Arc::new(Field::new(name, DataType::Binary, true))])
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let parameters = args.exprs.iter().skip(1 + self.program.column_count());
        let parameters = parameters.map(|expr| match expr.downcast_ref::<Literal>() {
            Some(literal) => match literal.value().cast_to(&DataType::Float64)? {
                ScalarValue::Float64(Some(x)) => Ok(x),
                other => exec_err!("{}: a parameter is {other}, expected a number", self.name),
            },
            None => exec_err!("{}: the parameter {expr} is no literal", self.name),
        });
        let parameters = parameters.collect::<Result<_>>()?;
        Ok(Box::new(Stretches::new(self.program.compile(), parameters)))
    }
}
