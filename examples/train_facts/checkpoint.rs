//! A folder in Hugging Face's layout: `config.json`, `model.safetensors`, `tokenizer.json`.

use std::error::Error;
use std::fs;
use std::path::Path;

use burn::store::{FloatCastAdapter, ModuleSnapshot, SafetensorsStore};
use burn::tensor::{DType, Device};
use serde_json::json;
use tokenizers::Tokenizer;

use crate::model::{Gpt2, Gpt2Shape, INIT_STD, LAYER_NORM_EPSILON};
use crate::tokenizer::end_of_text;

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.safetensors";
const TOKENIZER: &str = "tokenizer.json";

/// Writes the three files into an existing folder, the weights as f16. The output head is `wte` and is
/// not stored twice.
///
/// # Errors
/// Where a file cannot be written.
pub fn save(folder: &Path, model: &Gpt2, tokenizer: &Tokenizer) -> Result<(), Box<dyn Error>> {
    let config = serde_json::to_string_pretty(&config(tokenizer))?;
    fs::write(folder.join(CONFIG), config + "\n")?;
    tokenizer
        .save(folder.join(TOKENIZER), true)
        .map_err(|error| error.to_string())?;

    // GPT-2's `Conv1D` stores [in, out], as Burn's `Linear` does: names change, layouts do not.
    let mut store = SafetensorsStore::from_file(folder.join(WEIGHTS))
        .overwrite(true)
        .clear_metadata()
        .metadata("format", "pt")
        .with_to_adapter(FloatCastAdapter::to(DType::F16))
        .with_key_remapping("^", "transformer.")
        .with_key_remapping(r"\.gamma$", ".weight")
        .with_key_remapping(r"\.beta$", ".bias");
    model.save_into(&mut store)?;
    Ok(())
}

/// Reads the weights back, as f32, into a model on this device.
///
/// # Errors
/// Where the file is missing, or a tensor is missing or has another shape.
pub fn load(folder: &Path, tokenizer: &Tokenizer, device: &Device) -> Result<Gpt2, Box<dyn Error>> {
    let mut store = SafetensorsStore::from_file(folder.join(WEIGHTS))
        .with_from_adapter(FloatCastAdapter::to(DType::F32))
        .with_key_remapping(r"^transformer\.", "")
        .with_key_remapping(r"(ln_1|ln_2|ln_f)\.weight$", "$1.gamma")
        .with_key_remapping(r"(ln_1|ln_2|ln_f)\.bias$", "$1.beta");
    let mut model = Gpt2::new(Gpt2Shape::small(tokenizer.get_vocab_size(true)), device);
    model.load_from(&mut store)?;
    Ok(model)
}

fn config(tokenizer: &Tokenizer) -> serde_json::Value {
    let shape = Gpt2Shape::small(tokenizer.get_vocab_size(true));
    let end_of_text = end_of_text(tokenizer);
    json!({
        "activation_function": "gelu_new",
        "architectures": ["GPT2LMHeadModel"],
        "attn_pdrop": 0.0,
        "bos_token_id": end_of_text,
        "embd_pdrop": 0.0,
        "eos_token_id": end_of_text,
        "initializer_range": INIT_STD,
        "layer_norm_epsilon": LAYER_NORM_EPSILON,
        "model_type": "gpt2",
        "n_ctx": shape.positions,
        "n_embd": shape.width,
        "n_head": shape.heads,
        "n_inner": null,
        "n_layer": shape.layers,
        "n_positions": shape.positions,
        "resid_pdrop": 0.0,
        "tie_word_embeddings": true,
        "torch_dtype": "float16",
        "vocab_size": shape.vocabulary,
    })
}
