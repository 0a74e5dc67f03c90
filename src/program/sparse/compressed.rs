//! A sparse matrix whose numbers stand in few dense ones: [`Compressed`].

use super::{Coloring, Pattern};

/// A pattern, and where each of its numbers stands.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Compressed {
    pub(crate) pattern: Pattern,
    /// For each place, in which product of the matrix, and at which place of that.
    pub(crate) sources: Vec<[u32; 2]>,
}

impl Compressed {
    /// Of a matrix whose columns of each color were added up.
    pub(crate) fn by_columns(pattern: Pattern, coloring: &Coloring) -> Self {
        let colors = coloring.colors();
        let sources = pattern.iter().map(|(i, j)| [colors[j], i as u32]).collect();
        Compressed { pattern, sources }
    }

    /// Of a matrix whose rows of each color were added up.
    pub(crate) fn by_rows(pattern: Pattern, coloring: &Coloring) -> Self {
        let colors = coloring.colors();
        let sources = pattern.iter().map(|(i, j)| [colors[i], j as u32]).collect();
        Compressed { pattern, sources }
    }

    /// Of a symmetric matrix whose columns of each color were added up: a number is read where no other
    /// column of the color has one in the row, on this side of the diagonal or on the other.
    pub(crate) fn symmetric(pattern: Pattern, coloring: &Coloring) -> Self {
        let colors = coloring.colors();
        // How many columns of each color have a number in the row.
        let mut count = vec![0_u32; coloring.len()];
        let mut sources = Vec::with_capacity(pattern.len());
        for i in 0..pattern.row_count() {
            let color = |&j: &u32| colors[j as usize] as usize;
            pattern.row(i).iter().for_each(|j| count[color(j)] += 1);
            let source = |j: &u32| match count[color(j)] {
                1 => [colors[*j as usize], i as u32],
                _ => [colors[i], *j],
            };
            sources.extend(pattern.row(i).iter().map(source));
            pattern.row(i).iter().for_each(|j| count[color(j)] = 0);
        }
        Compressed { pattern, sources }
    }

    /// Whether its numbers stand in products of these lengths.
    #[cfg(feature = "serde")]
    pub(crate) fn is_sound(&self, products: &[usize]) -> bool {
        let stands = |&[product, at]: &[u32; 2]| {
            products.get(product as usize).is_some_and(|&len| (at as usize) < len)
        };
        self.pattern.is_sound()
            && self.sources.len() == self.pattern.len()
            && self.sources.iter().all(stands)
    }
}
