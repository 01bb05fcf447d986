//! A GGUF file's tensors, by the names of the Burn modules.

use super::{ROPE_FACTORS, broken};
use crate::error::{Error, Result};
use anamnesis::{F32Out, GgufMetadataValue, GgufTensorInfo, GgufType, ParsedGguf};
use burn::store::burn_pack;
use burn::tensor::{DType, bf16, f16};
use std::path::Path;
use std::sync::Arc;

/// llama.cpp's names of a model's parts, and those of the Burn modules.
const PARTS: [(&str, &str); 3] = [
    ("token_embd.", "model.embed_tokens."),
    ("output_norm.", "model.norm."),
    ("output.", "lm_head."),
];
/// The same for the parts of a block.
const BLOCK_PARTS: [(&str, &str); 9] = [
    ("attn_norm.", "input_layernorm."),
    ("attn_q.", "self_attn.q_proj."),
    ("attn_k.", "self_attn.k_proj."),
    ("attn_v.", "self_attn.v_proj."),
    ("attn_output.", "self_attn.o_proj."),
    ("ffn_norm.", "post_attention_layernorm."),
    ("ffn_gate.", "mlp.gate_proj."),
    ("ffn_up.", "mlp.up_proj."),
    ("ffn_down.", "mlp.down_proj."),
];

/// The tensors of a file by the names of the Burn modules; each is read and dequantised when it is wanted.
pub fn stored_tensors(file: &Path) -> Result<Vec<burn_pack::Tensor>> {
    let parsed = Arc::new(anamnesis::parse_gguf(file).map_err(|error| broken(file, error))?);
    let turns = Interleaved::of(&parsed);
    let tensors = parsed.tensor_info().iter();
    tensors
        .filter(|tensor| tensor.name != ROPE_FACTORS)
        .map(|tensor| stored(&parsed, tensor, turns.heads(&tensor.name), file))
        .collect()
}

fn stored(
    parsed: &Arc<ParsedGguf>,
    tensor: &GgufTensorInfo,
    interleaved: Option<usize>,
    file: &Path,
) -> Result<burn_pack::Tensor> {
    // The innermost axis comes first in the file.
    let shape: Vec<usize> = tensor.shape.iter().rev().copied().collect();
    let elements = shape
        .iter()
        .try_fold(4usize, |size, axis| size.checked_mul(*axis));
    let size = elements.ok_or_else(|| Error::BrokenGguf {
        file: file.to_owned(),
        reason: format!("`{}` has the shape {shape:?}", tensor.name),
    })?;
    let (parsed, tensor) = (Arc::clone(parsed), tensor.clone());
    let (name, rows) = (burn_name(&tensor.name), shape.first().copied().unwrap_or(1));
    let provide = move || {
        let bytes = dequantised(&parsed, &tensor).map_err(burn_pack::Error::ValidationError)?;
        Ok(burn_pack::Bytes::from_bytes_vec(match interleaved {
            Some(heads) => with_whole_halves(&bytes, rows, heads),
            None => bytes,
        }))
    };
    Ok(burn_pack::Tensor::deferred(
        name,
        DType::F32,
        shape,
        None,
        size,
        provide,
    ))
}

/// The f32 of a tensor, as bytes.
fn dequantised(parsed: &ParsedGguf, tensor: &GgufTensorInfo) -> Result<Vec<u8>, String> {
    let data = || {
        let found = parsed.tensors().find(|found| found.name == tensor.name);
        found
            .map(|found| found.data.into_owned())
            .ok_or_else(|| "it lies outside of the file".to_owned())
    };
    let halves = |convert: fn([u8; 2]) -> f32| {
        let bytes = data()?;
        let (halves, _) = bytes.as_chunks::<2>();
        Ok(halves
            .iter()
            .flat_map(|half| convert(*half).to_le_bytes())
            .collect())
    };
    match tensor.dtype {
        GgufType::F32 => data(),
        GgufType::F16 => halves(|half| f16::from_le_bytes(half).to_f32()),
        GgufType::BF16 => halves(|half| bf16::from_le_bytes(half).to_f32()),
        _ => parsed
            .dequantize_tensor_as::<F32Out>(tensor)
            .map_err(|error| error.to_string()),
    }
}

/// `blk.3.attn_q.weight` to `model.layers.3.self_attn.q_proj.weight`. What is not known keeps its name, so that
/// the message about it has that.
fn burn_name(name: &str) -> String {
    let renamed = match name.strip_prefix("blk.").and_then(|rest| rest.split_once('.')) {
        Some((layer, part)) => rename(part, &BLOCK_PARTS).map(|part| format!("model.layers.{layer}.{part}")),
        None => rename(name, &PARTS),
    };
    let name = renamed.unwrap_or_else(|| name.to_owned());
    // Burn's norms call their parameter gamma.
    match name.strip_suffix("norm.weight") {
        Some(norm) => format!("{norm}norm.gamma"),
        None => name,
    }
}

fn rename(name: &str, parts: &[(&str, &str)]) -> Option<String> {
    let renamed =
        |(theirs, ours): &(&str, &str)| name.strip_prefix(theirs).map(|kind| format!("{ours}{kind}"));
    parts.iter().find_map(renamed)
}

/// How many heads the rows of queries and of keys are of, where llama.cpp has interleaved them.
///
/// In files of the architecture `llama` the two entries of a plane stand beside each other; here, as in Hugging
/// Face's files, the first entries of all planes come before the second ones.
#[derive(Clone, Copy, Debug, Default)]
struct Interleaved {
    queries: Option<usize>,
    keys: Option<usize>,
}

impl Interleaved {
    fn of(parsed: &ParsedGguf) -> Self {
        let metadata = parsed.metadata();
        let architecture = metadata
            .get("general.architecture")
            .and_then(|value| value.as_string());
        if architecture != Some("llama") {
            return Self::default();
        }
        let heads = |name: &str| match metadata.get(name) {
            Some(GgufMetadataValue::U32(heads)) => Some(*heads as usize),
            _ => None,
        };
        let queries = heads("llama.attention.head_count");
        Self {
            queries,
            keys: heads("llama.attention.head_count_kv").or(queries),
        }
    }

    fn heads(self, tensor: &str) -> Option<usize> {
        if tensor.contains(".attn_q.") {
            self.queries
        } else if tensor.contains(".attn_k.") {
            self.keys
        } else {
            None
        }
    }
}

/// Undoes the interleaving of rows: row `2 i + j` of a head goes to row `j * half + i`. Rows that are no pairs of
/// as many heads stay where they are, and are found out by their number.
fn with_whole_halves(bytes: &[u8], rows: usize, heads: usize) -> Vec<u8> {
    if heads == 0 || rows == 0 || !rows.is_multiple_of(2 * heads) {
        return bytes.to_vec();
    }
    let (head, half) = (rows / heads, rows / heads / 2);
    let row = bytes.len() / rows;
    let source = |to: usize| {
        let (of_head, at) = (to / head * head, to % head);
        of_head + at % half * 2 + at / half
    };
    (0..rows)
        .flat_map(|to| &bytes[source(to) * row..][..row])
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_modules() {
        let names = [
            ("token_embd.weight", "model.embed_tokens.weight"),
            ("output_norm.weight", "model.norm.gamma"),
            ("output.weight", "lm_head.weight"),
            ("blk.12.attn_norm.weight", "model.layers.12.input_layernorm.gamma"),
            ("blk.0.attn_output.bias", "model.layers.0.self_attn.o_proj.bias"),
            ("blk.3.ffn_down.weight", "model.layers.3.mlp.down_proj.weight"),
            ("blk.0.ffn_gate_inp.weight", "blk.0.ffn_gate_inp.weight"),
        ];
        for (theirs, ours) in names {
            assert_eq!(burn_name(theirs), ours);
        }
    }

    #[test]
    fn rows_of_a_head_are_taken_apart() {
        // Two heads of two planes, two bytes a row: first and second entries of the planes a and b.
        let interleaved = *b"a1a2b1b2c1c2d1d2";
        assert_eq!(with_whole_halves(&interleaved, 8, 2), b"a1b1a2b2c1d1c2d2");
        assert_eq!(with_whole_halves(&interleaved, 8, 3), interleaved);
    }
}
