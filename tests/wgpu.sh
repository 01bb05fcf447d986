#!/usr/bin/env bash
# The tests on wgpu, on a machine without a GPU: by Mesa's software Vulkan. Then that wgpu and CUDA compile together.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Mesa's lavapipe: Debian 12's own 22.3 and later ones work. It is fed WGSL: the feature `vulkan` (SPIR-V) crashes
# on 22.3. Without autotune, which takes minutes for one product there.
if ! compgen -G '/usr/share/vulkan/icd.d/lvp_icd*.json' >/dev/null; then
  apt-get update -qq && apt-get install -y -qq --no-install-recommends mesa-vulkan-drivers libvulkan1
fi
# Only lavapipe, also where there is a GPU; and a folder for its sockets, which it asks for on stderr otherwise.
VK_DRIVER_FILES=$(compgen -G '/usr/share/vulkan/icd.d/lvp_icd*.json' | head -n 1)
XDG_RUNTIME_DIR=$(mktemp -d)
export VK_DRIVER_FILES XDG_RUNTIME_DIR VK_ICD_FILENAMES=$VK_DRIVER_FILES

NNSIGHT_DEVICE=wgpu cargo test --release --locked -p nnsight --features wgpu --test it --test stalls

# CubeCL's CUDA backend fetches a build of LLVM, which only linking needs: with DOCS_RS it does not.
DOCS_RS=1 cargo check --workspace --all-targets --features wgpu,cuda --locked
