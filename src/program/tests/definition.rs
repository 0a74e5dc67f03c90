//! No pass changes a bit: random programs against their definition, node by node and row by row.
//!
//! [`evaluate`] is the definition. It is compared with what comes out when nodes are simplified as
//! they are added, fused, put into registers, and run in blocks on each instruction set.

use crate::op::vector::level::Level;
use crate::program::graph::{Graph, Id};
use crate::program::operation::{Gate, Operation, Reduction, Side, evaluate};
use crate::program::rows::{BinaryKind, UnaryKind};
use crate::program::{Columns, NonFinite, Output, Program};
use crate::{Scalar, objective};

/// A generator of numbers (splitmix64).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
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

const ROWS: usize = 75;
pub(super) const COLUMNS: usize = 3;
pub(super) const PARAMETERS: usize = 2;

/// A node, and what it is by definition in each row.
struct Defined {
    id: Id,
    rows: Vec<f64>,
    /// A product with an adjoint went in: it is computed plainly first, so it may stand only where
    /// a NaN shows.
    chained: bool,
    mask: bool,
}

/// A random program under way.
struct Maker {
    random: Random,
    graph: Graph,
    nodes: Vec<Defined>,
}

const UNARY: [UnaryKind; 21] = [
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
    fn new(seed: u64, columns: &[Vec<f64>], parameters: &[f64]) -> Self {
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
            evaluate(operation, &args).unwrap()
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
    fn grow(&mut self) {
        use Operation::*;
        let two = self.pair(false);
        let any = self.pair(true);
        match self.random.below(24) {
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
                let y = self.apply(Norm, &args);
                self.apply(NormSlope, &[args[0], y])
            }
            19 | 20 => self.layer(),
            21 => self.squares(),
            _ => {
                let n = 1 + self.random.below(4);
                let args: Vec<usize> = (0..n).map(|_| self.pick(false)).collect();
                self.apply(MaxOf, &args)
            }
        };
    }

    /// Sums of numbers times the same rows, some with one more number, and the sum of them all.
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
    fn finish(mut self, derived: bool) -> (Program, Vec<f64>) {
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
                expected.push(match (reduction, self.graph.is_varying(id)) {
                    (_, true) => reduced(reduction, rows),
                    (Reduction::Sum, false) => ROWS as f64 * rows[0],
                    (Reduction::Max, false) => rows[0],
                });
                let reduced = self.graph.unary(Operation::Reduce(reduction), id);
                outputs.push(Output::Number(reduced));
            }
        }
        let program = Program {
            graph: self.graph,
            parameters: PARAMETERS,
            columns: COLUMNS,
            guards: Vec::new(),
            outputs,
            gradient: None,
            fused: false,
            weights: None,
            rowless: false,
        };
        (program, expected)
    }
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
                vec![args().map(|x| reduced(reduction, x)).next().unwrap(); n]
            }
            operation => (0..n)
                .map(|row| args().map(|x| x[row]).collect::<Vec<f64>>())
                .map(|args| evaluate(operation, &args).unwrap())
                .collect(),
        });
    }
    let output = |output: &Output| match output {
        Output::Number(id) => vec![rows[id.at()][0]],
        Output::Vector { len, entries, scatters } => {
            assert!(scatters.is_empty());
            let mut vector = vec![0.0; *len];
            // What goes into a vector is added to 0.
            entries.iter().for_each(|&(at, id)| vector[at as usize] += rows[id.at()][0]);
            vector
        }
    };
    program.outputs.iter().map(output).collect()
}

const BLOCKS: [usize; 4] = [32, 64, 96, 1024];

/// Runs on each instruction set with each length of blocks.
fn all_ways(program: &Program, mut check: impl FnMut(&str, &mut crate::program::Sweep)) {
    for level in Level::all() {
        for block in BLOCKS {
            let mut sweep = program.compile_for(level, Some(block)).non_finite(NonFinite::Take);
            check(&format!("{level:?}, blocks of {block}"), &mut sweep);
        }
    }
}

#[test]
fn random_programs_compute_what_their_nodes_define() {
    for seed in 0..400 {
        let mut random = Random(seed ^ 0x5eed);
        let columns: Vec<Vec<f64>> =
            (0..COLUMNS).map(|_| (0..ROWS).map(|_| random.number()).collect()).collect();
        let parameters: Vec<f64> = (0..PARAMETERS).map(|_| random.number()).collect();
        let mut maker = Maker::new(seed, &columns, &parameters);
        for _ in 0..25 {
            maker.grow();
        }
        let (program, expected) = maker.finish(false);
        let slices: Vec<&[f64]> = columns.iter().map(|c| &c[..]).collect();
        let data = Columns::new(&slices).unwrap();
        let program = if seed % 2 == 0 { program } else { program.trimmed() };
        let block = BLOCKS[(seed / 2) as usize % BLOCKS.len()];
        for level in Level::all() {
            let mut sweep = program.compile_for(level, Some(block)).non_finite(NonFinite::Take);
            let found = sweep.run(&parameters, &data).unwrap();
            for (at, &want) in expected.iter().enumerate() {
                let got = found.output(at)[0];
                let way = format!("{seed}, {level:?}, blocks of {block}, {at}");
                assert!(same(got, want), "{way}: {got:?}, not {want:?}\n{program}");
            }
        }
    }
}

/// A random program, or one of its derivatives.
pub(super) fn derived(seed: u64) -> Program {
    let program = random_program(seed);
    match seed % 4 {
        0 => program,
        1 => program.gradient(),
        2 => program.gradient_along(),
        _ => program.gradient().jvp(),
    }
}

#[test]
fn derivatives_of_random_programs_compute_what_their_nodes_define() {
    for seed in 0..400 {
        let mut random = Random(seed ^ 0xde51);
        // Which products are rounded together with their additions is known when they are joined.
        let (program, definition) = match random.below(3) {
            0 => {
                let fused = derived(seed).allow_fused_products();
                (fused.clone(), fused.joined())
            }
            _ => (derived(seed), derived(seed)),
        };
        let mut number = || random.number();
        let columns: Vec<Vec<f64>> =
            (0..COLUMNS).map(|_| (0..ROWS).map(|_| number()).collect()).collect();
        let parameters: Vec<f64> = (0..program.parameters).map(|_| number()).collect();
        let expected = defined(&definition, &parameters, &columns);
        let slices: Vec<&[f64]> = columns.iter().map(|c| &c[..]).collect();
        let data = Columns::new(&slices).unwrap();
        let block = BLOCKS[random.below(BLOCKS.len())];
        for level in Level::all() {
            let mut sweep = program.compile_for(level, Some(block)).non_finite(NonFinite::Take);
            let found = sweep.run(&parameters, &data).unwrap();
            for (at, expected) in expected.iter().enumerate() {
                for (place, (&got, &want)) in found.output(at).iter().zip(expected).enumerate() {
                    let way = format!("{seed}, {level:?}, blocks of {block}, {at}, {place}");
                    assert!(same(got, want), "{way}: {got:?}, not {want:?}\n{program}");
                }
            }
        }
    }
}

/// The value in each row alone, to the bit.
fn each_row(program: &Program, xs: &[f64]) -> Vec<f64> {
    let mut sweep = program.clone().max().compile().non_finite(NonFinite::Take);
    let data = Columns::new(&[xs]).unwrap();
    (0..xs.len()).map(|row| sweep.run(&[], &data.range(row..row + 1)).unwrap().value()).collect()
}

#[test]
fn cheaper_operations_have_the_same_bits() {
    let mut random = Random(5);
    let xs: Vec<f64> = (0..500).map(|_| random.number()).collect();
    for n in 1..=6 {
        let power = objective!((n: i32) |_w, [x]| x.powi(n));
        let program = Program::record(&power, &[], &[1.0]).unwrap();
        assert_eq!(program.to_string().contains("powi"), !(2..=5).contains(&n));
        for (&x, got) in xs.iter().zip(each_row(&program, &xs)) {
            assert!(same(got, Scalar::powi(x, n)), "{x:e}^{n}");
        }
    }
    let two = 2_f64;
    for (divisor, product) in [
        (2.0, true),
        (-0.25, true),
        (two.powi(1022), true),
        (two.powi(-1022), true),
        (two.powi(1023), false), // its reciprocal is subnormal
        (5e-324, false),
        (3.0, false),
        (f64::INFINITY, false),
        (0.0, false),
    ] {
        let quotient = objective!((divisor: f64) |_w, [x]| x / divisor);
        let program = Program::record(&quotient, &[], &[1.0]).unwrap();
        assert_eq!(program.to_string().contains("mul"), product, "{divisor:e}");
        for (&x, got) in xs.iter().zip(each_row(&program, &xs)) {
            assert!(same(got, x / divisor), "{x:e} / {divisor:e}");
        }
    }
}

#[test]
fn what_could_change_a_bit_is_not_simplified() {
    let mut graph = Graph::default();
    let x = graph.push(Operation::Column(0), &[], None);
    let constant = [0.0, -0.0, 1.0, f64::NAN].map(|c| graph.constant(c));
    let [zero, minus_zero, one, nan] = constant;
    use Operation::*;
    // `-0 + 0` is `0`; `x · 0` may be NaN; `x - x` may be NaN; `x / x` too.
    for (operation, args) in [
        (Add, [x, zero]),
        (Mul, [x, zero]),
        (Mul, [x, minus_zero]),
        (Sub, [x, x]),
        (Sub, [zero, x]),
        (Sub, [x, minus_zero]),
        (Div, [x, x]),
        (Div, [zero, x]),
        (Mul, [x, nan]),
        (Equal, [x, x]),
        (AtLeast, [x, x]),
        (Binary(BinaryKind::Max), [x, x]),
        (Chain(Gate::First), [x, zero]),
    ] {
        let id = graph.binary(operation, args[0], args[1]);
        assert!(id != x && graph.constant_value(id).is_none(), "{operation:?} {args:?}");
    }
    for (operation, args) in [(Add, [x, minus_zero]), (Sub, [x, zero]), (Mul, [x, one])] {
        assert_eq!(graph.binary(operation, args[0], args[1]), x, "{operation:?}");
    }
}

/// Gradients of a program over `rows` rows, on each level and in each length of blocks.
fn assert_one_result(program: &Program, parameters: &[f64], columns: &[Vec<f64>], rows: usize) {
    let columns: Vec<&[f64]> = columns.iter().map(|c| &c[..rows]).collect();
    let data = Columns::new(&columns).unwrap();
    let mut first: Option<Vec<u64>> = None;
    all_ways(program, |way, sweep| {
        let found = sweep.run(parameters, &data).unwrap();
        let value = found.value().to_bits();
        let counts = found.kinks().iter().map(|kink| kink.rows).collect::<Vec<_>>();
        let gradient = found.gradient().iter().map(|x| x.to_bits());
        let all = std::iter::once(value).chain(gradient).chain(counts).collect();
        assert_eq!(*first.get_or_insert_with(|| Vec::clone(&all)), all, "{way}, {rows} rows");
    });
}

#[test]
fn bits_depend_neither_on_the_instructions_nor_on_the_length_of_blocks() {
    let mut random = Random(11);
    let columns: Vec<Vec<f64>> = (0..3)
        .map(|which| {
            let numbers = (0..9000).map(|_| (random.bits() >> 40) as f64 / 1e6 - 8.0);
            // The last is an index, with rows that meet kinks.
            numbers.map(|x| if which == 2 { (x.abs() * 7.0).floor() % 4.0 } else { x }).collect()
        })
        .collect();
    let absolute = objective!(|w, [x, y]| (w[0] * x * x + w[1] * x - y).abs() + (x - y).relu());
    let network = objective!(|w, [x, y, k]| {
        let hidden = [w[0] * x + w[1] * y, w[2] * x - w[3], x * y].map(|h| h.tanh());
        let out = T::dot(&hidden, &w[..3]) + T::gather(w, k);
        out.softplus() + T::log_sum_exp(&hidden) * T::norm(&hidden) - (k * 0.25).sin()
    });
    let weights = [0.3, -0.2, 0.7, 1.1];
    let row = [0.5, 0.25, 1.0];
    let absolute = Program::record(&absolute, &weights, &row[..2]).unwrap();
    let network = Program::record(&network, &weights, &row).unwrap();
    for rows in [1, 31, 33, 1000, 4096, 4097, 9000] {
        assert_one_result(&absolute.clone().mean().gradient(), &weights, &columns, rows);
        assert_one_result(
            &network.clone().weighted_mean().gradient(),
            &weights,
            &{
                let mut columns = columns.clone();
                columns.push(columns[2].clone());
                columns
            },
            rows,
        );
        assert_one_result(&network.clone().max().gradient(), &weights, &columns, rows);
        // A fused product is rounded once on all processors alike.
        let fused = network.clone().mean().gradient().allow_fused_products();
        assert_one_result(&fused, &weights, &columns, rows);
    }
}

#[test]
fn bits_do_not_depend_on_them_where_a_zero_adjoint_meets_an_infinity() {
    // Infinite slopes where nothing flows back, in some rows of some blocks.
    let root = objective!(|[a], [x]| T::select(x.above(0.0), (a * x).sqrt(), T::from(0.0)));
    let program = Program::record(&root, &[1.0], &[1.0]).unwrap().sum().gradient();
    let mut column: Vec<f64> = (0..9000).map(|i| f64::from(i % 100)).collect();
    column[5000] = -3.0;
    all_ways(&program, |way, sweep| {
        let data = Columns::new(&[&column]).unwrap();
        let slope = sweep.run(&[4.0], &data).unwrap().gradient()[0];
        let roots = column.iter().filter(|&&x| x > 0.0).map(|x| x.sqrt() / 4.0);
        let want: f64 = roots.sum();
        assert!((slope - want).abs() <= 1e-11 * want, "{way}: {slope}, not {want}");
    });
    assert_one_result(&program, &[4.0], &[column], 9000);
}
