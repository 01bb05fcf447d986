//! GPT-NeoX's files: what is taken, under which names, and what is refused.

use super::{IDS_A, fixture, goldens, ids, parallel};
use crate::common::{Directory, Weights};
use crate::device::device;
use nnsight_models::config_json::{ConfigJson, Wrong};
use nnsight_models::load::ConfigFile;
use nnsight_models::neox::{self, NeoxConfig};
use nnsight_models::{CausalLm, Error, Result};
use safetensors::Dtype;

#[test]
fn configs_of_transformers_5_say_the_same_in_other_fields() {
    const TEXT: &str = r#"{"vocab_size": 257, "hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 3,
        "num_attention_heads": 3, "max_position_embeddings": 64, "model_type": "gpt_neox",
        "rope_parameters": {"partial_rotary_factor": 0.25, "rope_theta": 1000, "rope_type": "default"}}"#;
    const READ: Result<neox::ConfigValues, Wrong<'_>> = neox::ConfigValues::read(ConfigJson::new(TEXT));
    assert_eq!(READ, Ok(parallel::Parallel::VALUES));
    let directory = Directory::new();
    let file = directory.path().join("config.json");
    std::fs::write(&file, TEXT).unwrap();
    let config = ConfigFile::read(file).unwrap();
    parallel::GptNeoX::check_config(&config).unwrap();
}

/// The fixture's directory with its config after an edit.
fn with_config(edit: impl FnOnce(String) -> String) -> Directory {
    let directory = Directory::new();
    let text = std::fs::read_to_string(fixture("config.json")).unwrap();
    std::fs::write(directory.path().join("config.json"), edit(text)).unwrap();
    let weights = directory.path().join("model.safetensors");
    std::fs::copy(fixture("model.safetensors"), weights).unwrap();
    directory
}

fn load(directory: &Directory) -> Result<parallel::GptNeoX> {
    parallel::GptNeoX::from_dir(directory.path(), &device())
}

#[test]
fn masks_and_frequencies_of_old_files_are_left_out_and_the_head_has_two_names() {
    let directory = with_config(|text| text);
    let mut weights = Weights::of(&fixture("model.safetensors"));
    weights.rename(|name| name.replace("embed_out", "lm_head"));
    for layer in 0..3 {
        for name in ["bias", "masked_bias", "rotary_emb.inv_freq"] {
            let name = format!("gpt_neox.layers.{layer}.attention.{name}");
            weights.0.insert(name, (Dtype::F32, vec![4], vec![0; 16]));
        }
    }
    weights.write(&directory.path().join("model.safetensors"));
    let logits = load(&directory).unwrap().logits(ids(&IDS_A));
    goldens().check("parallel.embed_out.output", logits);
}

#[test]
fn a_head_that_is_missing_is_not_taken_from_the_embedding() {
    let directory = with_config(|text| text);
    let mut weights = Weights::of(&fixture("model.safetensors"));
    weights.0.remove("embed_out.weight");
    weights.0.remove("gpt_neox.final_layer_norm.weight");
    weights.write(&directory.path().join("model.safetensors"));
    let error = load(&directory).unwrap_err();
    let Error::MissingTensors { mut names, .. } = error else {
        panic!("{error}");
    };
    names.sort();
    assert_eq!(names, ["embed_out.weight", "gpt_neox.final_layer_norm.weight"]);
}

#[test]
fn a_config_that_differs_is_refused_with_every_field() {
    let other = with_config(|text| {
        let text = text.replace("\"rotary_pct\": 0.25", "\"rotary_pct\": 0.5");
        let text = text.replace("\"rotary_emb_base\": 1000", "\"rotary_emb_base\": 10000");
        let text = text.replace(
            "\"use_parallel_residual\": true",
            "\"use_parallel_residual\": false",
        );
        text.replace("\"hidden_act\": \"gelu\"", "\"hidden_act\": \"gelu_new\"")
    });
    let error = load(&other).unwrap_err().to_string();
    for part in [
        "`rotary_pct` is 0.5 in the file and 0.25 in the type",
        "`rotary_emb_base` is 10000 in the file and 1000 in the type",
        "`use_parallel_residual` is false in the file and true in the type",
        "`hidden_act` is gelu_new in the file and gelu in the type",
        "neox_config!",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }

    let error = neox::pythia_70m::GptNeoX::from_dir(fixture(""), &device()).unwrap_err();
    let Error::OtherSize { fields, name, .. } = error else {
        panic!("{error}");
    };
    assert_eq!((name, fields.len()), ("pythia_70m", 7));
}

#[test]
fn a_config_that_asks_for_what_is_not_computed_is_refused() {
    let field_of = |edit: fn(String) -> String| match load(&with_config(edit)).unwrap_err() {
        Error::ConfigField { field, .. } => field,
        other => panic!("{other}"),
    };
    let replaced = field_of(|text| text.replace("\"hidden_act\": \"gelu\"", "\"hidden_act\": \"mish\""));
    assert_eq!(replaced, "hidden_act");
    let tied =
        field_of(|text| text.replace("\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true"));
    assert_eq!(tied, "tie_word_embeddings");
    let unbiased = field_of(|text| text.replacen('{', "{\"attention_bias\": false,", 1));
    assert_eq!(unbiased, "attention_bias");
    let scaled = field_of(|text| {
        text.replacen(
            '{',
            "{\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2.0},",
            1,
        )
    });
    assert_eq!(scaled, "rope_scaling.type");
    let scaled = field_of(|text| text.replacen('{', "{\"rope_parameters\": {\"rope_type\": \"yarn\"},", 1));
    assert_eq!(scaled, "rope_parameters.rope_type");
    let missing = field_of(|text| text.replace("intermediate_size", "intermediate"));
    assert_eq!(missing, "intermediate_size");
    let error = load(&with_config(|text| text.replace("gpt_neox", "gptj"))).unwrap_err();
    assert!(
        matches!(&error, Error::OtherFamily { found, .. } if found == "gptj"),
        "{error}"
    );
}
