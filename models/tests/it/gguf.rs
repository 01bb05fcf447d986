//! GGUF files: `tests/fixtures/llama-gguf`, made by `make_llama_gguf.py` beside it, in which each tensor is
//! quantised in another way.

use crate::common::Directory;
use crate::device::device;
use crate::goldens::Goldens;
use crate::tolerance::Tolerance;
use nnsight_models::gpt2::small::Gpt2;
use nnsight_models::llama::{Llama, LlamaConfig, llama2_7b};
use nnsight_models::load::Source;
use nnsight_models::{CausalLm, Error, LanguageModel, llama_config};
use std::path::{Path, PathBuf};

llama_config! {
    mod quantised {
        pub struct Quantised = "../../../tests/fixtures/llama-gguf/llama.json";
    }
}

llama_config! {
    mod qwen2 {
        pub struct Qwen2 = "../../../tests/fixtures/llama-gguf/qwen2.json";
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures/llama-gguf")
        .join(name)
}

fn has_pytorchs_logits<C: LlamaConfig>(name: &str) {
    let goldens = Goldens::read(
        &fixture(&format!("{name}.goldens.safetensors")),
        Tolerance::LLAMA.here(),
    );
    let file = fixture(&format!("{name}.gguf"));
    let lm = LanguageModel::<Llama<C>>::from_gguf(&file)
        .unwrap()
        .with_device(device());
    assert!(!lm.is_dispatched(), "opening reads no weights");
    let logits = lm.trace(goldens.ids("ids"), |m| m.lm_head.output.get().save());
    goldens.check("logits", logits.unwrap());

    let model = Llama::<C>::from_gguf(&file, &device()).unwrap();
    goldens.check("logits", model.logits(goldens.ids("ids")));
    assert!(LanguageModel::<Llama<C>>::from_pretrained(file.to_str().unwrap()).is_ok());
}

#[test]
fn a_llama_in_many_quantisations_has_pytorchs_logits() {
    has_pytorchs_logits::<quantised::Quantised>("llama");
}

#[test]
fn a_qwen2_with_biases_and_a_tied_head_has_pytorchs_logits() {
    has_pytorchs_logits::<qwen2::Qwen2>("qwen2");
}

#[test]
fn metadata_have_hugging_faces_names() {
    let config = Source::gguf(fixture("qwen2.gguf")).unwrap().config().unwrap();
    assert_eq!(config.usize("num_hidden_layers").unwrap(), Some(1));
    assert_eq!(config.f64("rope_theta").unwrap(), Some(20_000.0));
    assert_eq!(config.f64("rope_scaling.factor").unwrap(), Some(4.0));
    assert_eq!(config.bool("tie_word_embeddings").unwrap(), Some(true));
    assert!(config.is_gguf());
}

/// The llama's file after an edit.
fn edited(edit: impl FnOnce(&mut Vec<u8>)) -> (Directory, PathBuf) {
    let directory = Directory::new();
    let mut bytes = std::fs::read(fixture("llama.gguf")).unwrap();
    edit(&mut bytes);
    let file = directory.path().join("model.gguf");
    std::fs::write(&file, bytes).unwrap();
    (directory, file)
}

#[test]
fn files_that_do_not_fit_are_refused_by_name() {
    let other = LanguageModel::<llama2_7b::Llama>::from_gguf(fixture("llama.gguf")).unwrap_err();
    let message = other.to_string();
    assert!(matches!(other, Error::OtherSize { .. }), "{message}");
    assert!(
        message.contains("`num_hidden_layers` is 2 in the file and 32 in the type"),
        "{message}"
    );
    let family = LanguageModel::<Gpt2>::from_gguf(fixture("llama.gguf")).unwrap_err();
    assert!(
        matches!(&family, Error::OtherFamily { found, .. } if found == "llama"),
        "{family}"
    );

    let (_directory, file) = edited(|bytes| {
        let at = bytes.windows(5).position(|window| window == b"llama").unwrap();
        bytes[at..at + 5].copy_from_slice(b"gemma");
    });
    let error = LanguageModel::<quantised::Llama>::from_gguf(&file)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`general.architecture` is `\"gemma\"`, wanted one of llama, qwen2"),
        "{error}"
    );
}

#[test]
fn files_that_are_broken_or_missing_are_named() {
    type Edit = fn(&mut Vec<u8>);
    let edits: [Edit; 4] = [
        |bytes| bytes.clear(),
        |bytes| bytes[0] = b'X',
        |bytes| bytes.truncate(200),
        |bytes| bytes.truncate(bytes.len() / 2),
    ];
    for edit in edits {
        let (_directory, broken) = edited(edit);
        let error = Llama::<quantised::Quantised>::from_gguf(&broken, &device()).unwrap_err();
        let named =
            matches!(&error, Error::BrokenGguf { file, .. } | Error::Io { file, .. } if *file == broken);
        assert!(named, "{error:?}");
    }
    let error = LanguageModel::<quantised::Llama>::from_pretrained("no/such.gguf").unwrap_err();
    assert!(matches!(error, Error::MissingFile { .. }), "{error}");
}
