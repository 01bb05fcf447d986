//! Random sequences, with and without a repetition.

use nnsight::prelude::*;

use super::model::{BEGIN, TOKENS};
use super::random::Random;

/// The begin token, `period` random tokens, and the same again.
///
/// The tokens of a half are distinct, so that each has one earlier occurrence and one right successor.
///
/// # Shapes
/// (rows, 1 + 2 * period) token ids
pub fn repeated(rows: usize, period: usize, random: &mut Random, device: &Device) -> Tensor<2, Int> {
    let halves = (0..rows).map(|_| {
        let half = distinct(period, random);
        [half.clone(), half]
    });
    sequences(halves.collect(), device)
}

/// The same, with the tokens of the second half in an order of their own: nothing tells what follows what.
///
/// # Shapes
/// (rows, 1 + 2 * period) token ids
pub fn unrepeated(rows: usize, period: usize, random: &mut Random, device: &Device) -> Tensor<2, Int> {
    let halves = (0..rows).map(|_| {
        let half = distinct(period, random);
        let mut other = half.clone();
        random.shuffle(&mut other);
        [half, other]
    });
    sequences(halves.collect(), device)
}

fn distinct(count: usize, random: &mut Random) -> Vec<usize> {
    let mut tokens: Vec<usize> = (0..TOKENS).collect();
    random.shuffle(&mut tokens);
    tokens.truncate(count);
    tokens
}

fn sequences(halves: Vec<[Vec<usize>; 2]>, device: &Device) -> Tensor<2, Int> {
    let rows = halves.iter().map(|halves| {
        let ids = [BEGIN].into_iter().chain(halves.concat());
        let ids: Vec<i64> = ids.map(|id| id as i64).collect();
        Tensor::<1, Int>::from_data(ids.as_slice(), device)
    });
    Tensor::stack(rows.collect(), 0)
}
