//! The models' linear layers give what Burn's give, and are stored as Burn's are.

use crate::device::device;
use crate::tolerance::Tolerance;
use burn::nn::{self, LinearConfig};
use burn::prelude::*;
use burn::tensor::Distribution;
use nnsight_models::Linear;

/// Large enough that a CPU takes its fast paths, and no even sizes.
const SHORT: usize = 129;
const LONG: usize = 515;

fn burns(inputs: usize, outputs: usize) -> nn::Linear {
    LinearConfig::new(inputs, outputs).init(&device())
}

fn random<const D: usize>(sizes: [usize; D]) -> Tensor<D> {
    Tensor::random(sizes, Distribution::Uniform(-1.0, 1.0), &device())
}

fn largest_difference<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> f32 {
    assert_eq!(a.dims(), b.dims());
    (a - b).abs().max().into_scalar::<f32>()
}

/// How far a layer is from the product and the sum that it stands for, which are written out.
fn off<const D: usize>(sizes: [usize; D], outputs: usize) -> f32 {
    let inputs = sizes[D - 1];
    let theirs = burns(inputs, outputs);
    let (weight, bias) = (theirs.weight.val(), theirs.bias.clone().unwrap().val());
    let x = random(sizes);
    let rows = x
        .clone()
        .reshape([sizes.iter().product::<usize>() / inputs, inputs]);
    let mut sizes = sizes;
    sizes[D - 1] = outputs;
    let wanted = (rows.matmul(weight) + bias.unsqueeze()).reshape(sizes);
    largest_difference(Linear::from(theirs).forward(x), wanted)
}

#[test]
fn any_number_of_leading_axes_are_rows_of_one_product() {
    let near = Tolerance::REORDERED.here();
    for (inputs, outputs) in [(SHORT, LONG), (LONG, SHORT), (SHORT, SHORT)] {
        assert!(off([inputs], outputs) <= near);
        assert!(off([7, inputs], outputs) <= near);
        assert!(off([1, 1, inputs], outputs) <= near);
        assert!(off([3, 32, inputs], outputs) <= near);
        assert!(off([2, 3, 5, inputs], outputs) <= near);
    }
}

#[test]
fn a_prompts_rows_are_the_same_whatever_its_neighbours_are() {
    let layer = Linear::from(burns(SHORT, LONG));
    let prompt = random([1, 40, SHORT]);
    let among = |others: Tensor<3>| {
        let all = Tensor::cat(vec![others.clone(), prompt.clone(), others], 0);
        layer.forward(all).narrow(0, 1, 1)
    };
    let (some, zeros) = (among(random([1, 40, SHORT])), among(prompt.zeros_like()));
    assert!(largest_difference(some, zeros) <= Tolerance::SAME.here());
}

#[test]
fn records_are_those_of_burns_layer() {
    for (inputs, outputs) in [(SHORT, LONG), (LONG, SHORT)] {
        let theirs = burns(inputs, outputs);
        let x = random([2, 32, inputs]);
        let wanted = theirs.forward(x.clone());

        let ours = Linear::from(burns(inputs, outputs)).load_record(theirs.clone().into_record());
        let off = largest_difference(ours.forward(x), wanted);
        assert!(off <= Tolerance::REORDERED.here());

        let back = burns(inputs, outputs).load_record(ours.into_record());
        assert_eq!(largest_difference(back.weight.val(), theirs.weight.val()), 0.0);
    }
}

#[test]
fn a_weight_is_drawn_when_it_is_first_used() {
    let layer = Linear::from(burns(SHORT, LONG));
    assert!(!layer.weight.is_initialized());
    assert_eq!(layer.weight.lazy_shape().dims(), [SHORT, LONG]);
    assert_eq!(layer.weight.val().dims(), [SHORT, LONG]);
}
