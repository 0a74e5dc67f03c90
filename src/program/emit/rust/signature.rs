//! What a printed function takes and gives: names, types, documentation.

use crate::program::emit::rust::layout::Arrangement;
use crate::program::emit::rust::names::Names;
use crate::program::ir::operation::Operation;
use crate::program::ir::output::Name;
use crate::program::{Output, Program};
use std::collections::BTreeSet;
use std::fmt::Write;

/// How many names stand in the pattern of an argument; more are read from the array.
const FEW: usize = 16;

/// A list that the function writes: one output, or several that stand side by side.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) name: String,
    /// Which outputs, and how long each is.
    pub(super) outputs: std::ops::Range<usize>,
    pub(super) len: usize,
    /// Whether it has an entry for each row.
    pub(super) rows: bool,
    what: &'static str,
}

impl Written {
    fn kind(&self) -> String {
        let list = format!("[f64; {}]", self.len);
        match (self.rows, self.outputs.len()) {
            (true, _) => format!("[{list}]"),
            (false, 1) => list,
            (false, count) => format!("[{list}; {count}]"),
        }
    }

    /// What makes it 0.
    pub(super) fn cleared(&self) -> String {
        let Written { name, len, outputs, .. } = self;
        match (self.rows, outputs.len()) {
            (true, _) => format!(
                "assert!({name}.len() == rows, \"`{name}` has no entry for each row\");\n{name}.fill([0.0; {len}]);"
            ),
            (false, 1) => format!("*{name} = [0.0; {len}];"),
            (false, count) => format!("*{name} = [[0.0; {len}]; {count}];"),
        }
    }
}

/// The inputs by their names, and the outputs.
#[derive(Debug)]
pub(super) struct Signature {
    /// By place; `None` where they are read from the arrays `p` and `row`.
    parameters: Option<Vec<String>>,
    columns: Option<Vec<String>>,
    pub(super) written: Vec<Written>,
    /// Outputs that are numbers.
    pub(super) numbers: Vec<usize>,
    pub(super) fallible: bool,
}

impl Signature {
    pub(super) fn of(
        program: &Program,
        layout: &Arrangement,
        names: &mut Names,
        indexed: bool,
    ) -> Self {
        let graph = &program.graph;
        let whole = layout.is_cut();
        let mut list = |given: &[String], count: usize, letter: &str, whole: bool| {
            let name = |at: usize| match given.get(at) {
                Some(name) if !name.is_empty() => names.take(name),
                _ => names.take(&format!("{letter}{at}")),
            };
            (!whole && count <= FEW).then(|| (0..count).map(name).collect())
        };
        let gathers = graph.ids().any(|id| {
            layout.needed[id.at()] && matches!(graph.operation(id), Operation::Gather { .. })
        });
        let parameters = list(&program.names.parameters, program.parameters, "p", whole || gathers);
        let columns = list(&program.names.columns, program.columns, "x", whole);
        let mut signature = Signature {
            parameters,
            columns,
            written: Vec::new(),
            numbers: Vec::new(),
            fallible: indexed
                || program.outputs.iter().any(|(_, output)| is_scattered(output))
                || !program.guards.is_empty()
                || program.weights.is_some(),
        };
        for (at, (name, output)) in program.outputs.iter().enumerate() {
            let rows = matches!(output, Output::Rows { .. });
            let (wanted, what) = words(*name);
            match (output, signature.written.last_mut()) {
                (Output::Number(_), _) => signature.numbers.push(at),
                (_, Some(last))
                    if !rows
                        && last.what == what
                        && last.outputs.end == at
                        && last.len == output.len() =>
                {
                    last.outputs.end = at + 1;
                }
                _ => signature.written.push(Written {
                    name: names.take(wanted),
                    outputs: at..at + 1,
                    len: output.len(),
                    rows,
                    what,
                }),
            }
        }
        signature
    }

    /// The list of an output.
    pub(super) fn list(&self, output: usize) -> String {
        let holds = |written: &&Written| written.outputs.contains(&output);
        let Some(Written { name, outputs, .. }) = self.written.iter().find(holds) else {
            unreachable!("output {output} is no list")
        };
        match outputs.len() {
            1 => name.clone(),
            _ => format!("{name}[{}]", output - outputs.start),
        }
    }

    /// The name and the type of the list of an output, if it stands alone and parameters have no names.
    pub(super) fn long_list(&self, output: usize) -> Option<(String, String)> {
        let written = self.written.iter().find(|written| written.outputs.contains(&output))?;
        let alone =
            written.outputs.len() == 1 && self.parameters.is_none() && self.columns.is_none();
        alone.then(|| (written.name.clone(), written.kind()))
    }

    pub(super) fn parameter(&self, place: u32) -> String {
        match &self.parameters {
            Some(names) => names[place as usize].clone(),
            None => format!("p[{place}]"),
        }
    }

    pub(super) fn column(&self, place: u32) -> String {
        match &self.columns {
            Some(names) => names[place as usize].clone(),
            None => format!("row[{place}]"),
        }
    }

    /// The first column, of all rows.
    pub(super) fn first_column(&self) -> String {
        match &self.columns {
            Some(names) => names[0].clone(),
            None => "columns[0]".to_owned(),
        }
    }

    /// What takes the numbers of a row out of the columns `used`.
    pub(super) fn row(&self, used: &BTreeSet<u32>) -> Option<String> {
        let Some(names) = &self.columns else {
            return Some("let row = columns.map(|column| column[i]);".into());
        };
        let list = |what: &dyn Fn(&String) -> String| {
            let texts: Vec<String> = used.iter().map(|&at| what(&names[at as usize])).collect();
            if used.len() == 1 { texts.concat() } else { format!("({})", texts.join(", ")) }
        };
        let row = format!("let {} = {};", list(&Clone::clone), list(&|name| format!("{name}[i]")));
        (!used.is_empty()).then_some(row)
    }

    /// A check that all columns are as long as the first.
    pub(super) fn check(&self, columns: usize) -> Option<String> {
        let words = "\"columns of different lengths\"";
        match &self.columns {
            _ if columns < 2 => None,
            Some(names) => {
                let others = names[1..].iter().map(|name| format!("{name}.len() == rows"));
                Some(format!("assert!({}, {words});", others.collect::<Vec<_>>().join(" && ")))
            }
            None => Some(format!("assert!(columns.iter().all(|x| x.len() == rows), {words});")),
        }
    }

    /// The arguments, and what is returned.
    pub(super) fn arguments(&self, program: &Program) -> String {
        let count = program.parameters;
        let mut list = vec![match &self.parameters {
            Some(names) => format!("&[{}]: &[f64; {count}]", names.join(", ")),
            None => format!("p: &[f64; {count}]"),
        }];
        match (program.columns, &self.columns) {
            (0, _) => {}
            (count, Some(names)) => {
                list.push(format!("[{}]: [&[f64]; {count}]", names.join(", ")));
            }
            (count, None) => list.push(format!("columns: [&[f64]; {count}]")),
        }
        list.extend(self.written.iter().map(|list| format!("{}: &mut {}", list.name, list.kind())));
        list.join(", ")
    }

    pub(super) fn result(&self) -> String {
        let numbers = match self.numbers.len() {
            0 => "()".to_owned(),
            1 => "f64".to_owned(),
            count => format!("[f64; {count}]"),
        };
        match (self.fallible, &numbers[..]) {
            (true, _) => format!(" -> Result<{numbers}, &'static str>"),
            (false, "()") => String::new(),
            (false, _) => format!(" -> {numbers}"),
        }
    }

    /// The documentation.
    pub(super) fn documentation(
        &self,
        program: &Program,
        layout: &Arrangement,
        of_std: &[&str],
    ) -> String {
        let mut text = String::from("///");
        let mut say = |words: &str| {
            let _ = write!(text, " {words}");
        };
        let names: Vec<&str> =
            self.numbers.iter().map(|&at| words(program.outputs[at].0).1).collect();
        match names[..] {
            [] => say("Writes what a program computes."),
            [name] => say(&format!("Returns {name}.")),
            [first, ref others @ ..] if others.iter().all(|name| *name == first) => {
                say(&format!("Returns the {} values.", names.len()));
            }
            _ => say(&format!("Returns {}.", names.join(", "))),
        }
        text.push('\n');
        let mut say = |words: &str| {
            let _ = writeln!(text, "/// {words}");
        };
        for written in &self.written {
            let each = if written.rows { " of each row" } else { "" };
            say(&format!("Writes to `{}` {}{each}.", written.name, written.what));
        }
        if program.columns > 0 {
            say("The numbers of the columns must be finite.");
        }
        if self.fallible {
            say("An error says what does not fit; what was written by then has no meaning.");
        }
        if !of_std.is_empty() {
            say(&format!("Of what `core` lacks it calls {}.", of_std.join(", ")));
        }
        let graph = &program.graph;
        let needed = graph.ids().filter(|id| layout.needed[id.at()]);
        let lines: BTreeSet<(&str, u32)> = needed
            .filter_map(|id| graph.line(id))
            // Not of the standard library, where an iterator applies what it was given.
            .filter(|line| !line.file.starts_with("/rustc/"))
            .map(|line| (line.file.as_ref(), line.line))
            .collect();
        if !lines.is_empty() {
            text.push_str("///\n/// Recorded from\n");
            const MOST: usize = 20;
            for (file, line) in lines.iter().take(MOST) {
                let _ = writeln!(text, "/// - `{file}:{line}`");
            }
            if lines.len() > MOST {
                let _ = writeln!(text, "/// - and {} more lines", lines.len() - MOST);
            }
        }
        text
    }
}

fn is_scattered(output: &Output) -> bool {
    match output {
        Output::Number(_) => false,
        Output::Vector { scatters, .. } | Output::Rows { scatters, .. } => !scatters.is_empty(),
    }
}

/// What an output is called, and what it is.
fn words(name: Name) -> (&'static str, &'static str) {
    match name {
        Name::Value => ("values", "the value"),
        Name::Gradient => ("gradient", "the gradient"),
        Name::GradientAlong => ("gradient", "the gradient on the piece that a direction enters"),
        Name::Hessian => ("hessian", "the Hessian"),
        Name::GaussNewton => ("products", "the products of the Jacobian with itself"),
        Name::SparseHessian | Name::SparseJacobian => ("sparse", "the numbers of a sparse matrix"),
        Name::Residuals => ("residuals", "the values"),
        Name::Jacobian => ("jacobian", "their derivatives, one value after the other,"),
        Name::Jvp => ("jvp", "its derivative along the direction"),
        Name::Hvp => ("hvp", "the gradient's derivative along the direction"),
        Name::Higher => ("higher", "the derivative of what comes before"),
    }
}
