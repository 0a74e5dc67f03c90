//! Programs as Rust functions: [`Program::to_rust`].
//!
//! ```text
//! prepare the program as the interpreter does
//! find out how each operation is printed, and what of its arguments
//! lay the nodes out: numbers, a loop over the rows, numbers, ...
//! print each section, a node that is read once as a part of the line that reads it
//! print the helpers that were called, and the rules that these call
//! ```

mod error;
mod expression;
mod facts;
mod form;
mod layout;
mod library;
mod literal;
mod names;
mod rows;
mod signature;
mod steps;
mod support;
mod tokens;
mod writer;

pub use error::EmitError;

use crate::program::Program;
use crate::program::emit::rust::writer::Writer;
use crate::program::plan::Plan;
use crate::program::plan::pass::Pass;

impl Program {
    /// The program as a Rust function of this name, with all that it calls: text that a build script writes to
    /// a file, or that a person reads.
    ///
    /// The function takes the parameters, `&[f64; N]`, and then the columns, if there are any, `[&[f64]; M]`.
    /// It returns what is one number, an array of several, and writes each list to an argument of its own:
    /// the gradient to a `&mut [f64; N]`, the Hessian, row by row, to a `&mut [[f64; N]; N]`, residuals and
    /// Jacobian to slices with an entry for each row of data, in which derivatives stand one value after the
    /// other. Parameters and columns have the names of [`objective!`](crate::objective) or of
    /// [`with_names`](Self::with_names), or are `p0`, `x0` and so on.
    ///
    /// Its results have the bits of those of a [`Sweep`](crate::program::Sweep): operations and order of
    /// summation are the same, and elementary functions come along as text. But
    ///
    /// - numbers in the columns must be finite, which a sweep checks and the function does not;
    /// - kinks follow the same convention, and are not counted;
    /// - a [`custom`](crate::Scalar) function, and those that call another crate, as `ln_gamma`, are an error here.
    ///
    /// Where a sweep fails for the numbers it is given, as by a comparison that goes the other way than when
    /// the program was recorded, the function returns an `Err` that says what happened, with the line; it
    /// returns a `Result` only if there is something that can fail so. What was written by then has no
    /// meaning. Columns and lists of different lengths are a panic.
    ///
    /// The text needs no crate, and of `std` no more than methods of `f64` that `core` lacks: those that are
    /// called, as `sqrt`, are named in the function's documentation, and in a crate without `std` come from a
    /// trait that the module with the text imports, as `num_traits::Float`. A program of more than some
    /// hundred steps is printed as several functions, so that a compiler takes time in proportion to its
    /// length.
    ///
    /// # Errors
    /// If the name is no name of a function, a keyword, or one of `Ok`, `Err`, `Some` and `None`, if an
    /// operation calls a function of another crate, if the program is a sum of an objective without columns,
    /// or computes a sparse matrix.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let loss = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
    /// let program = Program::record(&loss, &[-2.0, 30.0], &[1.0, 99.0])?.mean().gradient();
    /// let text = program.to_rust("fence")?;
    /// let head = "pub fn fence(&[a, b]: &[f64; 2], [x, y]: [&[f64]; 2], gradient: &mut [f64; 2]) -> f64 {";
    /// assert!(text.contains(head));
    /// let each_row = "
    ///         let t1 = a * x * x + b * x - y;
    ///         let t2 = abs_slope(t1) * x;
    ///         sum.add(t1.abs());
    ///         sum_2.add(t2);
    ///         sum_3.add(t2 * x);
    /// ";
    /// assert!(text.contains(each_row));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_rust(&self, name: &str) -> Result<String, EmitError> {
        names::of_function(name)?;
        if self.rowless {
            return Err(EmitError::NoColumn);
        }
        if self.compressed.is_some() {
            return Err(EmitError::Sparse);
        }
        let program = self.lowered().unwrap_or_else(|| self.clone());
        if program.columns == 0 && program.graph.is_point() {
            return Writer::new(&program.trimmed(), name, &[]).map(Writer::write);
        }
        let joined = program.joined();
        let segments: Vec<usize> = Plan::of(&joined).passes.iter().map(Pass::segment).collect();
        let program = if program.fused { joined } else { program.summed().trimmed() };
        Writer::new(&program, name, &segments).map(Writer::write)
    }
}
