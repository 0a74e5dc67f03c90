//! Graphs of recordings and programs are read back, and hold what the recording holds.

use std::collections::BTreeMap;
use wengert::program::{Program, RunError};
use wengert::{KinkError, Rule, Tape, Var, objective};

/// A graph as Graphviz would read it.
#[derive(Debug, Default)]
struct Graph {
    /// Identifiers and attributes.
    nodes: BTreeMap<String, BTreeMap<String, String>>,
    edges: Vec<(String, String, BTreeMap<String, String>)>,
}

/// A quoted string at the beginning of `text`, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?.chars();
    let mut word = String::new();
    loop {
        match rest.next()? {
            '"' => return Some((word, rest.as_str())),
            '\\' => match rest.next()? {
                'n' => word.push('\n'),
                c @ ('"' | '\\') => word.push(c),
                other => panic!("an escape of {other}"),
            },
            c => word.push(c),
        }
    }
}

fn attributes(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = text.trim();
    if let Some(inside) = rest.strip_prefix('[') {
        rest = inside;
        loop {
            let (name, value) = rest.split_once('=').expect("a name and a value");
            let (value, after) = quoted(value).expect("a quoted value");
            assert!(found.insert(name.to_owned(), value).is_none(), "{name} stands twice");
            match after.strip_prefix(", ") {
                Some(more) => rest = more,
                None => {
                    rest = after.strip_prefix(']').expect("the end of a list");
                    break;
                }
            }
        }
    }
    assert_eq!(rest, ";");
    found
}

impl Graph {
    /// Panics unless each node is there once, and each edge is between nodes.
    fn read(text: &str) -> Self {
        let mut graph = Graph::default();
        let mut lines = text.lines();
        assert!(lines.next().is_some_and(|line| line.starts_with("digraph \"")));
        let body: Vec<&str> = lines.collect();
        let (end, body) = body.split_last().expect("an end");
        assert_eq!(*end, "}");
        for line in body {
            let Some((id, rest)) = quoted(line.trim()) else {
                let defaults = ["rankdir=", "node [", "edge ["];
                assert!(defaults.iter().any(|start| line.trim().starts_with(start)), "{line}");
                continue;
            };
            if let Some(rest) = rest.strip_prefix(" -> ") {
                let (to, rest) = quoted(rest).expect("a quoted name");
                graph.edges.push((id, to, attributes(rest)));
            } else {
                assert!(graph.nodes.insert(id, attributes(rest)).is_none(), "twice: {line}");
            }
        }
        for (from, to, _) in &graph.edges {
            assert!(graph.nodes.contains_key(from) && graph.nodes.contains_key(to), "{from} {to}");
        }
        graph
    }

    fn label(&self, id: &str) -> &str {
        &self.nodes[id]["label"]
    }

    /// The label of the only edge between two nodes.
    fn between(&self, from: &str, to: &str) -> &str {
        let mut edges = self.edges.iter().filter(|(a, b, _)| a == from && b == to);
        let (Some((_, _, found)), None) = (edges.next(), edges.next()) else {
            panic!("no edge or several from {from} to {to}: {self:?}")
        };
        &found["label"]
    }
}

#[test]
fn a_recording_is_drawn_with_its_statements_partials_and_adjoints() {
    let tape = Tape::new();
    let [a, b] = tape.vars([2.0, 3.0]);
    let product = (a * b).keep();
    let loss = product * product + a;
    let graph = loss.backward().to_dot(&[("a", a), ("b", b), ("loss", loss)]).unwrap();
    let graph = Graph::read(&graph);
    let stats = tape.stats();
    assert_eq!(graph.nodes.len(), stats.statement_count + 1); // and the pending loss
    assert_eq!(graph.edges.len(), stats.edge_count + 2);
    assert_eq!(graph.label("s0"), "a = 2\nadjoint 37"); // 2 a b² + 1
    assert_eq!(graph.label("s1"), "b = 3\nadjoint 24"); // 2 a² b
    assert_eq!(graph.label("s2"), "statement 2\nadjoint 12");
    assert_eq!((graph.between("s0", "s2"), graph.between("s1", "s2")), ("3", "2"));
    assert_eq!(graph.label("n2"), "loss = 38");
    assert_eq!((graph.between("s2", "n2"), graph.between("s0", "n2")), ("12", "1"));
}

/// From the partials in the picture and nothing else, the adjoints come out again.
#[test]
fn a_picture_of_a_sweep_adds_up() {
    let tape = Tape::new();
    let x = tape.vars_from(&[0.5, -1.25, 2.0, 0.0]);
    let inner: Vec<Var> = x.windows(2).map(|w| (w[0] * w[1]).tanh() + w[0].relu()).collect();
    let loss = (Var::dot(&inner, &x[..3]) + x[3].abs() + Var::norm(&x)).keep();
    for rule in [Rule::Left, Rule::Right, Rule::Directional] {
        let gradient = loss.backward_with(rule).unwrap();
        let graph = Graph::read(&gradient.to_dot(&[("loss", loss)]).unwrap());
        let number = |text: &str| text.parse::<f64>().unwrap();
        let adjoint = |id: &str| {
            let label = graph.label(id).lines().find_map(|line| line.strip_prefix("adjoint "));
            number(label.unwrap())
        };
        for id in graph.nodes.keys() {
            let seed = if graph.label(id).starts_with("loss") { 1.0 } else { 0.0 };
            let passed = graph.edges.iter().filter(|(from, _, _)| from == id);
            let sum: f64 = passed.map(|(_, to, by)| number(&by["label"]) * adjoint(to)).sum();
            assert!((sum + seed - adjoint(id)).abs() < 1e-4, "{id} {rule:?}: {graph:#?}");
        }
        let kinked = graph.nodes.values().filter(|node| node.contains_key("color")).count();
        assert_eq!(kinked, tape.kinks().len());
    }
}

#[test]
fn a_kink_is_marked_with_its_line_and_the_slopes_that_were_chosen() {
    let tape = Tape::new();
    let x = tape.var(0.0);
    let y = x.abs() * 3.0;
    for (rule, slope) in [(Rule::Left, "-1"), (Rule::Right, "1")] {
        let graph = Graph::read(&y.backward_with(rule).unwrap().to_dot(&[("x", x)]).unwrap());
        let label = graph.label("s1");
        assert!(label.contains("abs at [0.0]") && label.contains(file!()), "{label}");
        assert!(label.ends_with(&format!("slopes {slope}")), "{label}");
        assert_eq!(graph.between("s0", "s1"), slope);
        assert_eq!(graph.nodes["s1"]["color"], "#c83e2d");
        assert!(!graph.nodes["s0"].contains_key("color"));
    }
}

#[test]
fn names_are_escaped_and_constants_stand_alone() {
    let tape = Tape::new();
    let x = tape.var(1.5);
    let name = "\"x\" \\n <b>\nline";
    let one = Var::from(1.0);
    let graph = x.backward().to_dot(&[(name, x), ("one", one)]).unwrap();
    let graph = Graph::read(&graph);
    assert_eq!(graph.label("s0"), format!("{name} = 1.5\nadjoint 1"));
    assert_eq!((graph.label("n1"), graph.edges.len()), ("one = 1", 0));
    assert_eq!(Graph::read(&one.backward().to_dot(&[("x", x)]).unwrap()).nodes.len(), 1);
}

#[test]
fn a_recording_that_is_over_is_an_error_and_a_foreign_variable_a_panic() {
    let tape = Tape::new();
    let gradient = tape.var(1.0).backward();
    let other = Tape::new();
    let foreign = other.var(1.0);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        gradient.to_dot(&[("x", foreign)])
    }));
    assert!(panicked.is_err());
    tape.clear();
    assert_eq!(gradient.to_dot(&[]), Err(KinkError::Over));
}

#[test]
fn a_program_is_drawn_as_it_is_listed() {
    let loss = objective!(|[a, b], [x, y]| (a * x.powi(2) + b - y).abs().max(b / x));
    let program = Program::record(&loss, &[1.0, 2.0], &[3.0, 4.0]).unwrap().mean().gradient();
    let (listing, graph) = (program.to_string(), Graph::read(&program.to_dot()));
    let mut names = 0;
    for line in listing.lines().map(str::trim).filter(|line| line.starts_with('%')) {
        let (name, operation) = line.split_once(" = ").unwrap();
        let id = name.trim_end_matches("[i]");
        let args: Vec<&str> =
            operation.split([' ', ',']).filter(|word| word.starts_with('%')).collect();
        let drawn = graph.edges.iter().filter(|(_, to, _)| to == id).map(|(from, _, _)| from);
        let drawn: Vec<&String> = drawn.collect();
        let args: Vec<&str> = args.iter().map(|arg| arg.trim_end_matches("[i]")).collect();
        assert_eq!(drawn, args, "{line}");
        let first = graph.label(id).lines().next().unwrap();
        let kept: String = operation.split_inclusive(' ').filter(|w| !w.starts_with('%')).collect();
        let head = kept.split(',').next().unwrap().trim();
        assert!(first.starts_with(&format!("{name} = {head}")), "{first} and {line}");
        assert_eq!(graph.nodes[id]["style"].contains("dashed"), name.ends_with("[i]"));
        names += 1;
    }
    assert_eq!(graph.nodes.len(), names + 2); // and two outputs
    let kinks = listing.lines().filter(|line| line.trim().starts_with("kink of")).count();
    let red = graph.nodes.values().filter(|node| node.get("color").is_some_and(|c| c == "#c83e2d"));
    assert_eq!((red.count(), kinks), (2, 2));
}

#[test]
fn values_in_a_program_are_those_of_a_run() {
    let loss = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
    let program = Program::record(&loss, &[1.0, 2.0], &[3.0, 4.0]).unwrap().mean().gradient();
    let columns = wengert::program::Columns::new(&[&[3.0], &[4.0]]).unwrap();
    let at = [-1.5, 2.25];
    let mut sweep = program.compile();
    let found = sweep.run(&at, &columns).unwrap();
    let graph = Graph::read(&program.to_dot_at(&at, &[3.0, 4.0]).unwrap());
    let value = |id: &str| graph.label(id).lines().nth(1).unwrap().parse::<f64>().unwrap();
    let ends = |output: &str| -> Vec<f64> {
        let ends = graph.edges.iter().filter(|(_, to, _)| to == output);
        ends.map(|(from, _, _)| value(from)).collect()
    };
    assert_eq!(ends("output 0"), [found.value()]);
    assert_eq!(ends("output 1"), found.gradient());
    // At a x² + b x = y the kink is met.
    let met = |y: f64| {
        let graph = Graph::read(&program.to_dot_at(&[1.0, 2.0], &[3.0, y]).unwrap());
        graph.nodes.values().any(|node| node.get("style").is_some_and(|s| s.contains("filled")))
    };
    assert!(met(15.0) && !met(15.5));
}

#[test]
fn a_program_is_drawn_only_at_numbers_that_it_takes() {
    let chosen = objective!(|w, [i]| T::gather(w, i));
    let program = Program::record(&chosen, &[1.0, 2.0], &[0.0]).unwrap();
    let drawn = program.to_dot_at(&[1.0, 7.5], &[1.0]).unwrap();
    assert!(drawn.contains("7.5"), "{drawn}");
    let index = |row| program.to_dot_at(&[1.0, 2.0], &[row]);
    assert_eq!(index(2.0), Err(RunError::Index { index: 2.0, len: 2, row: 0 }));
    assert_eq!(index(0.5), Err(RunError::Index { index: 0.5, len: 2, row: 0 }));
    let short = program.to_dot_at(&[1.0], &[1.0]);
    assert_eq!(short, Err(RunError::Parameters { expected: 2, found: 1 }));
    let rowless = program.to_dot_at(&[1.0, 2.0], &[]);
    assert_eq!(rowless, Err(RunError::Columns { expected: 1, found: 0 }));
}
