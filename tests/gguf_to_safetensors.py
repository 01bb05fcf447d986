"""A GGUF file of Llama's architecture -> safetensors in bf16, under Hugging Face's names.

usage: python gguf_to_safetensors.py MODEL.gguf OUT.safetensors            (gguf, numpy, ml_dtypes)

llama.cpp stores the rows of queries and keys with the two halves of each rotary head interleaved; this puts them
back. It shares nothing with the Rust reader of GGUF, which the tests hold against it."""
import json
import os
import struct
import sys

import gguf
import ml_dtypes
import numpy as np

NAMES = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def hf_name(name):
    if name.startswith("blk."):
        _, layer, part, kind = name.split(".")
        return f"model.layers.{layer}.{NAMES[part]}.{kind}"
    part, kind = name.split(".")
    return f"{NAMES[part]}.{kind}"


def with_whole_halves(weight, heads):
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def read(path):
    reader = gguf.GGUFReader(path)
    heads = reader.fields["llama.attention.head_count"].contents()
    kv_heads = reader.fields["llama.attention.head_count_kv"].contents()
    tensors = {}
    for tensor in reader.tensors:
        weight = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        # The innermost axis comes first in the file.
        weight = weight.reshape([int(size) for size in reversed(tensor.shape)])
        if ".attn_q." in tensor.name:
            weight = with_whole_halves(weight, heads)
        if ".attn_k." in tensor.name:
            weight = with_whole_halves(weight, kv_heads)
        tensors[hf_name(tensor.name)] = np.ascontiguousarray(weight.astype(ml_dtypes.bfloat16))
    return tensors


def write(tensors, path):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name in sorted(tensors):
        end = offset + tensors[name].nbytes
        header[name] = {"dtype": "BF16", "shape": list(tensors[name].shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for name in sorted(tensors):
            file.write(tensors[name].tobytes())


tensors = read(sys.argv[1])
write(tensors, sys.argv[2])
print(f"{len(tensors)} tensors, {os.path.getsize(sys.argv[2])} bytes")
