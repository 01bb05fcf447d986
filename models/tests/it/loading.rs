//! Files in other float types and under other names, and files that do not fit.

use crate::common::{Directory, IDS_A, Weights, fixture, golden, max_difference};
use crate::device::device;
use crate::tiny::Gpt2;
use burn::prelude::*;
use burn::tensor::{DType, bf16, f16};
use nnsight_models::gpt2::small;
use nnsight_models::{CausalLm, Error};
use safetensors::Dtype;

fn load(directory: &Directory) -> Result<Gpt2, Error> {
    Gpt2::from_dir(directory.path(), &device())
}

fn distance(model: &Gpt2) -> f32 {
    let ids = Tensor::from_data([IDS_A], &device());
    max_difference(model.logits(ids), &golden("lm_head.output"))
}

fn error_of_weights(edit: impl FnOnce(&mut Weights)) -> Error {
    load(&Directory::with_weights(edit)).unwrap_err()
}

fn error_of_config(edit: impl FnOnce(String) -> String) -> Error {
    load(&Directory::with_config(edit)).unwrap_err()
}

#[test]
fn half_precision_files_are_computed_in_f32() {
    let f16_file = Directory::with_weights(|weights| {
        weights.cast(Dtype::F16, |x| f16::from_f32(x).to_le_bytes());
    });
    let model = load(&f16_file).unwrap();
    assert_eq!(model.transformer.wte.weight.val().dtype(), DType::F32);
    assert_eq!(model.lm_head.weight.val().dtype(), DType::F32);
    // f16 keeps 11 bits of a weight, bf16 8; the logits reach 12.
    let difference = distance(&model);
    assert!((1e-4..0.1).contains(&difference), "{difference:e}");

    let bf16_file = Directory::with_weights(|weights| {
        weights.cast(Dtype::BF16, |x| bf16::from_f32(x).to_le_bytes());
    });
    let difference = distance(&load(&bf16_file).unwrap());
    assert!((1e-3..0.8).contains(&difference), "{difference:e}");
}

#[test]
fn names_without_the_prefix_and_stored_masks_are_those_of_the_hub() {
    let directory = Directory::with_weights(|weights| {
        weights.rename(|name| name.trim_start_matches("transformer.").to_owned());
        for layer in 0..3 {
            let mask = (Dtype::F32, vec![1, 1, 2, 2], vec![0; 16]);
            weights.0.insert(format!("h.{layer}.attn.bias"), mask);
        }
    });
    assert!(distance(&load(&directory).unwrap()) < 2e-5);
}

#[test]
fn a_head_that_is_stored_is_taken_before_the_tied_one() {
    let directory = Directory::with_weights(|weights| {
        let zeros = (Dtype::F32, vec![257, 48], vec![0; 257 * 48 * 4]);
        weights.0.insert("lm_head.weight".to_owned(), zeros);
    });
    let ids = Tensor::from_data([IDS_A], &device());
    let logits = load(&directory).unwrap().logits(ids);
    assert_eq!(max_difference(logits, &[0.0; 10 * 257]), 0.0);
}

#[test]
fn weights_in_several_files_are_put_together() {
    let directory = Directory::with_weights(|_| {});
    let whole = directory.path().join("model.safetensors");
    Weights::of(&whole).write_in_parts(directory.path());
    std::fs::remove_file(whole).unwrap();
    assert!(distance(&load(&directory).unwrap()) < 2e-5);
}

#[test]
fn a_config_of_another_size_names_each_field_and_both_values() {
    let error = small::Gpt2::from_dir(fixture(""), &device()).unwrap_err();
    let message = error.to_string();
    let Error::OtherSize { fields, name, .. } = error else {
        panic!("{message}");
    };
    assert_eq!(name, "small");
    let names: Vec<&str> = fields.iter().map(|field| field.field).collect();
    assert_eq!(
        names,
        [
            "vocab_size",
            "n_positions",
            "n_embd",
            "n_layer",
            "n_head",
            "n_inner"
        ]
    );
    assert!(message.contains("gpt2-tiny/config.json"), "{message}");
    assert!(
        message.contains("`n_layer` is 3 in the file and 12 in the type"),
        "{message}"
    );
    assert!(message.contains("gpt2_config!"), "{message}");
}

#[test]
fn a_config_that_differs_in_more_than_sizes_is_refused() {
    let epsilon = error_of_config(|text| text.replace("1e-05", "1e-06"));
    let message = epsilon.to_string();
    assert!(
        message.contains("`layer_norm_epsilon` is 0.000001 in the file and 0.00001"),
        "{message}"
    );

    let activation = error_of_config(|text| text.replace("\"gelu_new\"", "\"relu\"")).to_string();
    assert!(
        activation.contains("`activation_function` is relu in the file and gelu_new"),
        "{activation}"
    );
    let unknown = error_of_config(|text| text.replace("\"gelu_new\"", "\"mish\"")).to_string();
    assert!(
        unknown.contains("`\"mish\"`, wanted one of gelu_new"),
        "{unknown}"
    );

    let family = error_of_config(|text| text.replace("\"gpt2\"", "\"llama\""));
    assert!(
        matches!(&family, Error::OtherFamily { found, .. } if found == "llama"),
        "{family}"
    );

    let scaled =
        error_of_config(|text| text.replace("\"scale_attn_weights\": true", "\"scale_attn_weights\": false"));
    assert!(
        matches!(
            scaled,
            Error::ConfigField {
                field: "scale_attn_weights",
                ..
            }
        ),
        "{scaled}"
    );

    let missing = error_of_config(|text| text.replace("n_layer", "n_lair")).to_string();
    assert!(
        missing.contains("`n_layer` is missing, wanted a whole number"),
        "{missing}"
    );
    let text = error_of_config(|text| text.replace("\"n_layer\": 3", "\"n_layer\": \"3\"")).to_string();
    assert!(
        text.contains("`n_layer` is `\"3\"`, wanted a whole number"),
        "{text}"
    );
    let broken = error_of_config(|text| text.replace('}', ""));
    assert!(matches!(broken, Error::Json { .. }), "{broken}");
}

#[test]
fn files_that_are_missing_or_broken_are_named() {
    let empty = Directory::new();
    let error = load(&empty).unwrap_err();
    assert!(
        matches!(&error, Error::MissingFile { file, .. } if file.ends_with("config.json")),
        "{error}"
    );

    let cut = Directory::with_weights(|_| {});
    let file = cut.path().join("model.safetensors");
    let bytes = std::fs::read(&file).unwrap();
    for broken in [
        &bytes[..bytes.len() / 2],
        b"version https://git-lfs.github.com/spec/v1",
        b"",
    ] {
        std::fs::write(&file, broken).unwrap();
        let error = load(&cut).unwrap_err();
        let named =
            matches!(&error, Error::BrokenWeights { file: f, .. } | Error::Io { file: f, .. } if *f == file);
        assert!(named, "{error:?}");
    }
    std::fs::remove_file(&file).unwrap();
    let error = load(&cut).unwrap_err();
    assert!(
        matches!(&error, Error::MissingFile { file: f, .. } if *f == file),
        "{error}"
    );
}

#[test]
fn tensors_that_do_not_fit_are_named_as_in_the_file() {
    const NAME: &str = "transformer.h.1.ln_2.weight";
    let error = error_of_weights(|weights| drop(weights.0.remove(NAME)));
    assert!(
        matches!(&error, Error::MissingTensors { names, .. } if names == &[NAME]),
        "{error}"
    );

    let error = error_of_weights(|weights| {
        let score = (Dtype::F32, vec![1], vec![0; 4]);
        weights.0.insert("score.weight".to_owned(), score);
    });
    assert!(
        matches!(&error, Error::UnexpectedTensors { names, .. } if names == &["score.weight"]),
        "{error}"
    );

    let error = error_of_weights(|weights| {
        let (dtype, shape, data) = (Dtype::F32, vec![2], vec![0; 8]);
        weights.0.insert(NAME.to_owned(), (dtype, shape, data));
    });
    assert!(
        matches!(&error, Error::TensorShape { name, wanted, found, .. }
            if name == NAME && wanted == &[48] && found == &[2]),
        "{error}"
    );

    let error = error_of_weights(|weights| {
        weights
            .0
            .insert(NAME.to_owned(), (Dtype::I32, vec![48], vec![0; 192]));
    });
    assert!(
        matches!(&error, Error::Tensor { name, .. } if name == NAME),
        "{error}"
    );
}
