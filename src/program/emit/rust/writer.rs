//! A function, section by section.

use crate::program::emit::rust::EmitError;
use crate::program::emit::rust::expression::Expression;
use crate::program::emit::rust::facts::Facts;
use crate::program::emit::rust::layout::{Arrangement, PIECE, Section, weights};
use crate::program::emit::rust::library::TRAITS;
use crate::program::emit::rust::names::Names;
use crate::program::emit::rust::signature::Signature;
use crate::program::emit::rust::steps::Forms;
use crate::program::emit::rust::support::Support;
use crate::program::emit::rust::tokens::{methods_of_std, paths};
use crate::program::ir::graph::Id;
use crate::program::ir::nature::Provenance;
use crate::program::ir::operation::Operation;
use crate::program::{Guard, Output, Program};
use std::collections::{BTreeMap, HashMap};

/// The longest text that is a part of another line.
const PART: usize = 48;

/// Where a node's number is to be had.
#[derive(Clone, Debug)]
enum Place {
    /// It is printed where it is read, once.
    Here(Expression),
    Name(Expression),
    /// Among the numbers that functions hand to each other.
    Slot(usize),
}

/// Lines at their indentation.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) text: String,
    pub(super) indent: usize,
}

impl Lines {
    pub(super) fn indented(indent: usize) -> Self {
        Lines { text: String::new(), indent }
    }

    pub(super) fn push(&mut self, line: &str) {
        let indent = "    ".repeat(self.indent);
        for line in line.lines() {
            let indent = if line.is_empty() { "" } else { &indent };
            self.text += &format!("{indent}{line}\n");
        }
    }
}

/// A function of its own, but for what is known at the end: how many numbers are handed on, and whether
/// there are helpers.
#[derive(Debug)]
struct Piece {
    name: String,
    /// `&` or `&mut `: how it takes these numbers.
    slots: &'static str,
    /// What it takes beside them and the parameters, each after a comma.
    takes: String,
    result: &'static str,
    text: String,
    calls_helpers: bool,
}

#[derive(Debug)]
pub(super) struct Writer<'p> {
    pub(super) program: &'p Program,
    name: String,
    facts: Facts,
    pub(super) forms: Forms,
    pub(super) layout: Arrangement,
    pub(super) names: Names,
    pub(super) signature: Signature,
    places: HashMap<Id, Place>,
    slots: usize,
    /// Which piece is printed, counted through all sections.
    at: usize,
    /// Places in the array that nothing reads any more, and those in use by the piece that reads them last.
    free: Vec<usize>,
    taken: BTreeMap<usize, Vec<usize>>,
    pieces: Vec<Piece>,
    /// What comes before the numbers that pieces hand to each other.
    head: Lines,
    pub(super) body: Lines,
    /// The names of sums over rows.
    pub(super) sums: HashMap<Id, String>,
    /// The names of what rows scatter, by output, in their order.
    pub(super) scattered: Vec<(usize, String, Id)>,
}

/// What a person would write otherwise, as numbers with all their digits, is no fault of a printed text.
const QUIET: &str = "#[allow(warnings, clippy::all)]\n";

impl<'p> Writer<'p> {
    pub(super) fn new(
        program: &'p Program,
        name: &str,
        segments: &[usize],
    ) -> Result<Self, EmitError> {
        let facts = Facts::of(&program.graph);
        let mut forms = Forms::default();
        let layout = Arrangement::of(program, &facts, &mut forms, segments)?;
        let helpers = Support::NAMES.iter().map(|&name| name.to_owned());
        let fixed = ["p", "row", "columns", "rows", "i", "n", "kept", "v"].map(str::to_owned);
        let called = forms.functions.names().map(str::to_owned);
        let mut names = Names::new(helpers.chain(fixed).chain(called).chain([name.to_owned()]));
        let indexed = forms.support.contains(&Support::Index);
        let signature = Signature::of(program, &layout, &mut names, indexed);
        Ok(Writer {
            program,
            name: name.to_owned(),
            facts,
            forms,
            layout,
            names,
            signature,
            places: HashMap::new(),
            slots: 0,
            at: 0,
            free: Vec::new(),
            taken: BTreeMap::new(),
            pieces: Vec::new(),
            head: Lines::indented(1),
            body: Lines::indented(1),
            sums: HashMap::new(),
            scattered: Vec::new(),
        })
    }

    pub(super) fn write(mut self) -> String {
        self.begin();
        let sections = std::mem::take(&mut self.layout.sections);
        for section in &sections {
            match section.segment {
                Some(segment) => self.rows(section, segment),
                None => self.numbers(section),
            }
            // What the section ends in.
            self.at += 1;
        }
        self.layout.sections = sections;
        self.finish();
        self.assembled()
    }

    /// Whether the number of rows is read.
    pub(super) fn counts_rows(&self) -> bool {
        let graph = &self.program.graph;
        let rows = graph.find(Operation::Rows, &[]);
        rows.is_some_and(|id| self.layout.needed[id.at()])
    }

    /// The lengths, and outputs that are 0.
    fn begin(&mut self) {
        if self.program.columns > 0 {
            let first = self.signature.first_column();
            self.body.push(&format!("let rows = {first}.len();"));
            if let Some(check) = self.signature.check(self.program.columns) {
                self.body.push(&check);
            }
            if self.counts_rows() && self.program.weights.is_none() {
                self.body.push("let n = rows as f64;");
            }
        }
        for written in &self.signature.written {
            self.body.push(&written.cleared());
        }
        self.head = std::mem::replace(&mut self.body, Lines::indented(1));
    }

    /// The expression of a node, for one that reads it.
    pub(super) fn read(&mut self, id: Id) -> Expression {
        let graph = &self.program.graph;
        match graph.operation(id).provenance() {
            Provenance::Constant(x) => return Expression::constant(x),
            Provenance::Parameter(place) => {
                return Expression::tight(self.signature.parameter(place));
            }
            Provenance::Column(place) => return Expression::tight(self.signature.column(place)),
            Provenance::Rows => return Expression::tight("n"),
            Provenance::Chosen { .. } | Provenance::Reduction(_) | Provenance::Arguments => {}
        }
        match self.places.get(&id) {
            Some(Place::Name(name)) => name.clone(),
            Some(&Place::Slot(at)) => Expression::tight(format!("v[{at}]")),
            Some(Place::Here(_)) | None => match self.places.remove(&id) {
                Some(Place::Here(expression)) => expression,
                _ => unreachable!("node {} is printed after those that it reads", id.at()),
            },
        }
    }

    /// The text of a node, as a number.
    pub(super) fn text(&mut self, id: Id) -> String {
        self.read(id).number().text
    }

    /// Prints a step, or keeps it for the line that reads it.
    fn step(&mut self, section: &Section, id: Id, lines: &mut Lines) {
        let graph = &self.program.graph;
        let args: HashMap<Id, Expression> = self.layout.reads[id.at()]
            .clone()
            .into_iter()
            .map(|arg| (arg, self.read(arg)))
            .collect();
        let of = |arg: Id| args.get(&arg).cloned().unwrap_or_else(|| Expression::tight("0.0"));
        let expression = self.forms.expression(graph, &self.facts, id, of);
        self.place(section, id, expression, lines);
    }

    /// A place in the array for a node.
    fn slot(&mut self, id: Id) -> usize {
        while let Some(entry) = self.taken.first_entry().filter(|entry| *entry.key() < self.at) {
            self.free.extend(entry.remove());
        }
        let at = self.free.pop().unwrap_or_else(|| {
            self.slots += 1;
            self.slots - 1
        });
        self.taken.entry(self.layout.last[id.at()]).or_default().push(at);
        at
    }

    /// Prints what a node is, or keeps it.
    fn place(&mut self, section: &Section, id: Id, expression: Expression, lines: &mut Lines) {
        let (kept, crossing) = (self.layout.kept[id.at()], self.layout.crossing[id.at()]);
        let place = if crossing {
            let at = self.slot(id);
            lines.push(&format!("v[{at}] = {};", expression.number().text));
            Place::Slot(at)
        } else if section.is_lone(id) && !kept && expression.text.len() <= PART {
            Place::Here(expression)
        } else {
            let name = self.names.step();
            lines.push(&format!("let {name} = {};", expression.text));
            Place::Name(expression.named(name))
        };
        self.places.insert(id, place);
    }

    /// Prints the nodes of a section.
    pub(super) fn nodes(&mut self, section: &Section) {
        let (pieces, cut) = section.pieces();
        for ids in pieces {
            let mut lines = if cut { Lines::indented(1) } else { std::mem::take(&mut self.body) };
            ids.iter().for_each(|&id| self.step(section, id, &mut lines));
            if cut {
                self.piece(section, &lines.text);
            } else {
                self.body = lines;
            }
            self.at += 1;
        }
    }

    /// A piece as a function, and its call.
    fn piece(&mut self, section: &Section, text: &str) {
        let name = self.next_piece();
        let Program { columns, .. } = self.program;
        let (mut takes, mut gives) = (String::new(), String::new());
        if section.segment.is_some() {
            takes += &format!(", row: &[f64; {columns}]");
            gives += ", &row";
        }
        if self.counts_rows() && (section.stage > 0 || self.program.weights.is_none()) {
            takes += ", n: f64";
            gives += ", n";
        }
        let (result, end, ask) = match self.signature.fallible {
            true => (" -> Result<(), &'static str>", "    Ok(())\n", "?"),
            false => ("", "", ""),
        };
        self.body.push(&format!("{name}(p, &mut v{gives}){ask};"));
        let text = format!("{text}{end}");
        self.pieces.push(Piece { name, slots: "&mut ", takes, result, text, calls_helpers: true });
    }

    fn next_piece(&self) -> String {
        format!("{}_part_{}", self.name, self.pieces.len() + 1)
    }

    fn numbers(&mut self, section: &Section) {
        for id in &section.sums {
            let mut lines = std::mem::take(&mut self.body);
            let total = Expression::tight(format!("{}.total()", self.sums[id]));
            self.place(section, *id, total, &mut lines);
            self.body = lines;
        }
        if section.stage == 1
            && let Some((_, sum)) = weights(self.program)
        {
            let sum = self.text(sum);
            self.body.push(&format!("if !({sum} > 0.0 && {sum}.is_finite()) {{"));
            self.body.push("    return Err(\"the weights have no finite sum above 0\");\n}");
        }
        self.nodes(section);
        self.guards(section, false);
    }

    /// Prints the conditions of a section.
    pub(super) fn guards(&mut self, section: &Section, varying: bool) {
        let graph = &self.program.graph;
        for Guard { condition, holds, line } in &self.program.guards {
            if graph.is_varying(*condition) == varying && graph.stage(*condition) == section.stage {
                let condition = self.read(*condition).holds().text;
                let turned = if *holds { format!("!({condition})") } else { condition };
                let words = format!("the comparison at {line} went the other way");
                self.body.push(&format!("if {turned} {{\n    return Err({words:?});\n}}"));
            }
        }
    }

    /// The outputs that are no rows.
    fn finish(&mut self) {
        for (at, name, scale) in std::mem::take(&mut self.scattered) {
            let (list, scale) = (self.signature.list(at), self.text(scale));
            self.body.push(&format!(
                "for (sum, x) in {list}.iter_mut().zip(&{name}) {{\n    *sum += {scale} * x;\n}}"
            ));
        }
        let mut numbers = Vec::new();
        for (at, (_, output)) in self.program.outputs.iter().enumerate() {
            match output {
                Output::Number(id) => numbers.push(self.text(*id)),
                Output::Vector { entries, .. } => {
                    let list = self.signature.list(at);
                    let lines: Vec<String> = entries
                        .iter()
                        .map(|&(place, id)| format!("{list}[{place}] += {};", self.text(id)))
                        .collect();
                    self.outputs(at, &lines);
                }
                Output::Rows { .. } => {}
            }
        }
        let result = match &numbers[..] {
            [] => "()".to_owned(),
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        let result = if self.signature.fallible { format!("Ok({result})") } else { result };
        if result != "()" {
            self.body.push(&result);
        }
    }

    /// The lines that write a list: of a long one pieces that are functions, where they read no names.
    fn outputs(&mut self, at: usize, lines: &[String]) {
        let Some((list, kind)) =
            self.signature.long_list(at).filter(|_| self.layout.is_cut() && lines.len() > PIECE)
        else {
            return lines.iter().for_each(|line| self.body.push(line));
        };
        for lines in lines.chunks(PIECE) {
            let known = |path: Vec<&str>| path[0] == list || ["p", "v", "f64"].contains(&path[0]);
            if lines.iter().all(|line| paths(line).all(known)) {
                let name = self.next_piece();
                self.body.push(&format!("{name}(p, &v, {list});"));
                let takes = format!(", {list}: &mut {kind}");
                let text = format!("    {}\n", lines.join("\n    "));
                let (slots, result, calls_helpers) = ("&", "", false);
                self.pieces.push(Piece { name, slots, takes, result, text, calls_helpers });
            } else {
                lines.iter().for_each(|line| self.body.push(line));
            }
        }
    }

    /// All of the text.
    fn assembled(self) -> String {
        let Writer { program, name, forms, layout, signature, pieces, head, body, slots, .. } =
            self;
        let mut helpers: String = forms.support.iter().map(|support| support.text()).collect();
        helpers += &forms.functions.text;
        let (mut uses, mut parts) = (String::new(), String::new());
        if !helpers.is_empty() {
            uses = format!("    use {name}_parts::*;\n");
            let mut inner = Lines::indented(1);
            inner.push(helpers.trim_start());
            forms.functions.rules.write(&mut inner.text, 1);
            if !methods_of_std(&inner.text).is_empty() {
                inner.text = format!("    {TRAITS}\n\n{}", inner.text);
            }
            parts = format!(
                "\n/// What [`{name}`] calls.\n{QUIET}mod {name}_parts {{\n{}}}\n",
                inner.text
            );
        }
        let room = match layout.is_cut() {
            true => format!("    let mut v = [0.0; {slots}];\n"),
            false => String::new(),
        };
        let mut code = format!(
            "{QUIET}pub fn {name}({}){} {{\n{uses}{}{room}{}}}\n",
            signature.arguments(program),
            signature.result(),
            head.text,
            body.text,
        );
        let parameters = program.parameters;
        for Piece { name, slots: by, takes, result, text, calls_helpers } in &pieces {
            let uses = if *calls_helpers { &uses[..] } else { "" };
            // Inlined where it is called once, it would be one long function all the same.
            code += &format!(
                "\n{QUIET}#[inline(never)]\nfn {name}(p: &[f64; {parameters}], v: {by}[f64; {slots}]{takes}){result} {{\n{uses}{text}}}\n"
            );
        }
        code += &parts;
        signature.documentation(program, &layout, &methods_of_std(&code)) + &code
    }
}
