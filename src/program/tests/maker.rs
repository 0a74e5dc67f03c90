//! Random programs, and what they are by definition.

use crate::program::ir::entries::{BinaryKind, Bits, ManyKind, UnaryKind};
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::{Division, Gate, Operation, Reduction, Side, evaluate};
use crate::program::{Name, Output, Program};

/// A generator of numbers (splitmix64).
pub(in crate::program) struct Random(pub(in crate::program) u64);

impl Random {
    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(in crate::program) fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    /// NaN, infinities, both zeros, subnormal and ordinary numbers, ties among them.
    pub(super) fn number(&mut self) -> f64 {
        const SPECIAL: [f64; 12] = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            5e-324,
            -f64::MIN_POSITIVE,
            f64::MAX,
            2.0,
            -0.5,
        ];
        match self.below(4) {
            0 => SPECIAL[self.below(SPECIAL.len())],
            1 => f64::from_bits(self.bits()),
            _ => (self.bits() >> 11) as f64 / (1_u64 << 50) as f64 - 4.0,
        }
    }
}

pub(super) fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

pub(super) const ROWS: usize = 75;
pub(super) const COLUMNS: usize = 3;
pub(super) const PARAMETERS: usize = 2;

/// A node, and what it is by definition in each row.
pub(super) struct Defined {
    id: Id,
    rows: Vec<f64>,
    /// A product with an adjoint went in: it is computed plainly first, so it may stand only where
    /// a NaN shows.
    chained: bool,
    mask: bool,
}

/// A random program under way.
pub(super) struct Maker {
    random: Random,
    graph: Graph,
    nodes: Vec<Defined>,
}

const UNARY: [UnaryKind; 22] = [
    UnaryKind::Abs {},
    UnaryKind::Sqrt {},
    UnaryKind::Recip {},
    UnaryKind::Cbrt {},
    UnaryKind::Powi { n: -1 },
    UnaryKind::Powi { n: 0 },
    UnaryKind::Powi { n: 1 },
    UnaryKind::Powi { n: 2 },
    UnaryKind::Powi { n: 3 },
    UnaryKind::Powi { n: 4 },
    UnaryKind::Powi { n: 5 },
    UnaryKind::Powi { n: 6 },
    UnaryKind::Exp {},
    UnaryKind::Ln {},
    UnaryKind::Sin {},
    UnaryKind::Tanh {},
    UnaryKind::Sigmoid {},
    UnaryKind::Relu {},
    UnaryKind::Elu { alpha: Bits::of(0.5) },
    UnaryKind::Floor {},
    UnaryKind::Signum {},
    UnaryKind::Erf {},
];

const BINARY: [BinaryKind; 6] = [
    BinaryKind::Max,
    BinaryKind::Min,
    BinaryKind::Hypot,
    BinaryKind::Atan2,
    BinaryKind::Powf,
    BinaryKind::LogAddExp,
];

const CONSTANTS: [f64; 8] = [0.0, -0.0, 1.0, -1.0, 2.0, f64::INFINITY, f64::NAN, -0.25];

impl Maker {
    pub(super) fn new(seed: u64, columns: &[Vec<f64>], parameters: &[f64]) -> Self {
        let mut maker = Maker { random: Random(seed), graph: Graph::default(), nodes: Vec::new() };
        for (place, column) in (0..).zip(columns) {
            maker.input(Operation::Column(place), column.clone());
        }
        for (place, &x) in (0..).zip(parameters) {
            maker.input(Operation::Parameter(place), vec![x; ROWS]);
        }
        for x in CONSTANTS {
            maker.input(Operation::Constant(x.into()), vec![x; ROWS]);
        }
        maker
    }

    fn input(&mut self, operation: Operation, rows: Vec<f64>) {
        let id = self.graph.push(operation, &[], None);
        self.nodes.push(Defined { id, rows, chained: false, mask: false });
    }

    /// Applies an operation to nodes by their places.
    fn apply(&mut self, operation: Operation, args: &[usize]) -> usize {
        let ids: Vec<Id> = args.iter().map(|&at| self.nodes[at].id).collect();
        let row = |row: usize| -> f64 {
            let args: Vec<f64> = args.iter().map(|&at| self.nodes[at].rows[row]).collect();
            evaluate(operation, &args).expect("an operation of a row")
        };
        let rows = (0..ROWS).map(row).collect();
        let chained = matches!(operation, Operation::Chain(_))
            || args.iter().any(|&at| self.nodes[at].chained);
        let id = self.graph.push(operation, &ids, None);
        self.nodes.push(Defined { id, rows, chained, mask: operation.is_mask() });
        self.nodes.len() - 1
    }

    /// Two nodes, which are now and then the same.
    fn pair(&mut self, chained: bool) -> [usize; 2] {
        let first = self.pick(chained);
        match self.random.below(4) {
            0 => [first; 2],
            _ => [first, self.pick(chained)],
        }
    }

    /// A node, mostly a late one, so that many are used once.
    fn pick(&mut self, chained: bool) -> usize {
        loop {
            let n = self.nodes.len();
            let back = if self.random.below(2) == 0 { n.min(8) } else { n };
            let at = n - 1 - self.random.below(back);
            if chained || !self.nodes[at].chained {
                return at;
            }
        }
    }

    fn mask(&mut self) -> usize {
        let masks: Vec<usize> = (0..self.nodes.len()).filter(|&at| self.nodes[at].mask).collect();
        match masks.len() {
            0 => {
                let args = [self.pick(false), self.pick(false)];
                self.apply(Operation::Above, &args)
            }
            n => masks[self.random.below(n)],
        }
    }

    /// One more node, of any operation.
    pub(super) fn grow(&mut self) {
        use Operation::*;
        let two = self.pair(false);
        let any = self.pair(true);
        match self.random.below(26) {
            0 => self.apply(Neg, &any[..1]),
            1 | 2 => self.apply(Add, &any),
            3 => self.apply(Sub, &any),
            4..=6 => self.apply(Mul, &any),
            7 => self.apply(Div, &two),
            8 => {
                let operation = [Rem, RemSlope, ExpShift][self.random.below(3)];
                self.apply(operation, &two)
            }
            9 => {
                let args = [two[0], two[1], self.pick(false)];
                self.apply(MulAdd, &args)
            }
            10 => self.apply(Chain(Gate::First), &[any[0], two[1]]),
            11 => self.apply(Chain(Gate::Either), &[any[0], two[1]]),
            12 => {
                let kind = UNARY[self.random.below(UNARY.len())];
                let y = self.apply(Unary(kind), &two[..1]);
                self.apply(UnaryKink(kind), &two[..1]);
                self.apply(UnarySlope(kind), &[two[0], y])
            }
            13 => {
                let kind = BINARY[self.random.below(BINARY.len())];
                let y = self.apply(Binary(kind), &two);
                self.apply(BinaryKink(kind), &two);
                let side = if self.random.below(2) == 0 { Side::First } else { Side::Second };
                let alone = self.random.below(2) == 0;
                self.apply(BinarySlope { kind, side, alone }, &[two[0], two[1], y])
            }
            14 => {
                let operation = [Above, AtLeast, Equal][self.random.below(3)];
                self.apply(operation, &two)
            }
            15 => {
                let mask = self.mask();
                self.apply(Select, &[mask, any[0], any[1]])
            }
            16 | 17 => {
                let n = 2 + self.random.below(9);
                let args: Vec<usize> = (0..n).map(|_| self.pick(true)).collect();
                self.apply(Sum, &args)
            }
            18 => {
                let n = 1 + self.random.below(4);
                let args: Vec<usize> = (0..n).map(|_| self.pick(false)).collect();
                let norm = self.apply(Norm, &args);
                let parts: Vec<usize> = [norm].into_iter().chain(args.iter().copied()).collect();
                let [scale, root] = [NormScale, NormRoot].map(|part| self.apply(part, &parts));
                self.apply(NormSlope, &[args[0], scale, root])
            }
            19 | 20 => self.layer(),
            22 => {
                let args: Vec<usize> = (0..3).map(|_| self.pick(false)).collect();
                let parts: Vec<usize> =
                    args.iter().map(|&x| self.apply(ExpShift, &[x, args[0]])).collect();
                let total = self.apply(Sum, &parts);
                let terms: Vec<usize> =
                    [total].iter().chain(&args).chain(&parts).copied().collect();
                let log = self.apply(LogSum, &terms);
                let whole = self.apply(Add, &[args[0], log]);
                let near: Vec<usize> = [whole, args[0]].iter().chain(&args).copied().collect();
                self.apply(LogSumExp, &near);
                let how = [Division::Quotient, Division::Reciprocal][self.random.below(2)];
                self.apply(Share(how), &[parts[0], total, parts[1]])
            }
            21 => self.squares(),
            23 => {
                let kind = [ManyKind::Lerp, ManyKind::Variance][self.random.below(2)];
                let n = kind.arity().unwrap_or(1 + self.random.below(4));
                let args: Vec<usize> = (0..n).map(|_| self.pick(false)).collect();
                self.apply(Many(kind), &args)
            }
            _ => {
                let n = 1 + self.random.below(4);
                let args: Vec<usize> = (0..n).map(|_| self.pick(false)).collect();
                self.apply(MaxOf, &args)
            }
        };
    }

    /// Sums that begin with numbers times the same rows, some with one more number, and the sum of them all.
    fn layer(&mut self) -> usize {
        let (terms, units) = (3 + self.random.below(8), 2 + self.random.below(6));
        let chained = self.random.below(3) == 0;
        let gate = [Gate::First, Gate::Either][self.random.below(2)];
        let rows: Vec<usize> = (0..terms)
            .map(|_| {
                loop {
                    let at = self.pick(!chained);
                    if self.graph.is_varying(self.nodes[at].id) {
                        break at;
                    }
                }
            })
            .collect();
        let biased = self.random.below(2) == 0;
        // How many products more each has that are its own.
        let own = [0, 0, 1, 2][self.random.below(4)];
        let mut sums = Vec::new();
        for _ in 0..units {
            let mut products = Vec::new();
            for &x in &rows {
                let number = self.number();
                products.push(match chained {
                    true => self.apply(Operation::Chain(gate), &[x, number]),
                    false if self.random.below(2) == 0 => self.apply(Operation::Mul, &[x, number]),
                    false => self.apply(Operation::Mul, &[number, x]),
                });
            }
            for _ in 0..own {
                let [x, y] = [0; 2].map(|_| self.pick(!chained));
                let operation = if chained { Operation::Chain(gate) } else { Operation::Mul };
                products.push(self.apply(operation, &[x, y]));
            }
            let mut sum = self.apply(Operation::Sum, &products);
            if biased {
                let number = self.number();
                sum = self.apply(Operation::Add, &[number, sum]);
            }
            sums.push(sum);
        }
        self.apply(Operation::Sum, &sums)
    }

    /// A square, the square of that, and so on, perhaps of a product or times a number.
    fn squares(&mut self) -> usize {
        let mut x = self.pick(true);
        if self.random.below(2) == 0 {
            let factor = if self.random.below(2) == 0 { self.number() } else { self.pick(true) };
            x = self.apply(Operation::Mul, &[x, factor]);
        }
        for _ in 0..1 + self.random.below(3) {
            x = self.apply(Operation::Mul, &[x, x]);
        }
        x
    }

    /// A number that is the same for all rows, mostly one that nothing else has.
    fn number(&mut self) -> usize {
        if self.random.below(16) == 0 {
            return COLUMNS + self.random.below(PARAMETERS + CONSTANTS.len());
        }
        let x = self.random.below(4001) as f64 / 1000.0 - 2.0;
        self.input(Operation::Constant(x.into()), vec![x; ROWS]);
        let parameter = COLUMNS + self.random.below(PARAMETERS);
        self.apply(Operation::Mul, &[parameter, self.nodes.len() - 1])
    }

    /// The program of some reductions, and what they are by definition. Where it is to be `derived`,
    /// no product with an adjoint is compared: such products only go into sums.
    pub(super) fn finish(mut self, derived: bool) -> (Program, Vec<f64>) {
        let (mut outputs, mut expected) = (Vec::new(), Vec::new());
        for _ in 0..6 {
            let at = self.pick(true);
            let Defined { id, ref rows, chained, .. } = self.nodes[at];
            // What only a sum over the rows reads may be formed by that.
            let reductions = match self.random.below(4) {
                _ if derived && chained => &[Reduction::Sum][..],
                0 => &[Reduction::Sum, Reduction::Max],
                1 => &[Reduction::Max],
                _ => &[Reduction::Sum],
            };
            for &reduction in reductions {
                let one = self.graph.unary(Operation::Reduce(reduction), id);
                expected.push(match (reduction, self.graph.is_varying(id)) {
                    (_, true) => reduced(reduction, rows),
                    // The greatest of numbers that are alike is that, and a value for each row unless it is of a
                    // reduction already.
                    (Reduction::Max, false) if self.graph.stage(one) > 0 => rows[0],
                    (_, false) => ROWS as f64 * rows[0],
                });
                outputs.push((Name::Value, Output::Number(one)));
            }
        }
        (program(self.graph, outputs), expected)
    }

    /// The program of values for each row.
    fn rows(mut self) -> Program {
        let (mut outputs, more) = (Vec::new(), self.random.below(3));
        while outputs.len() <= more {
            let at = self.pick(true);
            let id = self.nodes[at].id;
            // The first is one for each row.
            if !outputs.is_empty() || self.graph.is_varying(id) {
                outputs.push((Name::Value, Output::Number(id)));
            }
        }
        program(self.graph, outputs)
    }
}

/// A program of these outputs.
pub(super) fn program(graph: Graph, outputs: Vec<(Name, Output)>) -> Program {
    Program {
        graph,
        parameters: PARAMETERS,
        columns: COLUMNS,
        guards: Vec::new(),
        outputs,
        compressed: None,
        fused: false,
        weights: None,
        rowless: false,
        names: Default::default(),
    }
}

/// A program of parameters alone, the outputs of which are these nodes.
pub(in crate::program) fn of_numbers(graph: Graph, parameters: usize, outputs: &[Id]) -> Program {
    let outputs = outputs.iter().map(|&id| (Name::Value, Output::Number(id))).collect();
    Program { parameters, columns: 0, ..program(graph, outputs) }
}

/// A random program of several reductions.
pub(super) fn random_program(seed: u64) -> Program {
    let (columns, parameters) = (vec![vec![0.5; ROWS]; COLUMNS], [0.25; PARAMETERS]);
    let mut maker = Maker::new(seed, &columns, &parameters);
    for _ in 0..25 {
        maker.grow();
    }
    maker.finish(true).0
}

/// A random program of several values for each row.
pub(super) fn random_rows(seed: u64) -> Program {
    let (columns, parameters) = (vec![vec![0.5; ROWS]; COLUMNS], [0.25; PARAMETERS]);
    let mut maker = Maker::new(seed, &columns, &parameters);
    for _ in 0..12 {
        maker.grow();
    }
    maker.rows()
}

/// Row `r` goes to lane `r mod 32`, and the lanes are joined half by half.
pub(super) fn reduced(reduction: Reduction, rows: &[f64]) -> f64 {
    let join = |a: f64, b: f64| match reduction {
        Reduction::Sum => a + b,
        Reduction::Max if a.is_nan() || b.is_nan() => f64::NAN,
        Reduction::Max => {
            if b > a {
                b
            } else {
                a
            }
        }
    };
    let nothing = if reduction == Reduction::Sum { 0.0 } else { f64::NEG_INFINITY };
    let mut lanes = vec![nothing; 32];
    for (row, &x) in rows.iter().enumerate() {
        lanes[row % 32] = join(lanes[row % 32], x);
    }
    while lanes.len() > 1 {
        let half = lanes.len() / 2;
        lanes = (0..half).map(|i| join(lanes[i], lanes[i + half])).collect();
    }
    lanes[0]
}

/// All outputs by the definition of their nodes.
pub(super) fn defined(
    program: &Program,
    parameters: &[f64],
    columns: &[Vec<f64>],
) -> Vec<Vec<f64>> {
    let (graph, n) = (&program.graph, columns[0].len());
    let mut rows: Vec<Vec<f64>> = Vec::new();
    for id in graph.ids() {
        let args = || graph.args(id).iter().map(|arg| &rows[arg.at()]);
        rows.push(match graph.operation(id) {
            Operation::Constant(bits) => vec![bits.into(); n],
            Operation::Parameter(place) => vec![parameters[place as usize]; n],
            Operation::Column(place) => columns[place as usize].clone(),
            Operation::Rows => vec![n as f64; n],
            Operation::Reduce(reduction) => {
                vec![args().map(|x| reduced(reduction, x)).next().expect("one argument"); n]
            }
            operation => (0..n)
                .map(|row| args().map(|x| x[row]).collect::<Vec<f64>>())
                .map(|args| evaluate(operation, &args).expect("an operation of a row"))
                .collect(),
        });
    }
    let output = |(_, output): &(Name, Output)| match output {
        Output::Number(id) => vec![rows[id.at()][0]],
        Output::Vector { len, entries, scatters } => {
            assert!(scatters.is_empty());
            let mut vector = vec![0.0; *len];
            // What goes into a vector is added to 0.
            entries.iter().for_each(|&(at, id)| vector[at as usize] += rows[id.at()][0]);
            vector
        }
        Output::Rows { len, entries, scatters } => {
            let mut all = vec![0.0; n * len];
            for (row, numbers) in all.chunks_exact_mut(*len).enumerate() {
                entries.iter().for_each(|&(at, id)| numbers[at as usize] += rows[id.at()][row]);
                for chosen in scatters {
                    let at = chosen.base as usize + rows[chosen.index.at()][row] as usize;
                    numbers[at] += rows[chosen.value.at()][row];
                }
            }
            all
        }
    };
    program.outputs.iter().map(output).collect()
}
