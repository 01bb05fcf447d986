#!/usr/bin/env bash
# The tests on wgpu, on a machine without a GPU: by Mesa's software Vulkan. Then that wgpu and CUDA compile together.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

features=wgpu,remote

# What computes here is the driver's code: ours is compiled with less optimisation, in less time.
export CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_DEBUG=false

# What takes minutes in software for its size alone, and is tested on the CPU: 1,000 traces of 100,000 rows, and
# models of 124 and 135 million parameters, whose products run at 1 to 2 GFLOP/s.
too_large=(--skip a_thousand_traces_do_not_grow_memory --skip smollm2:: --skip published::)

# Mesa's lavapipe: Debian 12's own 22.3 and later ones work. It is fed WGSL: the feature `vulkan` (SPIR-V) crashes
# on 22.3. Without autotune, which takes minutes for one product there.
if ! compgen -G '/usr/share/vulkan/icd.d/lvp_icd*.json' >/dev/null; then
  apt-get update -qq && apt-get install -y -qq --no-install-recommends mesa-vulkan-drivers libvulkan1
fi
# Only lavapipe, also where there is a GPU; and a folder for its sockets, which it asks for on stderr otherwise.
VK_DRIVER_FILES=$(compgen -G '/usr/share/vulkan/icd.d/lvp_icd*.json' | head -n 1)
XDG_RUNTIME_DIR=$(mktemp -d)
trap 'rm -rf "$XDG_RUNTIME_DIR"' EXIT
export VK_DRIVER_FILES XDG_RUNTIME_DIR VK_ICD_FILENAMES=$VK_DRIVER_FILES

step() { printf '\n=== wgpu: %s (%s s)\n' "$1" "$SECONDS"; }

# Both packages at once, so that Burn is compiled with one set of features.
tests=(--release --locked -p nnsight -p nnsight-models --features "$features" --test it --test stalls)
step 'building the tests'
cargo test "${tests[@]}" --no-run
step 'tests'
NNSIGHT_DEVICE=wgpu cargo test "${tests[@]}" -- "${too_large[@]}"

# The libraries and the tests, with CUDA. CubeCL's CUDA backend fetches a build of LLVM, which only linking needs:
# with DOCS_RS it does not.
step 'clippy with CUDA'
DOCS_RS=1 cargo clippy --locked -p nnsight -p nnsight-models --features "$features,cuda" --lib --bins --test it \
  --test stalls -- -D warnings
step 'done'
