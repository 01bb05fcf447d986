//! Half precision: PyTorch's f32 goldens within what f16 and bf16 keep, where the device computes in them.

use crate::device::device;
use crate::goldens::Goldens;
use crate::tolerance::Tolerance;
use burn::prelude::*;
use burn::tensor::{DType, FloatDType};
use nnsight_core::trace;
use nnsight_models::{CausalLm, Error, LanguageModel};
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures")
        .join(name)
}

fn open<M: CausalLm>(name: &str) -> LanguageModel<M> {
    LanguageModel::from_pretrained(fixture(name).to_str().unwrap())
        .unwrap()
        .with_device(device())
}

/// Runs `check` with each half type and how near it must be; one that the device lacks must be refused.
fn in_half<M: CausalLm>(
    name: &str,
    [f16, bf16]: [Tolerance; 2],
    check: impl Fn(&LanguageModel<M>, DType, Goldens),
) {
    let types = [
        (FloatDType::F16, DType::F16, f16),
        (FloatDType::BF16, DType::BF16, bf16),
    ];
    for (float, dtype, tolerance) in types {
        let lm = open::<M>(name).with_dtype(float);
        if !device().supports_dtype(float) {
            assert!(matches!(lm, Err(Error::DType { dtype, .. }) if dtype == float));
            continue;
        }
        let goldens = Goldens::read(&fixture(name).join("goldens.safetensors"), tolerance.here());
        let lm = lm.unwrap();
        check(&lm, dtype, goldens);
        assert_eq!(lm.dtype(), float);
    }
}

#[test]
fn gpt2_has_pytorchs_numbers() {
    use crate::tiny::Gpt2;
    in_half::<Gpt2>("gpt2-tiny", Tolerance::GPT2_HALF, |lm, dtype, goldens| {
        let (hidden, pattern, logits) = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
            let block = m.transformer.h[1];
            (
                block.output.save(),
                block.attn.pattern.output.save(),
                m.lm_head.output.save(),
            )
        })
        .unwrap();
        assert_eq!([hidden.dtype(), pattern.dtype(), logits.dtype()], [dtype; 3]);
        goldens.check("transformer.h.1.output", hidden.cast(DType::F32));
        goldens.check("transformer.h.1.attn.pattern", pattern.cast(DType::F32));
        goldens.check("lm_head.output", logits.cast(DType::F32));
    });
}

#[test]
fn llama_has_pytorchs_numbers() {
    use crate::llama::tiny::Llama;
    in_half::<Llama>("llama-tiny", Tolerance::LLAMA_HALF, |lm, dtype, goldens| {
        let logits = trace!(lm, goldens.ids("ids_a"), |m: Llama| m.lm_head.output.save()).unwrap();
        assert_eq!(logits.dtype(), dtype);
        goldens.check("lm_head.output", logits.cast(DType::F32));
    });
}

/// Numbers and f32 tensors that are written take the site's type, so that an edit does not widen the model.
#[test]
fn edits_take_the_sites_type() {
    use crate::tiny::Gpt2;
    in_half::<Gpt2>("gpt2-tiny", Tolerance::GPT2_HALF, |lm, dtype, goldens| {
        let steer = Tensor::<3>::ones([1, 10, 48], &device());
        let (edited, logits) = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
            m.transformer.h[0].output += &steer;
            m.transformer.h[1].mlp.output = 0.0;
            (m.transformer.h[0].output.save(), m.lm_head.output.save())
        })
        .unwrap();
        assert_eq!([edited.dtype(), logits.dtype()], [dtype; 2]);
        let gradient = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
            m.lm_head.output[.., -1].sum().backward();
            m.transformer.h[0].output.grad.save()
        })
        .unwrap();
        assert_eq!(gradient.dtype(), dtype);
    });
}

#[test]
fn without_a_word_it_is_single_precision() {
    let lm = open::<crate::tiny::Gpt2>("gpt2-tiny");
    assert_eq!(lm.dtype(), FloatDType::F32);
    let lm = lm.dispatch().unwrap();
    assert_eq!(lm.dtype(), FloatDType::F32);
    // One that is loaded is rounded.
    if device().supports_dtype(FloatDType::F16) {
        let half = lm.with_dtype(FloatDType::F16).unwrap();
        assert!(half.is_dispatched());
        assert_eq!(half.dtype(), FloatDType::F16);
    }
}
