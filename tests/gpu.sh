#!/usr/bin/env bash
# Runs the tests on a machine with an NVIDIA GPU, through CUDA and through wgpu (Vulkan), and prints a report.
#
#   tests/gpu.sh [cuda] [wgpu]      both if none is named; the logs are kept in target/gpu-report
#
# Needs the NVIDIA driver, Rust, and for CUDA a C++ compiler and a network: the build fetches a build of LLVM.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

logs=${CARGO_TARGET_DIR:-target}/gpu-report
mkdir -p "$logs"
rows=()
failed=0

# run NAME COMMAND...: a row of the report, with the tests that it counted.
run() {
  local name=$1 log="$logs/${1// /-}.log" start=$SECONDS outcome=ok
  shift
  printf '\n=== %s: %s\n' "$name" "$*"
  if ! "$@" 2>&1 | tee "$log"; then
    outcome=FAILED
    failed=1
  fi
  local counted
  counted=$(awk '/^test result:/ { passed += $4; failed += $6 } END { printf "%d | %d", passed, failed }' "$log")
  rows+=("| $name | $outcome | $counted | $((SECONDS - start)) |")
}

devices=("$@")
[ ${#devices[@]} -gt 0 ] || devices=(cuda wgpu)

for device in "${devices[@]}"; do
  features=(--features "$device,remote,autotune")
  tests=(--workspace --locked "${features[@]}" --test it --test devices)
  [ "$device" != wgpu ] || tests+=(--test stalls)
  export NNSIGHT_DEVICE=$device
  run "$device devices" cargo run --locked "${features[@]}" -- devices
  run "$device tests" cargo test --no-fail-fast "${tests[@]}"
done

printf '\n## Report, %s\n\n' "$(date -u +%Y-%m-%d)"
printf 'Commit %s, %s\n\n' "$(git rev-parse --short HEAD 2>/dev/null || echo unknown)" "$(rustc --version)"
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null || echo 'nvidia-smi: no GPU found'
printf '\n| run | outcome | passed | failed | seconds |\n|---|---|---|---|---|\n'
printf '%s\n' "${rows[@]}"
grep -hE '^test .* \.\.\. FAILED$' "$logs"/*.log || true
exit "$failed"
