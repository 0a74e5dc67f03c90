//! A tape with one node for each operation, whose partials come from that operation alone.

use super::generator::Expr;
use wengert::{Tape, Var};

/// A slope, and the sum of the magnitudes of what it is the sum of: the scale of its rounding error.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slope {
    pub(crate) slope: f64,
    pub(crate) magnitude: f64,
}

/// What the tape finds.
#[derive(Debug)]
pub(crate) struct Naive {
    pub(crate) value: f64,
    /// By each leaf.
    pub(crate) slopes: Vec<Slope>,
    /// Whether all values and partials are finite.
    pub(crate) finite: bool,
}

impl Naive {
    /// Of an expression whose leaves from `variables` on are constants. `noise` moves each value by
    /// four units in the last place up or down, differently for each number given.
    pub(crate) fn gradient(
        expr: &Expr,
        leaves: &[f64],
        variables: usize,
        noise: Option<u64>,
    ) -> Naive {
        let nodes = leaves.iter().map(|&x| (x, vec![])).collect();
        let mut tape = Nodes { nodes, variables, noise };
        let (value, root) = tape.record(expr, leaves);
        let mut adjoints = vec![Slope::default(); tape.nodes.len()];
        if let Some(root) = root {
            adjoints[root] = Slope { slope: 1.0, magnitude: 1.0 };
        }
        let mut finite = value.is_finite();
        for i in (0..tape.nodes.len()).rev() {
            let (value, parents) = &tape.nodes[i];
            finite &= value.is_finite();
            let Slope { slope, magnitude } = adjoints[i];
            for &(parent, partial) in parents {
                finite &= partial.is_finite();
                adjoints[parent].slope += slope * partial;
                adjoints[parent].magnitude += magnitude * partial.abs();
            }
        }
        finite &= adjoints.iter().all(|a| a.magnitude < 1e100);
        adjoints.truncate(leaves.len());
        Naive { value, slopes: adjoints, finite }
    }
}

struct Nodes {
    /// Value, and partial by each parent.
    nodes: Vec<(f64, Vec<(usize, f64)>)>,
    variables: usize,
    noise: Option<u64>,
}

impl Nodes {
    /// Records; `None` stands for a constant.
    fn record(&mut self, expr: &Expr, leaves: &[f64]) -> (f64, Option<usize>) {
        if let Expr::Leaf(i) = expr {
            return (leaves[*i], (*i < self.variables).then_some(*i));
        }
        let children: Vec<_> =
            expr.children().into_iter().map(|c| self.record(c, leaves)).collect();
        let tape = Tape::new();
        let variable = |&(value, node): &(f64, Option<usize>)| {
            node.map_or(Var::from(value), |_| tape.var(value))
        };
        let vars: Vec<Var> = children.iter().map(variable).collect();
        let y: Var = expr.apply(&[], &vars);
        let value = self.moved(y.value());
        let g = y.backward();
        let parents = children.iter().zip(&vars);
        let parents: Vec<_> =
            parents.filter_map(|((_, node), &var)| Some(((*node)?, g.wrt(var)))).collect();
        if parents.is_empty() {
            return (value, None);
        }
        self.nodes.push((value, parents));
        (value, Some(self.nodes.len() - 1))
    }

    fn moved(&mut self, value: f64) -> f64 {
        let Some(noise) = &mut self.noise else {
            return value;
        };
        *noise =
            noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let up = if *noise >> 63 == 1 { 4.0 } else { -4.0 };
        value * (1.0 + up * f64::EPSILON)
    }
}
