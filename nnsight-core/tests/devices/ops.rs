//! Operations on values give the numbers that pen and paper give, and refuse what cannot work before the
//! model has run. Everywhere below `h` is `layer1`'s output, `[[1, 2, 3], [3, 4, 7]]`.

use crate::prelude::*;
use crate::support::{Batch, Classes, Features, Hidden, Tolerance, device, input, ints, rows, tiny_net};
use burn::tensor::TensorData;
use nnsight::ops::OpError;
use nnsight::{Axis, Kind, Result, Shape};
use std::f32::consts::{E, LN_2, SQRT_2};

axes! {
    Query;
    Pair = 2;
    Three = 3;
    Six = 6;
    Left = 1;
    Width = 4;
}

type H = Value<(Batch, Hidden)>;

/// Runs a function of `h`.
fn of_h<S: Shape, K: Kind>(f: impl FnOnce(H) -> Value<S, K>) -> Result<S::Tensor<K>> {
    tiny_net().trace(input(), |m| f(m.layer1.output.get()).save())
}

fn floats<S: Shape<Tensor<Float> = Tensor<D>>, const D: usize>(f: impl FnOnce(H) -> Value<S>) -> Vec<f32> {
    rows(of_h(f).expect("the trace runs"))
}

fn integers<S: Shape<Tensor<Int> = Tensor<D, Int>>, const D: usize>(
    f: impl FnOnce(H) -> Value<S, Int>,
) -> Vec<i64> {
    ints(of_h(f).expect("the trace runs"))
}

fn truths<S: Shape<Tensor<Bool> = Tensor<D, Bool>>, const D: usize>(
    f: impl FnOnce(H) -> Value<S, Bool>,
) -> Vec<bool> {
    of_h(f)
        .expect("the trace runs")
        .into_data()
        .iter::<bool>()
        .collect()
}

/// What an operation on `h` is refused for.
fn refusal<S: Shape, K: Kind>(f: impl FnOnce(H) -> Value<S, K>) -> OpError {
    match of_h(f).err() {
        Some(Error::Op { source, .. }) => source,
        // Of a site that was read, the error names the axis too.
        Some(Error::OutOfBounds { dim, index, size, .. }) => OpError::OutOfBounds { dim, index, size },
        other => panic!("wanted the refusal of an operation, found {other:?}"),
    }
}

/// Single precision: a few units in the last place of numbers of this size.
fn close(found: &[f32], wanted: &[f32]) {
    assert_eq!(found.len(), wanted.len(), "{found:?} {wanted:?}");
    for (a, b) in found.iter().zip(wanted) {
        assert!(
            (a - b).abs() <= Tolerance::FUNCTION.here() * b.abs().max(1.0),
            "{found:?} is not {wanted:?}"
        );
    }
}

fn tensor<const D: usize, T>(data: T) -> Tensor<D>
where
    T: Into<TensorData>,
{
    Tensor::from_data(data, &device())
}

#[test]
fn arithmetic_with_values_numbers_and_tensors() {
    assert_eq!(floats(|h| h + h), [2.0, 4.0, 6.0, 6.0, 8.0, 14.0]);
    assert_eq!(floats(|h| h * h - h), [0.0, 2.0, 6.0, 6.0, 12.0, 42.0]);
    assert_eq!(floats(|h| (h - 1) / 2.0f32), [0.0, 0.5, 1.0, 1.0, 1.5, 3.0]);
    assert_eq!(floats(|h| h % 2.0), [1.0, 0.0, 1.0, 1.0, 0.0, 1.0]);
    assert_eq!(floats(|h| -(10.0 - h)), [-9.0, -8.0, -7.0, -7.0, -6.0, -3.0]);
    assert_eq!(floats(|h| 2 * h + 1.0), [3.0, 5.0, 7.0, 7.0, 9.0, 15.0]);
    assert_eq!(
        floats(|h| h + tensor([[1.0, 0.0, 0.0], [0.0, 0.0, -7.0]])),
        [2.0, 2.0, 3.0, 3.0, 4.0, 0.0]
    );
    assert_eq!(
        floats(|h| tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]) - h),
        [0.0, -2.0, -3.0, -3.0, -4.0, -7.0]
    );
    assert_eq!(
        floats(|h| h.maximum(3).minimum(4)),
        [3.0, 3.0, 3.0, 3.0, 4.0, 4.0]
    );
    assert_eq!(integers(|h| 7 % (h.cast::<Int>() + 1)), [1, 1, 3, 3, 2, 7]);
    assert_eq!(
        floats(|mut h| {
            h += 1.0;
            h *= h;
            h
        }),
        [4.0, 9.0, 16.0, 16.0, 25.0, 64.0]
    );
}

#[test]
fn a_value_over_the_last_axes_serves_all_others() {
    let bias = || Value::<(Hidden,)>::constant(&tensor([10.0, 20.0, 30.0]));
    assert_eq!(floats(|h| h + bias()), [11.0, 22.0, 33.0, 13.0, 24.0, 37.0]);
    assert_eq!(floats(|h| h / h.sum()), [0.05, 0.1, 0.15, 0.15, 0.2, 0.35]);
    assert_eq!(
        truths(|h| h.gt(h.mean())),
        [false, false, false, false, true, true]
    );
    assert_eq!(
        floats(|h| h.maximum(bias() / 10.0)),
        [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]
    );
}

#[test]
fn comparisons_and_logic() {
    assert_eq!(truths(|h| h.gt(3)), [false, false, false, false, true, true]);
    assert_eq!(truths(|h| h.ge(3.0)), [false, false, true, true, true, true]);
    assert_eq!(truths(|h| h.lt(h.max())), [true, true, true, true, true, false]);
    assert_eq!(
        truths(|h| h.le(2.0) | h.equal(7.0)),
        [true, true, false, false, false, true]
    );
    assert_eq!(
        truths(|h| !(h.gt(1.0) & h.not_equal(4.0))),
        [true, false, false, false, true, false]
    );
    assert_eq!(
        truths(|h| h.gt(1.0).xor(h.gt(3.0)).equal(true)),
        [false, true, true, true, false, false]
    );
    let int = |h: H| h.cast::<Int>();
    assert_eq!(truths(|h| !int(h).gt(3)), [true, true, true, true, false, false]);
    assert_eq!(truths(|h| !int(h).gt(int(h))), [true; 6]);
    assert_eq!(
        truths(|h| int(h).equal(3) ^ int(h).not_equal(int(h))),
        [false, false, true, true, false, false]
    );
    assert_eq!(
        truths(|h| int(h).le(2) & int(h).cast::<Bool>()),
        [true, true, false, false, false, false]
    );
    assert_eq!(truths(|h| h.gt(3.0).any()), [true]);
    assert_eq!(truths(|h| h.gt(2.0).all_over(Hidden)), [false, true]);
    assert_eq!(truths(|h| h.gt(3.0).any_over(Hidden)), [false, true]);
}

#[test]
fn masks_choose_elements() {
    assert_eq!(
        floats(|h| h.mask_fill(h.gt(3.0), 0.0)),
        [1.0, 2.0, 3.0, 3.0, 0.0, 0.0]
    );
    assert_eq!(
        floats(|h| h.mask_where(h.gt(3.0), -h)),
        [1.0, 2.0, 3.0, 3.0, -4.0, -7.0]
    );
    let first = || Value::<(Hidden,), Int>::constant(&Tensor::from_ints([1, 0, 0], &device())).cast::<Bool>();
    assert_eq!(
        floats(|h| h.mask_where(first(), 9.0)),
        [9.0, 2.0, 3.0, 9.0, 4.0, 7.0]
    );
}

#[test]
fn functions_element_by_element() {
    let at = |f: fn(H) -> H| floats(|h| f(h - 2.0)).into_iter().take(3).collect::<Vec<f32>>();
    // f(-1), f(0), f(1), from tables.
    close(&at(|x| x.exp()), &[0.367_879_44, 1.0, E]);
    close(&at(|x| x.sigmoid()), &[0.268_941_42, 0.5, 0.731_058_6]);
    close(&at(|x| x.tanh()), &[-0.761_594_2, 0.0, 0.761_594_2]);
    close(&at(|x| x.relu()), &[0.0, 0.0, 1.0]);
    close(&at(|x| x.leaky_relu(0.1)), &[-0.1, 0.0, 1.0]);
    close(&at(|x| x.silu()), &[-0.268_941_42, 0.0, 0.731_058_6]);
    close(&at(|x| x.softplus()), &[0.313_261_7, LN_2, 1.313_261_7]);
    close(&at(|x| x.gelu()), &[-0.158_655_26, 0.0, 0.841_344_8]);
    close(&at(|x| x.gelu_tanh()), &[-0.158_808, 0.0, 0.841_192]);
    close(&at(|x| x.elu(2.0)), &[-1.264_241_1, 0.0, 1.0]);
    close(&at(|x| x.sin() + x.cos()), &[-0.301_168_68, 1.0, 1.381_773_3]);
    close(&at(|x| x.erf()), &[-0.842_700_8, 0.0, 0.842_700_8]);
    close(&at(|x| (x + 2.0).log()), &[0.0, LN_2, 1.098_612_3]);
    close(&at(|x| (x + 2.0).log1p()), &[LN_2, 1.098_612_3, 1.386_294_4]);
    close(&at(|x| (x + 2.0).sqrt()), &[1.0, SQRT_2, 1.732_050_8]);
    close(&at(|x| (x + 2.0).recip()), &[1.0, 0.5, 0.333_333_34]);
    close(&at(|x| (x + 2.0).powf(1.5)), &[1.0, 2.828_427, 5.196_152]);
    close(&at(|x| x.powi(3)), &[-1.0, 0.0, 1.0]);
    close(&at(|x| x.abs() - x.sign()), &[2.0, 0.0, 0.0]);
    close(&at(|x| x.clamp(-0.5, 0.25)), &[-0.5, 0.0, 0.25]);
    close(&at(|x| x.clamp_min(0).clamp_max(0.5)), &[0.0, 0.0, 0.5]);
    close(&at(|x| (x / 2.0).floor()), &[-1.0, 0.0, 0.0]);
    close(&at(|x| (x / 2.0).ceil()), &[0.0, 0.0, 1.0]);
    close(&at(|x| (x * 1.6).round()), &[-2.0, 0.0, 2.0]);
}

#[test]
fn reductions_over_an_axis_and_over_all() {
    assert_eq!(floats(|h| h.sum()), [20.0]);
    assert_eq!(floats(|h| h.sum_over(Hidden)), [6.0, 14.0]);
    assert_eq!(floats(|h| h.sum_over(Batch)), [4.0, 6.0, 10.0]);
    assert_eq!(floats(|h| h.mean_over(Batch)), [2.0, 3.0, 5.0]);
    close(&floats(|h| h.mean()), &[20.0 / 6.0]);
    assert_eq!(floats(|h| h.max_over(Hidden)), [3.0, 7.0]);
    assert_eq!(floats(|h| h.min()), [1.0]);
    // Squared deviations of 1 + 0 + 1 and 25/9 + 4/9 + 49/9, over n - 1 = 2.
    close(&floats(|h| h.var_over(Hidden)), &[1.0, 13.0 / 3.0]);
    close(&floats(|h| h.std_over(Hidden)), &[1.0, (13.0f32 / 3.0).sqrt()]);
    // 88 - 6 * (20 / 6)^2 = 64 / 3, over 5.
    close(&floats(|h| h.std()), &[(64.0f32 / 15.0).sqrt()]);
    close(
        &floats(|h| h.norm_over(Hidden)),
        &[14.0f32.sqrt(), 74.0f32.sqrt()],
    );
    close(&floats(|h| h.norm()), &[88.0f32.sqrt()]);
    assert_eq!(integers(|h| h.argmax(Batch)), [1, 1, 1]);
    assert_eq!(integers(|h| h.argmin(Hidden)), [0, 0]);
    assert_eq!(floats(|h| h.sum_over(Hidden).sum_over(Batch)), [20.0]);
    close(
        &floats(|h| (h + 1000.0).logsumexp(Hidden)),
        &[1_003.407_6, 1_007.065_9],
    );
}

#[test]
fn along_an_axis() {
    // e^-2, e^-1 and 1 over their sum of 1.5032147.
    close(
        &floats(|h| h.softmax(Hidden))[..3],
        &[0.090_030_57, 0.244_728_47, 0.665_240_94],
    );
    close(
        &floats(|h| h.log_softmax(Hidden))[..3],
        &[-2.407_606, -1.407_606, -0.407_606],
    );
    assert_eq!(floats(|h| h.cumsum(Hidden)), [1.0, 3.0, 6.0, 3.0, 7.0, 14.0]);
    assert_eq!(floats(|h| h.flip(Hidden)), [3.0, 2.0, 1.0, 7.0, 4.0, 3.0]);
    assert_eq!(
        floats(|h| h.sort_descending(Hidden)),
        [3.0, 2.0, 1.0, 7.0, 4.0, 3.0]
    );
    assert_eq!(
        floats(|h| (-h).sort(Hidden)),
        [-3.0, -2.0, -1.0, -7.0, -4.0, -3.0]
    );
    assert_eq!(integers(|h| (-h).argsort(Hidden)), [2, 1, 0, 2, 1, 0]);
    assert_eq!(integers(|h| h.argsort_descending(Batch)), [1, 1, 1, 0, 0, 0]);
    assert_eq!(floats(|h| h.topk(Hidden, 2).0), [3.0, 2.0, 7.0, 4.0]);
    assert_eq!(integers(|h| h.topk(Hidden, 2).1), [2, 1, 2, 1]);
}

#[test]
fn matrix_products() {
    // h h^T = [[14, 32], [32, 74]].
    assert_eq!(
        floats(|h| h.matmul(h.rename_axis(Batch, Query).transpose())),
        [14.0, 32.0, 32.0, 74.0]
    );
    let vector = || Value::<(Hidden,)>::constant(&tensor([1.0, 0.0, -1.0]));
    assert_eq!(floats(|h| h.matmul(vector())), [-2.0, -4.0]);
    assert_eq!(floats(|h| h.index(Batch, 0).matmul(vector())), [-2.0]);
    let matrix = || Value::<(Hidden, Classes)>::constant(&tensor([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]));
    assert_eq!(floats(|h| h.index(Batch, 1).matmul(matrix())), [10.0, -3.0]);
    // Twice the batch: `(Left, Batch, Hidden)` with a matrix, and with one matrix for each `Left`.
    assert_eq!(
        floats(|h| h.expand::<(Left, Batch, Hidden)>().matmul(matrix())),
        [4.0, -1.0, 10.0, -3.0]
    );
    assert_eq!(
        floats(|h| h
            .expand::<(Left, Batch, Hidden)>()
            .matmul(matrix().expand::<(Left, Hidden, Classes)>())),
        [4.0, -1.0, 10.0, -3.0]
    );
}

#[test]
fn other_shapes_of_the_same_elements() {
    let shape = |t: Tensor<3>| t.dims();
    assert_eq!(
        shape(of_h(|h| h.reshape::<(Batch, Three, Left)>()).expect("runs")),
        [2, 3, 1]
    );
    assert_eq!(floats(|h| h.reshape::<(Six,)>()), [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
    assert_eq!(floats(|h| h.transpose()), [1.0, 3.0, 2.0, 4.0, 3.0, 7.0]);
    assert_eq!(
        floats(|h| h.permute::<(Hidden, Batch)>()),
        [1.0, 3.0, 2.0, 4.0, 3.0, 7.0]
    );
    let cube = |h: H| {
        h.expand::<(Pair, Batch, Hidden)>() + tensor([[[0.0], [10.0]], [[20.0], [30.0]]]).repeat(&[1, 1, 3])
    };
    assert_eq!(
        floats(|h| cube(h).permute::<(Hidden, Pair, Batch)>()),
        [
            1.0, 13.0, 21.0, 33.0, 2.0, 14.0, 22.0, 34.0, 3.0, 17.0, 23.0, 37.0
        ]
    );
    assert_eq!(
        floats(|h| h.rename::<(Query, Three)>().max_over(Three)),
        [3.0, 7.0]
    );
}

#[test]
fn new_axes_repeat_the_value() {
    let norms = |h: H| h.max_over(Hidden);
    assert_eq!(floats(|h| norms(h).expand_as(h)), [3.0, 3.0, 3.0, 7.0, 7.0, 7.0]);
    assert_eq!(
        floats(|h| norms(h).expand::<(Pair, Batch)>()),
        [3.0, 7.0, 3.0, 7.0]
    );
    assert_eq!(
        floats(|h| h.sum().expand::<(Batch, Pair)>()),
        [20.0, 20.0, 20.0, 20.0]
    );
    assert_eq!(floats(|h| h.full_like(5) - h.full_like(1.5)), [3.5; 6]);
}

#[test]
fn parts_by_position() {
    assert_eq!(floats(|h| h.at((.., -1))), [3.0, 7.0]);
    assert_eq!(floats(|h| h.at((1,))), [3.0, 4.0, 7.0]);
    assert_eq!(floats(|h| h.at((0, 1))), [2.0]);
    assert_eq!(floats(|h| h.at((.., 1..))), [2.0, 3.0, 4.0, 7.0]);
    assert_eq!(floats(|h| h.index(Hidden, -2)), [2.0, 4.0]);
    assert_eq!(floats(|h| h.slice(Hidden, ..-1)), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(floats(|h| h.slice(Hidden, 1..2)), [2.0, 4.0]);
    assert_eq!(
        floats(|h| h.with_at((.., 0), 0.0)),
        [0.0, 2.0, 3.0, 0.0, 4.0, 7.0]
    );
    assert_eq!(
        floats(|h| h.with_at((.., 0), h.at((.., 2)))),
        [3.0, 2.0, 3.0, 7.0, 4.0, 7.0]
    );
    assert_eq!(
        floats(|h| h.with_at((1, 1..), h.at((0, ..2)))),
        [1.0, 2.0, 3.0, 3.0, 1.0, 2.0]
    );
    assert_eq!(
        floats(|h| h.with_at((0, 0), h.sum())),
        [20.0, 2.0, 3.0, 3.0, 4.0, 7.0]
    );
    assert_eq!(
        floats(|h| {
            let mut edited = h;
            edited.set_at((0,), 0.0);
            edited + h
        }),
        [1.0, 2.0, 3.0, 6.0, 8.0, 14.0]
    );
}

#[test]
fn chosen_positions() {
    assert_eq!(floats(|h| h.select(Hidden, [-1, 0])), [3.0, 1.0, 7.0, 3.0]);
    assert_eq!(
        floats(|h| h.select(Batch, vec![1, 1])),
        [3.0, 4.0, 7.0, 3.0, 4.0, 7.0]
    );
    assert_eq!(
        floats(|h| h.select(Hidden, h.index(Batch, 0).argsort_descending(Hidden))),
        [3.0, 2.0, 1.0, 7.0, 4.0, 3.0]
    );
    assert_eq!(floats(|h| h.pick(Hidden, h.argmax(Hidden))), [3.0, 7.0]);
    assert_eq!(
        floats(|h| h.gather(Hidden, h.topk(Hidden, 2).1)),
        [3.0, 2.0, 7.0, 4.0]
    );
    assert_eq!(
        floats(|h| h.index(Batch, 1).pick(Hidden, h.index(Batch, 1).argmax(Hidden))),
        [7.0]
    );
}

#[test]
fn values_join() {
    assert_eq!(
        floats(|h| Value::cat(Hidden, [h, -h])),
        [1.0, 2.0, 3.0, -1.0, -2.0, -3.0, 3.0, 4.0, 7.0, -3.0, -4.0, -7.0]
    );
    assert_eq!(
        floats(|h| Value::stack(Pair, [h.at((0,)), h.at((1,))]).sum_over(Pair)),
        [4.0, 6.0, 10.0]
    );
    assert_eq!(
        floats(|h| Value::stack(Three, [h.sum(), h.min(), h.max()])),
        [20.0, 1.0, 7.0]
    );
}

#[test]
fn kinds_change() {
    assert_eq!(integers(|h| (h / 2.0).cast::<Int>()), [0, 1, 1, 1, 2, 3]);
    assert_eq!(
        floats(|h| h.gt(2.0).cast::<Float>()),
        [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]
    );
    assert_eq!(
        truths(|h| (h - 3.0).cast::<Bool>()),
        [true, true, false, false, true, true]
    );
    assert_eq!(
        floats(|h| h.argmax(Hidden).one_hot(Three)),
        [0.0, 0.0, 1.0, 0.0, 0.0, 1.0]
    );
    // 6 and 14 are no positions in an axis of size 3.
    assert_eq!(
        floats(|h| h.sum_over(Hidden).cast::<Int>().one_hot(Three)),
        [0.0; 6]
    );
    assert_eq!(
        floats(|h| h.min().cast::<Int>().one_hot(Width)),
        [0.0, 1.0, 0.0, 0.0]
    );
}

#[test]
fn a_seed_gives_the_same_noise_in_every_run() {
    let normal = |seed| floats(|h| h.normal_like(seed, 0.0, 1.0));
    assert_eq!(normal(3), normal(3));
    assert_ne!(normal(3), normal(4));
    device().seed(1);
    let before = rows(Tensor::<1>::random(
        [4],
        burn::tensor::Distribution::Default,
        &device(),
    ));
    device().seed(1);
    let _ = normal(5);
    let after = rows(Tensor::<1>::random(
        [4],
        burn::tensor::Distribution::Default,
        &device(),
    ));
    assert_eq!(before, after, "noise must leave the device's generator alone");
    assert!(
        floats(|h| h.uniform_like(1, -2.0, -1.0))
            .into_iter()
            .all(|x| (-2.0..-1.0).contains(&x))
    );
}

#[test]
fn what_cannot_work_is_refused_before_the_run() {
    assert!(matches!(
        refusal(|h| h.at((2,))),
        OpError::OutOfBounds {
            dim: 0,
            index: 2,
            size: 2
        }
    ));
    assert!(matches!(
        refusal(|h| h.index(Hidden, -4)),
        OpError::OutOfBounds {
            dim: 1,
            index: -4,
            size: 3
        }
    ));
    assert!(matches!(
        refusal(|h| h.with_at((5,), 0.0)),
        OpError::OutOfBounds {
            dim: 0,
            index: 5,
            size: 2
        }
    ));
    assert!(matches!(
        refusal(|h| h.select(Hidden, [0, 3])),
        OpError::OutOfBounds {
            dim: 1,
            index: 3,
            size: 3
        }
    ));
    assert!(matches!(
        refusal(|h| h.reshape::<(Width, Features)>()),
        OpError::ElementCount { .. }
    ));
    assert!(matches!(
        refusal(|h| h.reshape::<(Query, Width)>()),
        OpError::ElementCount { .. }
    ));
    assert!(matches!(
        refusal(|h| h.rename::<(Three, Hidden)>()),
        OpError::WrongSizes { .. }
    ));
    assert!(matches!(
        refusal(|h| h.topk(Hidden, 4).0),
        OpError::TooFew {
            dim: 1,
            wanted: 4,
            size: 3
        }
    ));
    assert!(matches!(
        refusal(|h| h.expand::<(Query, Batch, Hidden)>()),
        OpError::UnknownSize { dim: 0, .. }
    ));
    assert!(matches!(
        refusal(|h| h.slice(Hidden, 1..1).max_over(Part::<Hidden>::HERE)),
        OpError::Empty { .. }
    ));
    assert!(matches!(
        refusal(|h| h.slice(Hidden, ..2) + h.slice(Hidden, 2..)),
        OpError::SizesDiffer { .. }
    ));
    assert!(matches!(
        refusal(|h| h.clamp(1.0, 0.0)),
        OpError::EmptyRange { .. }
    ));
    assert!(matches!(
        refusal(|h| h.cast::<Int>() / 0),
        OpError::DivisionByZero
    ));
    assert!(matches!(
        refusal(|h| h.normal_like(0, 0.0, -1.0)),
        OpError::EmptyRange { .. }
    ));
    assert!(matches!(
        refusal(|_| Value::<(Batch,)>::cat(Batch, [])),
        OpError::InputCount { wanted: 1, found: 0 }
    ));
    assert!(matches!(
        refusal(|h| Value::stack(Three, [h, h])),
        OpError::StackCount { wanted: 3, found: 2 }
    ));
}

#[test]
fn a_position_that_is_computed_is_refused_in_the_run() {
    let sums = |h: H| h.sum_over(Hidden).cast::<Int>();
    assert!(matches!(
        refusal(|h| sums(h) % (sums(h) - 6)),
        OpError::DivisionByZero
    ));
    assert!(matches!(
        refusal(|h| h.pick(Hidden, sums(h))),
        OpError::OutOfBounds {
            dim: 1,
            index: 6,
            size: 3
        }
    ));
    assert!(matches!(
        refusal(|h| h.select(Hidden, sums(h))),
        OpError::OutOfBounds {
            dim: 1,
            index: 6,
            size: 3
        }
    ));
}

#[test]
fn a_refusal_says_what_and_where() {
    let error = of_h(|h| h.at((.., 1..)).reshape::<(Query, Three)>()).expect_err("4 is no multiple of 3");
    let text = error.to_string();
    assert!(
        text.contains("reshape: sizes [2, 2] do not fit into [?, 3]"),
        "{text}"
    );
    assert!(text.contains("ops.rs"), "{text}");
}

/// A graph may come from elsewhere: whatever it asks for, the shape rules answer.
#[test]
fn shape_rules_refuse_what_no_typed_method_writes() {
    use nnsight::dims::Dims;
    use nnsight::graph::TensorMeta;
    use nnsight::index::Take;
    use nnsight::ops::{Along, Binary, Compare, Einsum, Function, Law, Logic, Numeric, Op, Reduce, Scalar};
    let far = usize::MAX;
    let ops = [
        Op::Binary(Binary::Div),
        Op::Scalar(Binary::Rem, Scalar::Int(0)),
        Op::Compare(Compare::Gt),
        Op::CompareScalar(Compare::Le, Scalar::Float(f64::NAN)),
        Op::Logic(Logic::Xor),
        Op::Not,
        Op::MaskWhere,
        Op::MaskFill(Scalar::Float(1.0)),
        Op::Function(Function::Powf { exponent: 0.1 }),
        Op::Numeric(Numeric::Clamp {
            low: Some(Scalar::Int(1)),
            high: Some(Scalar::Float(f64::NAN)),
        }),
        Op::Reduce(Reduce::Var, Some(far)),
        Op::Reduce(Reduce::Max, None),
        Op::Along(Along::Softmax, 7),
        Op::Matmul,
        Op::Einsum(Einsum {
            left: vec![0, 0],
            right: vec![0],
            output: vec![1],
        }),
        Op::Einsum(Einsum {
            left: vec![0, 1, 2],
            right: vec![1, 2, 9],
            output: vec![9, 9, 255],
        }),
        Op::Reshape(vec![Some(far), Some(far)]),
        Op::Reshape(vec![None; 9]),
        Op::Reshape(vec![Some(0), None]),
        Op::Rename(vec![]),
        Op::Permute(vec![0, 0]),
        Op::Permute(vec![far]),
        Op::Expand {
            places: vec![far],
            sizes: vec![None; 9],
        },
        Op::Expand {
            places: vec![1, 0],
            sizes: vec![Some(2); 2],
        },
        Op::ExpandAs(vec![3]),
        Op::Slice(vec![Take::One(i64::MIN); 9]),
        Op::Slice(vec![Take::Slice {
            start: i64::MAX,
            end: Some(i64::MIN),
        }]),
        Op::Assign(vec![Take::One(5)]),
        Op::Fill(vec![Take::All; 7], Scalar::Int(1)),
        Op::Take {
            dim: far,
            positions: vec![i64::MIN],
        },
        Op::Take {
            dim: 0,
            positions: vec![i64::MIN, i64::MAX],
        },
        Op::Select(far),
        Op::Pick(6),
        Op::Gather(6),
        Op::TopK {
            dim: 6,
            k: far,
            positions: true,
        },
        Op::Cat(6),
        Op::Stack {
            size: Some(far),
            scalars: true,
        },
        Op::Stack {
            size: None,
            scalars: false,
        },
        Op::Cast(nnsight::KindTag::Bool),
        Op::OneHot {
            size: far,
            scalar: true,
        },
        Op::OneHot {
            size: 2,
            scalar: false,
        },
        Op::Full(nnsight::KindTag::Int, Scalar::Float(f64::NEG_INFINITY)),
        Op::Noise {
            seed: 0,
            law: Law::Uniform { low: 1.0, high: 0.0 },
        },
    ];
    let sizes: [&[Option<usize>]; 6] = [
        &[],
        &[Some(1)],
        &[None],
        &[Some(2), Some(0)],
        &[Some(2), None, Some(3)],
        &[Some(2); 6],
    ];
    let kinds = [
        nnsight::KindTag::Float,
        nnsight::KindTag::Int,
        nnsight::KindTag::Bool,
    ];
    let metas = || {
        sizes.iter().flat_map(|sizes| {
            kinds.map(|kind| TensorMeta {
                kind,
                dims: Dims::new(sizes.iter().copied()),
            })
        })
    };
    for op in &ops {
        let json = serde_json::to_string(op).expect("an operation is data");
        let read: Op = serde_json::from_str(&json).expect("what was written can be read");
        // By their text: NaN is not equal to itself.
        assert_eq!(format!("{read:?}"), format!("{op:?}"));
        assert!(op.infer(&[]).is_err(), "{op:?} of nothing");
        for a in metas() {
            let _ = op.infer(&[a]);
            for b in metas() {
                let _ = op.infer(&[a, b]);
                let _ = op.infer(&[a, b, a]);
            }
        }
    }
    let matrix = TensorMeta {
        kind: kinds[0],
        dims: Dims::known(&[2, 3]),
    };
    assert_eq!(
        Op::Reduce(Reduce::Sum, Some(2)).infer(&[matrix]),
        Err(OpError::NoSuchAxis {
            dim: 2,
            sizes: Dims::known(&[2, 3])
        })
    );
    assert_eq!(
        Op::Logic(Logic::And).infer(&[matrix, matrix]),
        Err(OpError::WrongKind {
            wanted: kinds[2],
            found: kinds[0]
        })
    );
}
