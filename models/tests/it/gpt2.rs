//! GPT-2's outputs against PyTorch's.

use crate::common::{IDS_A, fixture, golden, max_difference};
use crate::device::device;
use crate::tiny::{Gpt2, Tiny};
use crate::tolerance::Tolerance;
use burn::prelude::*;
use nnsight_models::gpt2::{Activation, Gpt2Config, large, medium, small, xl};
use nnsight_models::{CausalLm, Context};

/// PyTorch's float32 is up to 1.2e-5 away from its own float64 inside of this model, whose values
/// reach 14.
const TOLERANCE: Tolerance = Tolerance::GPT2;

fn tiny() -> Gpt2 {
    Gpt2::from_dir(fixture(""), &device()).unwrap()
}

fn ids() -> Tensor<2, Int> {
    Tensor::from_data([IDS_A], &device())
}

#[test]
fn the_config_was_read_at_compile_time() {
    const _: () = assert!(Tiny::LAYERS == 3 && Tiny::MLP == 4 * 48);
    assert_eq!((Tiny::NAME, Tiny::VOCAB, Tiny::POSITIONS), ("tiny", 257, 64));
    assert_eq!((Tiny::HIDDEN, Tiny::HEADS), (48, 4));
    assert_eq!((Tiny::LN_EPS, Tiny::ACTIVATION), (1e-5, Activation::GeluNew));
}

#[test]
fn the_published_sizes_have_the_published_numbers_of_parameters() {
    // Hugging Face's `num_parameters()`, in which the tied head counts once.
    fn parameters<C: Gpt2Config>() -> usize {
        let model = nnsight_models::gpt2::Gpt2::<C>::init(&device());
        model.num_params() - C::HIDDEN * C::VOCAB
    }
    assert_eq!(parameters::<small::Small>(), 124_439_808);
    assert_eq!(parameters::<medium::Medium>(), 354_823_168);
    assert_eq!(parameters::<large::Large>(), 774_030_080);
    assert_eq!(parameters::<xl::Xl>(), 1_557_611_200);
}

#[test]
fn logits_are_those_of_pytorch() {
    let difference = max_difference(tiny().logits(ids()), &golden("lm_head.output"));
    // On a CPU 7.6e-6; PyTorch's own float32 is 7.9e-6 away from its float64.
    assert!(difference < 1e-5, "{difference:e}");
}

#[test]
fn every_module_computes_what_pytorchs_does() {
    let model = tiny();
    let transformer = &model.transformer;
    let mut x = transformer.wte.forward(ids());
    assert_eq!(max_difference(x.clone(), &golden("transformer.wte.output")), 0.0);

    let positions = Tensor::<1, Int>::arange(0..10, &device()).unsqueeze();
    x = x + transformer.wpe.forward(positions);
    for (i, block) in transformer.h.iter().enumerate() {
        let check = |output: Tensor<3>, site: &str| {
            let name = format!("transformer.h.{i}.{site}.output");
            let difference = max_difference(output, &golden(&name));
            assert!(difference < TOLERANCE.here(), "{name}: {difference:e}");
        };
        let normed = block.ln_1.forward(x.clone());
        check(normed.clone(), "ln_1");
        check(block.attn.c_attn.forward(normed.clone()), "attn.c_attn");
        let attended = block.attn.forward(normed, Context::default());
        check(attended.clone(), "attn");
        let middle = attended + x.clone();
        let normed = block.ln_2.forward(middle);
        check(normed.clone(), "ln_2");
        let units = block.mlp.c_fc.forward(normed.clone());
        check(units.clone(), "mlp.c_fc");
        check(block.mlp.act.forward(units), "mlp.act");
        check(block.mlp.forward(normed), "mlp");

        x = block.forward(x, Context::default());
        let difference = max_difference(x.clone(), &golden(&format!("transformer.h.{i}.output")));
        assert!(difference < TOLERANCE.here(), "block {i}: {difference:e}");
    }
    let last = max_difference(transformer.ln_f.forward(x), &golden("transformer.ln_f.output"));
    assert!(last < TOLERANCE.here(), "{last:e}");
}

#[test]
fn a_batch_gives_each_row_what_it_gets_alone() {
    let model = tiny();
    let alone = |ids: [i64; 10]| model.logits(Tensor::from_data([ids], &device()));
    let mut other = IDS_A;
    other.reverse();
    let both = model.logits(Tensor::from_data([IDS_A, other], &device()));
    for (row, ids) in [IDS_A, other].into_iter().enumerate() {
        let expected = alone(ids).into_data().try_to_vec::<f32>().unwrap();
        let difference = max_difference(both.clone().narrow(0, row, 1), &expected);
        assert!(difference < TOLERANCE.here(), "row {row}: {difference:e}");
    }
}

#[test]
fn a_position_does_not_see_what_comes_after_it() {
    let model = tiny();
    let full = model.logits(ids()).narrow(1, 0, 4);
    let start = model.logits(ids().narrow(1, 0, 4));
    let start = start.into_data().try_to_vec::<f32>().unwrap();
    let difference = max_difference(full, &start);
    assert!(difference < TOLERANCE.here(), "{difference:e}");
}

#[test]
fn gelu_new_is_the_tanh_form() {
    let xs: Vec<f32> = (-1200..=1200).map(|i| i as f32 / 100.0).collect();
    let expected: Vec<f32> = xs
        .iter()
        .map(|&x| {
            let x = f64::from(x);
            let u = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
            (0.5 * x * (1.0 + u.tanh())) as f32
        })
        .collect();
    let input = Tensor::<1>::from_floats(xs.as_slice(), &device());
    let output = Activation::GeluNew.apply(input);
    // One step of a float32 is 9.5e-7 at 12; below 1 the distance is ten times smaller.
    let difference = max_difference(output, &expected);
    assert!(difference < 1e-6, "{difference:e}");
}
