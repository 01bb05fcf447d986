"""GPT-2 small of random weights in PyTorch (transformers, eager attention) and in Python's nnsight, on two threads.

usage: python forward.py [--rounds N] [--json]

Prints medians and quartiles of the wall clock. `--json` prints the same for `cargo bench --bench forward`, which
measures the Rust side of each case under the same name. The cases of a group take turns, round after round, so
that the machine's noise hits all of them."""
import argparse, json, os, statistics, sys, time

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel

try:
    import nnsight
except ImportError:
    nnsight = None

SHAPES = [(1, 64), (8, 64), (1, 256)]
PROMPT, NEW = 64, 32
THREADS = 2


def token_ids(batch, seq):
    return (torch.arange(batch * seq) * 37 % 50257).view(batch, seq)


def measure(rounds, cases):
    """Runs `{(peer, case): function}` in turn; gives `{(peer, case): (first quartile, median, third quartile)}`."""
    for run in cases.values():
        for _ in range(-(-rounds // 20)):
            run()
    times = {name: [] for name in cases}
    for _ in range(rounds):
        for name, run in cases.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.quantiles(t, n=4, method="inclusive") for name, t in times.items()}


def forward_cases(model):
    cases = {}
    for batch, seq in SHAPES:
        ids = token_ids(batch, seq)
        cases["PyTorch", f"forward {batch} x {seq}"] = lambda ids=ids: model(ids, use_cache=False).logits
    return cases


def generation_cases(model):
    ids = token_ids(1, PROMPT)

    def generate():
        new = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=NEW,
                             min_new_tokens=NEW, pad_token_id=0)
        assert new.shape[1] == PROMPT + NEW

    return {("PyTorch", f"{NEW} tokens after {PROMPT}"): generate}


def traced_cases(model):
    """nnsight on GPT-2: what a trace adds to 1 x 64."""
    traced = nnsight.NNsight(model)
    ids = token_ids(1, 64)

    def logits():
        with traced.trace(ids, use_cache=False):
            logits = traced.lm_head.output.save()
        assert logits.shape == (1, 64, 50257)

    def blocks():
        with traced.trace(ids, use_cache=False):
            blocks = nnsight.save([block.output for block in traced.transformer.h])
            logits = traced.lm_head.output.save()
        assert len(blocks) == 12 and blocks[0].shape == (1, 64, 768)

    return {
        ("PyTorch", "forward 1 x 64, again"): lambda: model(ids, use_cache=False).logits,
        ("nnsight", "1 x 64, logits saved"): logits,
        ("nnsight", "1 x 64, 12 blocks and logits saved"): blocks,
    }


def stack_cases():
    """12 x Linear(64) on one row, so small that a trace's own cost shows: the model of benches/hooks.rs."""
    stack = torch.nn.Sequential(*[torch.nn.Linear(64, 64) for _ in range(12)]).eval()
    x = torch.rand(1, 64)
    cases = {("PyTorch", "12 x Linear(64)"): lambda: stack(x)}
    if nnsight is None:
        return cases
    traced = nnsight.NNsight(stack)

    def bare():
        with traced.trace(x):
            pass

    def output():
        with traced.trace(x):
            out = traced.output.save()
        assert out.shape == (1, 64)

    def layers():
        with traced.trace(x):
            saved = nnsight.save([layer.output for layer in traced])
        assert len(saved) == 12 and saved[0].shape == (1, 64)

    cases["nnsight", "12 x Linear(64), bare trace"] = bare
    cases["nnsight", "12 x Linear(64), output saved"] = output
    cases["nnsight", "12 x Linear(64), 12 layers saved"] = layers
    return cases


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=30, help="of each case that runs the whole model")
    options.add_argument("--json", action="store_true")
    options = options.parse_args()
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    torch.set_grad_enabled(False)
    model = GPT2LMHeadModel._from_config(GPT2Config(), attn_implementation="eager").eval()
    assert model.config._attn_implementation == "eager"

    groups = [(options.rounds, forward_cases(model)), (max(options.rounds // 3, 3), generation_cases(model))]
    if nnsight is not None:
        groups.append((options.rounds, traced_cases(model)))
    groups.append((options.rounds * 30, stack_cases()))
    results = {}
    for rounds, cases in groups:
        if sys.stderr.isatty():
            print(", ".join(case for _, case in cases), file=sys.stderr)
        results.update(measure(rounds, cases))

    versions = dict(python=sys.version.split()[0], torch=torch.__version__, transformers=transformers.__version__,
                    nnsight=nnsight.__version__ if nnsight else None)
    if options.json:
        rows = [dict(peer=peer, case=case, quartiles=quartiles) for (peer, case), quartiles in results.items()]
        json.dump(dict(versions=versions, threads=THREADS, cases=rows), sys.stdout)
        return
    print(", ".join(f"{name} {version}" for name, version in versions.items()), f"- {THREADS} threads")
    for (peer, case), (first, median, third) in results.items():
        note = f"  {NEW / median:.1f} tokens/s" if case.startswith(f"{NEW} tokens") else ""
        print(f"  {peer:<8} {case:<38} {median * 1e3:>10.3f} ms  [{first * 1e3:.3f} .. {third * 1e3:.3f}]{note}")


main()
