#!/usr/bin/env bash
# The tests on wgpu, on a machine without a GPU: by Mesa's software Vulkan, with what `cargo test` has built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What takes minutes in software for its size alone, and is tested on the CPU: 1,000 traces of 100,000 rows, and
# models of 124 and 135 million parameters, whose products run at 1 to 2 GFLOP/s.
too_large=(--skip a_thousand_traces_do_not_grow_memory --skip smollm2:: --skip published::)
# What is a law of the models' own, tried on many small ones: minutes in software, and tested on the CPU.
laws=(--skip cached::)
# What runs on the CPU, whatever the device of the tests is: 100,000 graph files, and servers.
of_the_cpu=(--skip strangers:: --skip server::)

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

# The README's command, for the test binaries that run a model: Burn, built once, is that of the tests on the CPU.
NNSIGHT_DEVICE=wgpu cargo test --workspace --features wgpu,remote,server --locked --test it --test devices --test stalls -- "${too_large[@]}" "${laws[@]}" "${of_the_cpu[@]}"
