//! A small recording as a picture: [`Gradient::to_dot`].

use super::KinkError;
use super::report::Choice;
use crate::real::dot::{Dot, KINK, OUTPUT};
use crate::real::rounded;
use crate::tape::Reading;
use crate::{Gradient, Real, Var};
use std::fmt::Write;

impl<F: Real> Gradient<F> {
    /// The recording as a graph in the language of Graphviz, which `dot -Tsvg` draws.
    ///
    /// Each statement is a node with the derivative of the output by it (its adjoint), and each edge bears its
    /// partial. A kink that was met is red, with its operation, operands, line and the slopes that this gradient
    /// chose. The variables named are nodes with name and value: a tape keeps no values. A result that is still
    /// pending is a dashed node. Numbers are rounded to six digits.
    ///
    /// # Errors
    /// If the recording is over, or on another thread.
    ///
    /// # Panics
    /// If a variable named is of another recording.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let [a, b] = tape.vars([2.0, 2.0]);
    /// let loss = a.max(b) * 3.0;
    /// let picture = loss.backward().to_dot(&[("a", a), ("b", b), ("loss", loss)])?;
    /// assert!(picture.contains(r#""s0" [label="a = 2\nadjoint 1.5"#));
    /// assert!(picture.contains(r#""s0" -> "s2" [label="0.5""#));
    /// assert!(picture.contains("max at [2.0, 2.0]"));
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    #[track_caller]
    pub fn to_dot(&self, named: &[(&str, Var<F>)]) -> Result<String, KinkError> {
        let mut choices = self.kinks()?;
        choices.retain(|choice| choice.kink().distance() == 0.0);
        let mut dot = Dot::new("tape");
        if !self.is_of_constant() {
            let recording = self.recording().ok_or(KinkError::Over)?;
            recording.reading(|reading| {
                for statement in 0..reading.statements() {
                    self.draw_statement(&mut dot, reading, statement, &choices, named);
                }
            });
        }
        for (at, (name, variable)) in named.iter().enumerate() {
            self.check_owns(variable);
            if variable.place().is_none() || self.is_of_constant() {
                let id = format!("n{at}");
                let label = format!("{name} = {}", rounded(variable.value()));
                dot.node(&id, &label, &[("style", "rounded,dashed"), ("color", OUTPUT)]);
                for (parent, partial) in variable.edges().filter(|_| !self.is_of_constant()) {
                    let partial = rounded(partial).to_string();
                    dot.edge(&format!("s{parent}"), &id, &partial, &[("style", "dashed")]);
                }
            }
        }
        Ok(dot.finish())
    }

    /// A statement with its edges.
    fn draw_statement(
        &self,
        dot: &mut Dot,
        reading: &Reading<'_, F>,
        statement: usize,
        choices: &[Choice],
        named: &[(&str, Var<F>)],
    ) {
        let mut edges = Vec::new();
        reading.each_edge(statement, |parent, partial| edges.push((parent, partial.to_double())));
        let mut label = String::new();
        for (name, variable) in named.iter().filter(|(_, v)| v.place() == Some(statement)) {
            let _ = writeln!(label, "{name} = {}", rounded(variable.value()));
        }
        if label.is_empty() {
            let kind = if edges.is_empty() { "variable" } else { "statement" };
            let _ = writeln!(label, "{kind} {statement}");
        }
        let adjoint = self.adjoints().get(statement).copied().unwrap_or(F::zero());
        let _ = write!(label, "adjoint {}", rounded(adjoint));
        let kink = choices.iter().find(|choice| choice.kink().statement() == statement);
        if let Some(choice) = kink {
            let slopes: Vec<_> = choice.slopes().iter().map(|x| rounded(*x).to_string()).collect();
            let _ = write!(label, "\n{}\nslopes {}", choice.kink(), slopes.join(", "));
            // Where a rule has chosen, those of the default still stand on the tape.
            let changed = if self.locked.is_some() { edges.len() } else { 0 };
            for (parent, partial) in &mut edges[..changed] {
                let own = choice.kink().statements().iter().zip(choice.slopes());
                let own = own.filter(|(operand, _)| operand.is_some_and(|id| id.at() == *parent));
                *partial = own.map(|(_, slope)| slope).sum();
            }
        }
        let color = [("color", KINK), ("fontcolor", KINK)];
        let attributes = if kink.is_some() { &color[..] } else { &[] };
        let id = format!("s{statement}");
        dot.node(&id, &label, attributes);
        for (parent, partial) in edges {
            dot.edge(
                &format!("s{parent}"),
                &id,
                &rounded(partial).to_string(),
                &attributes[..attributes.len().min(1)],
            );
        }
    }
}
