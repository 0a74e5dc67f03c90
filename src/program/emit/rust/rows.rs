//! Loops over the rows.

use crate::program::emit::rust::layout::Section;
use crate::program::emit::rust::support::Support;
use crate::program::emit::rust::writer::Writer;
use crate::program::ir::operation::{Operation, Reduction};
use crate::program::{Output, Scatter};
use std::collections::BTreeSet;

impl Writer<'_> {
    pub(super) fn rows(&mut self, section: &Section, segment: usize) {
        let (program, graph) = (self.program, &self.program.graph);
        let mut adds = Vec::new();
        for id in graph.ids().filter(|&id| graph.stage(id) == section.stage + 1) {
            let Operation::Reduce(reduction) = graph.operation(id) else { continue };
            if self.layout.needed[id.at()] {
                let (kind, support, wanted) = match reduction {
                    Reduction::Sum => ("Sum", Support::Sum, "sum"),
                    Reduction::Max => ("Max", Support::Max, "most"),
                };
                self.forms.support.insert(support);
                let name = self.names.take(wanted);
                self.body.push(&format!("let mut {name} = {kind}::<{segment}>::new();"));
                adds.push((name.clone(), graph.args(id)[0]));
                self.sums.insert(id, name);
            }
        }
        let mut scatters: Vec<(String, Scatter)> = Vec::new();
        for (at, (_, output)) in program.outputs.iter().enumerate() {
            for &scatter in output.scatters() {
                if scatter.stage(graph) == section.stage {
                    let name = self.names.take("scattered");
                    self.body.push(&format!("let mut {name} = [0.0; {}];", program.parameters));
                    self.scattered.push((at, name.clone(), scatter.scale));
                    scatters.push((name, scatter));
                }
            }
        }
        if program.weights.is_some() {
            self.body.push("let mut kept = 0;");
        }
        self.body.push("for i in 0..rows {");
        self.body.indent += 1;
        let mut used: BTreeSet<u32> = program.weights.into_iter().collect();
        for id in
            section.nodes.iter().flat_map(|id| &self.layout.reads[id.at()]).chain(&section.ends)
        {
            if let Operation::Column(place) = graph.operation(*id) {
                used.insert(place);
            }
        }
        if let Some(row) = self.signature.row(&used) {
            self.body.push(&row);
        }
        if let Some(column) = program.weights {
            self.skip(&self.signature.column(column));
        }
        self.nodes(section);
        self.guards(section, true);
        for (name, id) in adds {
            let x = self.text(id);
            self.body.push(&format!("{name}.add({x});"));
        }
        for (name, scatter) in scatters {
            self.scatter(&name, scatter);
        }
        for (at, (_, output)) in program.outputs.iter().enumerate() {
            if output.stage_of_rows(graph) == Some(section.stage)
                && let Output::Rows { entries, scatters, .. } = output
            {
                let row = if program.weights.is_some() { "kept" } else { "i" };
                let list = format!("{}[{row}]", self.signature.list(at));
                for &(place, id) in entries {
                    let x = self.text(id);
                    self.body.push(&format!("{list}[{place}] += {x};"));
                }
                for &scatter in scatters {
                    self.scatter(&list, scatter);
                }
            }
        }
        if program.weights.is_some() {
            self.body.push("kept += 1;");
        }
        self.body.indent -= 1;
        self.body.push("}");
        if program.weights.is_some() && section.stage == 0 && self.counts_rows() {
            self.body.push("let n = kept as f64;");
        }
    }

    /// Leaves out a row of weight 0.
    fn skip(&mut self, weight: &str) {
        self.body.push(&format!(
            "if !({weight} >= 0.0 && {weight}.is_finite()) {{\n    return Err(\"a weight is negative or not finite\");\n}}"
        ));
        self.body.push(&format!("if {weight} == 0.0 {{\n    continue;\n}}"));
    }

    fn scatter(&mut self, list: &str, Scatter { base, len, index, value, .. }: Scatter) {
        let (index, value) = (self.text(index), self.text(value));
        let base = if base == 0 { String::new() } else { format!("{base} + ") };
        self.forms.support.insert(Support::Index);
        self.body.push(&format!("{list}[{base}index({index}, {len})?] += {value};"));
    }
}
