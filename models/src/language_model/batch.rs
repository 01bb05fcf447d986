//! Prompts of different lengths in one tensor: padded on the left, so that all end at the last position.

use crate::cache::KeyValueCache;
use crate::context::Context;
use burn::prelude::*;
use nnsight_core::Tree;
use nnsight_core::driving::{self, Window};

/// Prompts, row under row, and which rows belong together.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    rows: Vec<Vec<i64>>,
    /// The first row of each invoke, and one past its last.
    invokes: Vec<(usize, usize)>,
}

/// What stands in padding: any token, since nothing sees it.
pub(super) const FILL: i64 = 0;

impl Batch {
    /// Adds the rows of one invoke.
    pub(super) fn push(&mut self, rows: Vec<Vec<i64>>) {
        let first = self.rows.len();
        self.rows.extend(rows);
        self.invokes.push((first, self.rows.len()));
    }

    pub(super) fn rows(&self) -> &[Vec<i64>] {
        &self.rows
    }

    /// The rows of each invoke.
    pub(super) fn invokes(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        self.invokes.iter().map(|&(first, end)| first..end)
    }

    /// The length of the longest row.
    pub(super) fn len(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// How many positions of padding each row begins with.
    pub(super) fn padding(&self) -> Vec<usize> {
        self.rows.iter().map(|row| self.len() - row.len()).collect()
    }

    /// The part of the batch that belongs to each invoke: its rows, from where its longest prompt begins.
    pub(super) fn windows(&self, tree: &Tree) -> Vec<Vec<Window>> {
        let windows = self.invokes().map(|rows| {
            let len = longest(&self.rows[rows.clone()]);
            driving::windows(tree, (rows.start, rows.len()), (self.len() - len, len))
        });
        windows.collect()
    }

    /// The token ids: (Batch, Seq).
    pub(super) fn ids(&self, device: &Device) -> Tensor<2, Int> {
        ids(&self.rows, device)
    }

    /// For a pass over these rows.
    pub(super) fn context(&self, cache: Option<&KeyValueCache>) -> Context {
        Context::new(self.padding(), cache)
    }
}

/// Rows as one tensor, (Batch, Seq), padded on the left.
pub(super) fn ids(rows: &[Vec<i64>], device: &Device) -> Tensor<2, Int> {
    let len = longest(rows);
    let padded = rows.iter().flat_map(|row| {
        let padding = std::iter::repeat_n(FILL, len - row.len());
        padding.chain(row.iter().copied())
    });
    Tensor::from_data(TensorData::new(padded.collect(), [rows.len(), len]), device)
}

fn longest(rows: &[Vec<i64>]) -> usize {
    rows.iter().map(Vec::len).max().unwrap_or(0)
}
