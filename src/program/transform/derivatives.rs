//! Derivatives of programs, as programs.

use crate::program::transform::forward::{self, Direction};
use crate::program::transform::{branch, entered, reverse};
use crate::program::{Name, Output, Program};

impl Program {
    /// The same with the gradient of its first number by all parameters as one more output. A number
    /// for each row is added up over the rows first.
    ///
    /// At kinks it follows the default convention of the tape; the result reports how many rows met
    /// a kink. One case differs from the tape: a program knows only once, for all rows, which
    /// numbers vary. A median of parameters and data varies, even in a row where it happens to be
    /// an item of data; so does a [`select`](crate::Scalar::select) with a branch that varies, even in a
    /// row where it takes one that does not. A tie with it then shares the slope in halves, where a tape
    /// sees a constant and gives slope 0.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let square = objective!(|[l]| l * (100.0 - l));
    /// let program = Program::record(&square, &[57.0], &[])?.gradient();
    /// let mut sweep = program.compile();
    /// let found = sweep.run(&[57.0], &Columns::none())?;
    /// assert_eq!((found.value(), found.gradient()), (2451.0, &[-14.0][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn gradient(self) -> Self {
        let mut program = self.summed();
        program.watch_choices(branch::Order::First);
        if let Some(&(_, Output::Number(id))) = program.outputs.first() {
            let gradient = reverse::gradient(&mut program.graph, id, program.parameters, None);
            program.outputs.push((Name::Gradient, gradient));
        }
        program.trimmed()
    }

    /// The gradient alone, by the first so many parameters: the others are numbers that it is not differentiated
    /// by. Choices between two numbers are not counted as kinks.
    pub(crate) fn gradient_by(self, first: usize) -> Self {
        let mut program = self.summed();
        if let Some((_, Output::Number(id))) = program.outputs.pop() {
            let gradient = reverse::gradient(&mut program.graph, id, first, None);
            program.outputs = vec![(Name::Gradient, gradient)];
        }
        program.trimmed()
    }

    /// The same with the gradient by the rule [`Along`](crate::Rule::Along) as one more output: at each
    /// kink that a row meets it takes the branch that a direction enters. The direction follows the
    /// parameters: the program then has twice as many.
    ///
    /// The result is the gradient of the one smooth piece that the direction enters. Of a direction
    /// without a pattern, such as a random one, it is a true element of the generalized gradient of the
    /// whole, for any composition; see [`Rule::Directional`](crate::Rule::Directional). It costs a sweep
    /// of tangents more than [`gradient`](Self::gradient). Where the tangents of what meets are equal,
    /// the default convention stays.
    ///
    /// ```
    /// use wengert::{Scalar, objective, program::{Columns, Program}};
    /// let f = objective!(|[a], [x]| (a * x).relu() - (a * -x).relu()); // a x, in two pieces
    /// let program = Program::record(&f, &[1.0], &[1.0])?;
    /// let data = Columns::new(&[&[3.0, -1.0]])?;
    /// let mut convention = program.clone().gradient().compile();
    /// assert_eq!(convention.run(&[0.0], &data)?.gradient(), [0.0]);
    /// let mut directional = program.gradient_along().compile();
    /// assert_eq!(directional.run(&[0.0, 0.7], &data)?.gradient(), [2.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn gradient_along(self) -> Self {
        let mut program = self.summed();
        let direction = Direction::following(program.parameters);
        program.watch_choices(branch::Order::First);
        if let Some(&(_, Output::Number(id))) = program.outputs.first() {
            let rates = forward::entering(&mut program.graph, direction, id);
            let entered = Some(entered::Entered(&rates));
            let gradient = reverse::gradient(&mut program.graph, id, program.parameters, entered);
            program.outputs.push((Name::GradientAlong, gradient));
        }
        program.names.add_direction(program.parameters);
        program.parameters *= 2;
        program.trimmed()
    }

    /// The same with the derivatives of its outputs along a direction as further outputs, in the same
    /// order. The direction follows the parameters: the program then has twice as many.
    ///
    /// That of a number is the product of its gradient with the direction, at kinks by the default
    /// convention: 0 for `|x|` at 0. [`Var::jvp`](crate::Var::jvp) takes the limit along the direction
    /// there, 1; so does the product with [`gradient_along`](Self::gradient_along).
    ///
    /// Of a gradient this makes the product of the Hessian with the direction: at a kink that of the
    /// piece that the direction enters, as for [`hessian`](Self::hessian).
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let f = objective!(|[x, y]| x * x * y);
    /// let product = Program::record(&f, &[2.0, 3.0], &[])?.gradient().jvp();
    /// let mut sweep = product.compile();
    /// let found = sweep.run(&[2.0, 3.0, 1.0, 0.0], &Columns::none())?;
    /// assert_eq!((found.value(), found.gradient()), (12.0, &[12.0, 4.0][..]));
    /// assert_eq!(found.jvp(), 12.0); // the slope along (1, 0)
    /// assert_eq!(found.hvp(), [6.0, 4.0]); // the Hessian times (1, 0)
    ///
    /// let bent = Program::record(&objective!(|[x]| x.abs()), &[1.0], &[])?;
    /// let at_the_kink = |program: Program| {
    ///     program.compile().run(&[0.0, 1.0], &Columns::none()).map(|found| found.output(1)[0])
    /// };
    /// assert_eq!(at_the_kink(bent.clone().jvp())?, 0.0); // by convention
    /// assert_eq!(at_the_kink(bent.gradient_along())?, 1.0); // of the piece along 1
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn jvp(self) -> Self {
        let mut program = self.summed();
        let direction = Direction::following(program.parameters);
        program.watch_choices(branch::Order::First);
        let mut tangents = forward::tangents(&mut program.graph, &program.outputs, direction);
        // One that was differentiated already has a direction among its parameters.
        let differentiated = program.outputs.iter().any(|&(name, _)| name == Name::Jvp);
        let gradient = program.outputs.iter().position(|&(name, _)| name == Name::Gradient);
        if let Some(at) = gradient.filter(|_| !differentiated) {
            program.watch_choices(branch::Order::Second);
            tangents[at] = program.gradient_tangent(at, direction);
        }
        let names: Vec<Name> = program.outputs.iter().map(|(name, _)| name.along()).collect();
        program.outputs.extend(names.into_iter().zip(tangents));
        program.names.add_direction(program.parameters);
        program.parameters *= 2;
        program.trimmed()
    }

    /// The same with the gradient of its first number, the derivative along a direction, and the product
    /// of the Hessian with the direction: [`gradient`](Self::gradient), then [`jvp`](Self::jvp).
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let product = Program::record(&objective!(|[x, y]| x * x * y), &[2.0, 3.0], &[])?.hvp();
    /// let mut sweep = product.compile();
    /// assert_eq!(sweep.run(&[2.0, 3.0, 1.0, 0.0], &Columns::none())?.hvp(), [6.0, 4.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn hvp(self) -> Self {
        self.gradient().jvp()
    }

    /// The same with the gradient of its first number as the second output, and with the rows of its
    /// Hessian as further ones, one for each parameter: for few parameters. Of many, take products
    /// with directions: [`Program::gradient`], then [`Program::jvp`].
    ///
    /// A row of it is the derivative of the gradient along a parameter's axis, on the smooth piece that
    /// this direction enters where a kink is met: `|x| |x|` has 2 at 0, `½ norm²` the identity. Where
    /// pieces are linear it is 0, at their kinks too, and that of `hypot`, `norm` and `atan2` is 0 at the
    /// origin. Where what a kink compares has no slope along the direction, its second derivative
    /// decides, `½ t² z''` of a way in: `|-x²|` has 2 at 0. Where that is 0 too, the default convention
    /// stays. Where the two sides of a kink differ, so may the row against the axis; the kink is counted.
    /// A [`select`](crate::Scalar::select) between numbers that are equal at a tie counts as one unless
    /// both are linear there with the same slopes.
    ///
    /// ```
    /// use wengert::{Scalar, objective, program::{Columns, Program}};
    /// let rosenbrock = objective!(|[x, y]| (1.0 - x).square() + 100.0 * (y - x.square()).square());
    /// let mut sweep = Program::record(&rosenbrock, &[1.0, 1.0], &[])?.hessian().compile();
    /// let found = sweep.run(&[1.0, 1.0], &Columns::none())?;
    /// assert_eq!(found.gradient(), [0.0, 0.0]);
    /// assert_eq!(found.hessian(), [[802.0, -400.0], [-400.0, 200.0]]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn hessian(self) -> Self {
        let mut program = self.summed();
        program.outputs.truncate(1);
        let mut program = program.gradient();
        program.watch_choices(branch::Order::Second);
        for parameter in 0..program.parameters as u32 {
            let row = program.gradient_tangent(1, Direction::axis(program.parameters, parameter));
            program.outputs.push((Name::Hessian, row));
        }
        program.trimmed()
    }

    /// The derivative along a direction of the output that is the gradient of the first, on the piece
    /// that the direction enters.
    pub(crate) fn gradient_tangent(&mut self, at: usize, direction: Direction<'_>) -> Output {
        match self.outputs[0].1 {
            Output::Number(id) if self.graph.kinks().next().is_some() => {
                forward::entered_gradient(&mut self.graph, id, direction)
            }
            _ => forward::tangent(&mut self.graph, &self.outputs[at].1, direction),
        }
    }

    /// Watches the kinks that choices between two numbers are.
    pub(crate) fn watch_choices(&mut self, order: branch::Order) {
        if let Some(&(_, Output::Number(number))) = self.outputs.first() {
            branch::watch_choices(&mut self.graph, number, self.parameters, order);
        }
    }
}
