//! A GGUF file's metadata, under Hugging Face's names.

use super::metadata::json;
use super::{ARCHITECTURES, ROPE_FACTORS, broken, open};
use crate::error::{Error, Result};
use crate::load::ConfigFile;
use anamnesis::{GgufFrontMatter, GgufMetadataValue, GgufTensorInfo, GgufType};
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Fields that differ in their name only, llama.cpp's without the architecture before it.
const FIELDS: [(&str, &str); 9] = [
    ("block_count", "num_hidden_layers"),
    ("context_length", "max_position_embeddings"),
    ("embedding_length", "hidden_size"),
    ("feed_forward_length", "intermediate_size"),
    ("attention.head_count", "num_attention_heads"),
    ("attention.head_count_kv", "num_key_value_heads"),
    ("attention.key_length", "head_dim"),
    ("attention.layer_norm_rms_epsilon", "rms_norm_eps"),
    ("rope.freq_base", "rope_theta"),
];

/// What a `config.json` would say of the model in a GGUF file. Its weights are not read.
pub fn config(file: &Path) -> Result<ConfigFile> {
    let mut reader = open(file)?;
    let header =
        anamnesis::parse_gguf_front_matter_from_reader(&mut reader).map_err(|error| broken(file, error))?;
    let architecture = match header.metadata.get("general.architecture") {
        Some(GgufMetadataValue::String(name)) if ARCHITECTURES.contains(&name.as_str()) => name.as_str(),
        other => {
            return Err(Error::ConfigField {
                file: file.to_owned(),
                field: "general.architecture",
                wanted: format!("one of {}", ARCHITECTURES.join(", ")),
                found: other.map_or("missing".to_owned(), |found| format!("`{}`", json(found))),
            });
        }
    };
    let get = |name: &str| header.metadata.get(&format!("{architecture}.{name}")).map(json);

    let mut fields = Map::new();
    fields.insert("model_type".to_owned(), architecture.into());
    for (theirs, ours) in FIELDS {
        fields.extend(get(theirs).map(|value| (ours.to_owned(), value)));
    }
    let tensor = |name: &str| header.tensor_infos.iter().find(|tensor| tensor.name == name);
    let has = |name| Value::from(tensor(name).is_some());
    fields.extend([
        ("attention_bias".to_owned(), has("blk.0.attn_q.bias")),
        ("mlp_bias".to_owned(), has("blk.0.ffn_gate.bias")),
        (
            "tie_word_embeddings".to_owned(),
            tensor("output.weight").is_none().into(),
        ),
    ]);
    // (Hidden, Vocab): the innermost axis comes first.
    if let Some([_, vocab]) = tensor("token_embd.weight").map(|tensor| tensor.shape.as_slice()) {
        fields.insert("vocab_size".to_owned(), (*vocab).into());
    }
    if let Some(turned) = get("rope.dimension_count").and_then(|value| value.as_u64())
        && let Some(head_dim) = head_dim(&fields)
        && turned != head_dim
    {
        let part = turned as f64 / head_dim as f64;
        fields.insert("partial_rotary_factor".to_owned(), part.into());
    }
    if let Some(scaling) = rope_scaling(&header, &mut reader, get, &fields, file)? {
        fields.insert("rope_scaling".to_owned(), scaling);
    }
    if get("expert_count")
        .and_then(|value| value.as_u64())
        .is_some_and(|count| count > 0)
    {
        fields.insert("num_local_experts".to_owned(), get("expert_count").into());
    }
    Ok(ConfigFile::from_fields(file.to_owned(), fields))
}

fn head_dim(fields: &Map<String, Value>) -> Option<u64> {
    let number = |field: &str| fields.get(field).and_then(Value::as_u64);
    number("head_dim").or_else(|| number("hidden_size")?.checked_div(number("num_attention_heads")?))
}

/// How the frequencies of rotary positions are changed: by metadata, or by a tensor of factors.
fn rope_scaling(
    header: &GgufFrontMatter,
    reader: &mut File,
    get: impl Fn(&str) -> Option<Value>,
    fields: &Map<String, Value>,
    file: &Path,
) -> Result<Option<Value>> {
    if let Some(tensor) = header
        .tensor_infos
        .iter()
        .find(|tensor| tensor.name == ROPE_FACTORS)
    {
        let factors = floats(reader, tensor, file)?;
        let base = fields
            .get("rope_theta")
            .and_then(Value::as_f64)
            .unwrap_or(10_000.0);
        return llama3_scaling(&factors, base)
            .map(Some)
            .ok_or_else(|| Error::ConfigField {
                file: file.to_owned(),
                field: ROPE_FACTORS,
                wanted: "the factors of Llama 3.1, made of low_freq_factor 1, high_freq_factor 4 and \
                         original_max_position_embeddings 8192"
                    .to_owned(),
                found: "made otherwise".to_owned(),
            });
    }
    let kind = get("rope.scaling.type").filter(|kind| kind != "none");
    Ok(kind.map(|kind| {
        json!({
            "rope_type": kind,
            "factor": get("rope.scaling.factor"),
            "original_max_position_embeddings": get("rope.scaling.original_context_length"),
        })
    }))
}

/// The scaling that gives these factors, by which each plane is slowed, if it is one of Llama 3.1: all its
/// models have the same three numbers, and a factor of their own.
fn llama3_scaling(factors: &[f32], base: f64) -> Option<Value> {
    const LOW: f64 = 1.0;
    const HIGH: f64 = 4.0;
    const ORIGINAL: f64 = 8192.0;
    let factor = f64::from(factors.iter().copied().reduce(f32::max)?);
    let expected = |plane: usize| {
        let frequency = base.powf(-(plane as f64) / factors.len() as f64);
        let turns = ORIGINAL * frequency / std::f64::consts::TAU;
        let fast = ((turns - LOW) / (HIGH - LOW)).clamp(0.0, 1.0);
        1.0 / ((1.0 - fast) / factor + fast)
    };
    let agree = |(plane, found): (usize, &f32)| {
        let expected = expected(plane);
        (f64::from(*found) - expected).abs() <= 1e-4 * expected
    };
    factors.iter().enumerate().all(agree).then(|| {
        json!({
            "rope_type": "llama3",
            "factor": factor,
            "low_freq_factor": LOW,
            "high_freq_factor": HIGH,
            "original_max_position_embeddings": ORIGINAL as u64,
        })
    })
}

/// A small tensor of f32, out of the file.
fn floats(reader: &mut File, tensor: &GgufTensorInfo, file: &Path) -> Result<Vec<f32>> {
    let length = match (tensor.dtype, tensor.byte_len) {
        // A head has at most a few hundred planes.
        (GgufType::F32, Some(length)) if length <= 1 << 16 => length as usize,
        _ => {
            return Err(Error::BrokenGguf {
                file: file.to_owned(),
                reason: format!("`{}` is not a few numbers in f32", tensor.name),
            });
        }
    };
    let mut bytes = vec![0; length];
    let read = reader
        .seek(SeekFrom::Start(tensor.data_offset))
        .and_then(|_| reader.read_exact(&mut bytes));
    read.map_err(|source| Error::Io {
        file: file.to_owned(),
        source,
    })?;
    let (numbers, _) = bytes.as_chunks::<4>();
    Ok(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scaling_of_llama_3_2_is_known_by_its_factors() {
        // transformers 5.23 for Llama-3.2-1B: each plane's plain frequency by its scaled one.
        let mut factors = [1.0f32; 32];
        factors[18..].fill(32.0);
        factors[15..18].copy_from_slice(&[1.651_329_2, 3.292_262_6, 9.666_73]);
        let found = llama3_scaling(&factors, 500_000.0).expect("they are Llama 3.2's");
        assert_eq!(
            (&found["rope_type"], &found["factor"]),
            (&json!("llama3"), &json!(32.0))
        );
        assert_eq!(llama3_scaling(&factors, 10_000.0), None);
        factors[16] = 3.0;
        assert_eq!(llama3_scaling(&factors, 500_000.0), None);
        assert_eq!(llama3_scaling(&[], 500_000.0), None);
    }
}
