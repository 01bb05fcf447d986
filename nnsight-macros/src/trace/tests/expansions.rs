//! Whole expansions as files in `tests/snapshots` that a reviewer can read
//! (`NNSIGHT_SNAPSHOTS=write cargo test -p nnsight-macros` writes them anew).

use super::*;
use std::path::Path;

#[track_caller]
fn snapshot(file: &str, call: &str) {
    let expansion = expand(tokens(call));
    let code =
        syn::parse2(quote::quote!(fn main() { let result = #expansion; })).expect("the macro writes Rust");
    let found = prettyplease::unparse(&code);
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/snapshots")
        .join(file);
    if std::env::var_os("NNSIGHT_SNAPSHOTS").is_some_and(|mode| mode == "write") {
        std::fs::write(&path, &found).expect("the folder of snapshots can be written");
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        wanted == found,
        "the expansion is not that of {}. It is now:\n{found}",
        path.display()
    );
}

#[test]
fn expansions() {
    snapshot(
        "trace_tiny_net.rs",
        "net, input, |m: TinyNet| {
            let before = m.layer1.output;
            m.layer1.output[.., 0] = 0.0;
            m.layer2.input *= 2.0;
            let after = m.layer1.output;
            (before.save(), after.save(), after.argmax(Hidden).save())
        }",
    );
    snapshot(
        "trace_gradients.rs",
        "net, input, |m: TinyNet| {
            m.layer1.output.grad[..] = 0.0;
            m.layer2.output.grad[.., 2..4] *= 2.0;
            m.output.sum().backward();
            (m.layer1.output.grad.save(), m.layer2.output.grad.save())
        }",
    );
    snapshot(
        "trace_losses.rs",
        "net, input, |m: TinyNet| {
            let hidden = m.layer1.output * 2.0;
            m.layer2.input = hidden;
            let first = m.output[.., 0].sum().backward();
            let second = m.output[.., 1].sum().backward();
            first.grad(hidden)[.., 0] = 0.0;
            (
                first.grad(hidden).save(),
                second.grad(m.layer1.output).save(),
                second.grad(m.layer1.weight).save(),
                first.parameter_grads(),
            )
        }",
    );
    snapshot(
        "trace_gradient_too_late.rs",
        "net, input, |m: TinyNet| {
            m.output.sum().backward();
            m.layer2.input = m.layer1.output.grad * 2.0;
            m.output.save()
        }",
    );
    snapshot(
        "trace_no_backward.rs",
        "net, input, |m: TinyNet| (m.layer1.output.grad.save(), m.layer1.weight.grad.save())",
    );
    snapshot(
        "trace_prompts.rs",
        "lm, |t: Gpt2| {
            let clean = t.invoke(\"The Eiffel Tower is in the city of\");
            let blank = t.invoke(\"_ _ _ _ _ _ _ _ _ _\");
            blank.transformer.wte.output = clean.transformer.h[-1].output;
            for block in blank.transformer.h {
                block.mlp.output[.., -1, ..] += steer;
            }
            (clean.lm_head.output.argmax(Vocab).save(), blank.lm_head.output.argmax(Vocab).save())
        }",
    );
    snapshot(
        "trace_generic.rs",
        "lm, prompt, |m: Gpt2<C>| m.transformer.h[-1].mlp.output[.., .., 3].save()",
    );
    snapshot(
        "trace_nothing_saved.rs",
        "net, input, |m: TinyNet| { m.layer1.output = 0.0; }",
    );
    snapshot(
        "trace_question.rs",
        "net, input, |m: TinyNet| {
            let by: f32 = number.parse()?;
            let all = numbers.iter().map(|number| Ok(number.parse::<f32>()?)).collect::<Vec<_>>();
            if all.is_empty() {
                return m.input.save();
            }
            (m.layer1.output[.., at?] * by).save()
        }",
    );
    snapshot(
        "trace_own_result.rs",
        "net, input, |m: TinyNet| {
            let by: f32 = number.parse()?;
            Ok::<_, ParseFloatError>((m.layer1.output * by).save())
        }",
    );
    snapshot("trace_no_type.rs", "net, input, |m| m.layer1.output.save()");
}
