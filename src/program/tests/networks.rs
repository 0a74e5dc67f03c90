//! Networks, whose layers share rows and slopes as nothing else does, against the definition of their
//! nodes.

use super::maker::{Random, defined, same};
use crate::op::vector::level::Level;
use crate::program::plan::Plan;
use crate::program::plan::pass::Instruction;
use crate::program::{Columns, NonFinite, Program};
use crate::{Objective, Scalar};

/// A network of dense layers. An odd layer's units are roots, whose slopes are infinite at 0.
struct Network {
    /// Inputs, and the units of each layer.
    sizes: Vec<usize>,
    roots: bool,
}

impl Network {
    fn weights(&self) -> usize {
        self.sizes.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum()
    }
}

impl Objective for Network {
    fn at<T: Scalar>(&self, weights: &[T], row: &[T]) -> T {
        let mut x = row.to_vec();
        let mut rest = weights;
        for (layer, pair) in self.sizes.windows(2).enumerate() {
            let (own, after) = rest.split_at((pair[0] + 1) * pair[1]);
            let (biases, own) = own.split_at(pair[1]);
            let unit = |(w, &b): (&[T], &T)| {
                let z = T::dot(w, &x) + b;
                if self.roots && layer % 2 == 1 { z.abs().sqrt() } else { z.relu() }
            };
            x = own.chunks(pair[0]).zip(biases).map(unit).collect();
            rest = after;
        }
        T::sum_of(&x)
    }
}

#[test]
fn the_slopes_of_networks_are_what_their_nodes_define() {
    for seed in 0..30 {
        let mut random = Random(seed);
        let layers = 2 + random.below(2);
        let mut sizes: Vec<usize> = (0..=layers).map(|_| 2 + random.below(8)).collect();
        if seed % 5 == 4 {
            // Sums so long that they are of several parts.
            sizes[0] = 33 + random.below(40);
        }
        let network = Network { sizes, roots: seed % 3 == 0 };
        let mut number = |n: usize| random.below(n) as f64 - (n / 2) as f64;
        // Small whole numbers: some sums are 0, and no slope is rounded away.
        let weights: Vec<f64> = (0..network.weights()).map(|_| number(7) / 4.0).collect();
        let n = [1, 31, 64, 100, 128, 480][(seed / 3) as usize % 6];
        let columns: Vec<Vec<f64>> =
            (0..network.sizes[0]).map(|_| (0..n).map(|_| number(9)).collect()).collect();
        let first = vec![0.5; columns.len()];
        let program =
            Program::record(&network, &weights, &first).expect("a recording").mean().gradient();
        let expected = defined(&program, &weights, &columns);
        let slices: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
        let data = Columns::new(&slices).expect("columns");
        for level in Level::all() {
            for block in [7, 64, 1024] {
                let sweep = program.compile_for(level, Some(block));
                let mut sweep = sweep.non_finite(NonFinite::Take);
                let found = sweep.run(&weights, &data).expect("a run");
                for (at, expected) in expected.iter().enumerate() {
                    for (place, (&found, &want)) in
                        found.output(at).iter().zip(expected).enumerate()
                    {
                        let way = format!("{seed}, {level:?}, blocks of {block}, {at}, {place}");
                        assert!(same(found, want), "{way}: {found:?}, not {want:?}");
                    }
                }
            }
        }
    }
}

/// The slopes of a layer's weights are sums of the products of each unit's adjoint with the same inputs: of all units
/// at once as many as go together, though the registers of their adjoints might have been used again between.
#[test]
fn the_slopes_of_a_layer_are_summed_together() {
    let network = Network { sizes: vec![4, 8, 8, 1], roots: false };
    let weights = vec![0.5; network.weights()];
    let program = Program::record(&network, &weights, &[1.0; 4]).expect("a recording");
    let program = program.mean().gradient();
    let plan = Plan::of(&program.prepared());
    let steps = || plan.passes.iter().flat_map(|pass| &pass.steps);
    let alone = steps().filter(|step| matches!(step, Instruction::Moments { .. })).count();
    let together = steps().filter(|step| matches!(step, Instruction::CrossMoments(_))).count();
    // A unit has one sum more than inputs, of which four share what is read. Four units go together: of the first
    // layer's sums are 2 by 2 such steps, of the second's 3 by 2, and the last layer has but one unit.
    assert_eq!((alone, together), (3, 2 * 2 + 3 * 2));
}
