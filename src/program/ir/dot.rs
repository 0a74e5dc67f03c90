//! A small program as a picture: [`Program::to_dot`].

use crate::program::ir::display::{Head, Tail};
use crate::program::ir::graph::Id;
use crate::program::ir::operation::{Operation, evaluate};
use crate::program::{Output, Program, RunError};
use crate::real::dot::{Dot, KINK, OUTPUT};
use crate::real::rounded;
use std::fmt::Write;

impl Program {
    /// The program as a graph in the language of Graphviz, which `dot -Tsvg` draws.
    ///
    /// Each node of the listing is a node, dashed where it has a number for each row; each argument is an
    /// edge, numbered from 0 where the order matters. Red is the condition under which an operation is at its
    /// kink, orange one that the recording relied on, each with its line. Outputs are blue.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let loss = objective!(|[a], [x, y]| (a * x - y).abs());
    /// let picture = Program::record(&loss, &[2.0], &[3.0, 5.0])?.mean().gradient().to_dot();
    /// assert!(picture.starts_with("digraph \"program\" {\n"));
    /// assert!(picture.contains(r#""%0" -> "%3";"#) && picture.contains("kink of abs"));
    /// # Ok::<(), wengert::program::RecordError>(())
    /// ```
    #[must_use]
    pub fn to_dot(&self) -> String {
        self.draw(&[])
    }

    /// [`Program::to_dot`] with the value of each node, over data that have this one row.
    ///
    /// A condition that holds is filled, so that kinks that are met show. Values are rounded to six digits. Of a
    /// [`gradient`](Program::gradient) the nodes are the adjoints.
    ///
    /// # Errors
    /// If there are not as many parameters as the program has, if there are too few columns, or if an index is
    /// outside its table. A guard that turned is no error: the picture shows its value.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let loss = objective!(|[a], [x, y]| (a * x - y).abs());
    /// let program = Program::record(&loss, &[2.0], &[3.0, 5.0])?;
    /// let picture = program.to_dot_at(&[2.0], &[3.0, 5.0])?;
    /// assert!(picture.contains(r#""%3" [label="%3[i] = mul\n6""#));
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn to_dot_at(&self, parameters: &[f64], row: &[f64]) -> Result<String, RunError> {
        Ok(self.draw(&self.node_values(parameters, row)?))
    }

    /// The value of each node, over data of one row.
    fn node_values(&self, parameters: &[f64], row: &[f64]) -> Result<Vec<f64>, RunError> {
        let (expected, found) = (self.parameters, parameters.len());
        if expected != found {
            return Err(RunError::Parameters { expected, found });
        }
        let (expected, found) = (self.columns, row.len());
        if expected > found {
            return Err(RunError::Columns { expected, found });
        }
        let mut values: Vec<f64> = Vec::with_capacity(self.graph.len());
        for id in self.graph.ids() {
            let args: Vec<f64> = self.graph.args(id).iter().map(|arg| values[arg.at()]).collect();
            let index = |len: u32| {
                let index = args[0];
                let fits = index.fract() == 0.0 && (0.0..f64::from(len)).contains(&index);
                let outside = RunError::Index { index, len: len as usize, row: 0 };
                if fits { Ok(index as usize) } else { Err(outside) }
            };
            let value = match self.graph.operation(id) {
                Operation::Constant(bits) => bits.into(),
                Operation::Parameter(place) => parameters[place as usize],
                Operation::Column(place) => row[place as usize],
                Operation::Rows => 1.0,
                Operation::Gather { base, len } => parameters[base as usize + index(len)?],
                Operation::Within { len } => index(len)? as f64,
                Operation::Reduce(_) => args[0],
                // Every other operation has a definition.
                operation => evaluate(operation, &args).unwrap_or(f64::NAN),
            };
            values.push(value);
        }
        Ok(values)
    }

    /// The picture, with values if there are any.
    fn draw(&self, values: &[f64]) -> String {
        let mut dot = Dot::new("program");
        let name = |id: Id| format!("%{}", id.at());
        for id in self.graph.ids() {
            let (operation, args) = (self.graph.operation(id), self.graph.args(id));
            let mut label = format!("{} = {}{}", self.name(id), Head(operation), Tail(operation));
            let value = values.get(id.at());
            if let Some(&value) = value
                && !matches!(operation, Operation::Constant(_))
            {
                let _ = write!(label, "\n{}", rounded(value));
            }
            let mut styles = vec!["rounded"];
            if self.graph.is_varying(id) {
                styles.push("dashed");
            }
            let mut color = None;
            for guard in self.guards.iter().filter(|guard| guard.condition == id) {
                let holds = if guard.holds { "holds" } else { "does not hold" };
                let _ = write!(label, "\nguard: {holds}, {}", guard.line);
                color = Some("#c78a14");
            }
            for (_, kinked) in self.graph.kinks().filter(|(condition, _)| *condition == id) {
                let _ = write!(label, "\nkink of {}", kinked.operation);
                if let Some(line) = &kinked.line {
                    let _ = write!(label, ", {line}");
                }
                color = Some(KINK);
            }
            if color.is_some() && value.is_some_and(|&value| value != 0.0) {
                styles.push("filled");
            }
            let style = styles.join(",");
            let mut attributes = vec![("style", &style[..])];
            if let Some(color) = color {
                attributes.extend([("color", color), ("fillcolor", "#f6d9d5")]);
            }
            dot.node(&name(id), &label, &attributes);
            let in_order = args.len() > 1 && !operation.is_commutative();
            for (place, &arg) in args.iter().enumerate() {
                let place = if in_order { place.to_string() } else { String::new() };
                dot.edge(&name(arg), &name(id), &place, &[]);
            }
        }
        for (at, (_, output)) in self.outputs.iter().enumerate() {
            self.draw_output(&mut dot, at, output);
        }
        dot.finish()
    }

    fn draw_output(&self, dot: &mut Dot, at: usize, output: &Output) {
        let id = format!("output {at}");
        dot.node(&id, &id, &[("shape", "ellipse"), ("color", OUTPUT), ("fontcolor", OUTPUT)]);
        let (entries, scatters) = match output {
            Output::Number(number) => (&[(0, *number)][..], &[][..]),
            Output::Vector { entries, scatters, .. } | Output::Rows { entries, scatters, .. } => {
                (&entries[..], &scatters[..])
            }
        };
        let is_list = !matches!(output, Output::Number(_));
        for (place, number) in entries {
            let label = if is_list { format!("[{place}]") } else { String::new() };
            dot.edge(&format!("%{}", number.at()), &id, &label, &[("color", OUTPUT)]);
        }
        for scatter in scatters {
            let parts =
                [("index", scatter.index), ("value", scatter.value), ("scale", scatter.scale)];
            for (part, number) in parts {
                let label = format!("{part} from {}", scatter.base);
                dot.edge(&format!("%{}", number.at()), &id, &label, &[("color", OUTPUT)]);
            }
        }
    }
}
