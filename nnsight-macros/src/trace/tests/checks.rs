//! What rustc is made to check.

use super::*;

#[test]
fn literal_positions_are_checked() {
    checks("m.h[12].mlp.output.save()", &["layer .h, 12, \"m.h\""]);
    checks("m.h[-13].mlp", &["layer .h, -13, \"m.h\""]);
    checks(
        "m.a.output[.., 10].save()",
        &["index .a.output, 1, 10, \"m.a.output\""],
    );
    checks(
        "{ let h = m.a.output; h[.., 10].save() }",
        &["index .a.output, 1, 10, \"m.a.output\""],
    );
    checks(
        "m.a.output[2..=9, 0..4].save()",
        &[
            "slice .a.output, 0, 2, \"m.a.output\"",
            "index .a.output, 0, 9, \"m.a.output\"",
            "slice .a.output, 1, 4, \"m.a.output\"",
        ],
    );
    checks(
        "{ m.a.output.grad[10] = 0.0; loss.backward(); 1 }",
        &["index .a.output, 0, 10, \"m.a.output\""],
    );
    checks(
        "{ for b in m.h { b.output[5] = 0.0; } 1 }",
        &["index .h).output, 0, 5, \"b.output\""],
    );
    checks("m.a.output[i].save()", &[]);
    checks("(m.a.output * 2.0)[10].save()", &[]);
}

#[test]
fn the_order_of_the_forward_pass_is_checked() {
    let panics = |needed: &str, written: &str| {
        format!(
            "panic! \"the value of {needed} cannot be written into {written}, \
             which comes earlier in the forward pass\""
        )
    };
    checks(
        "{ m.a.input = m.a.output; 1 }",
        &[&panics("m.a.output", "m.a.input")],
    );
    checks(
        "{ m.a.input = m.output * 2.0; 1 }",
        &[&panics("m.output", "m.a.input")],
    );
    checks(
        "{ let h = m.a.b.output; m.a.input = -(h + 1.0); 1 }",
        &[&panics("m.a.b.output", "m.a.input")],
    );
    checks("{ m.a.output = m.a.input; m.output = m.a.output; 1 }", &[]);
    checks(
        "{ m.a.output = m.b.output; 1 }",
        &["order , \"a\", \"b\", \"m.a.output\", \"m.b.output\""],
    );
    checks(
        "{ m.h[i].a.output = m.h[j].a.output; m.a.output = m.b.call_idx(1).output; m.a.output = f(m.b.output); 1 }",
        &[],
    );
    checks(
        "{ for b in m.h { b.x.output = b.y.output; } 1 }",
        &["order .h), \"x\", \"y\", \"b.x.output\", \"b.y.output\""],
    );
    checks("{ m.a.output.grad = m.b.output; loss.backward(); 1 }", &[]);
}

#[test]
fn generic_models_are_checked_inside_of_the_function() {
    let expansion = expand(tokens("net, x, |m: Gpt2<C>| m.h[12].output.save()")).to_string();
    assert!(
        expansion.contains("const { :: nnsight :: __private :: check :: layer"),
        "{expansion}"
    );
    assert!(!expansion.contains("const _"), "{expansion}");
}

#[test]
fn a_trace_without_result_is_warned_of() {
    let warns = |call: &str| expand(tokens(call)).to_string().contains("deprecated");
    assert!(warns("net, x, |m: TinyNet| { m.a.output = 0.0; }"));
    assert!(warns("net, x, |m: TinyNet| m.a.output = 0.0"));
    assert!(warns("net, x, |m: TinyNet| { for b in m.h { b.output = 0.0; } }"));
    assert!(!warns("net, x, |m: TinyNet| { m.a.output.save() }"));
    assert!(warns("net, x, |m: TinyNet| { m.output.sum().backward(); }"));
    assert!(!warns("net, x, |m: TinyNet| { return m.a.output.save(); }"));
    assert!(!warns(
        "net, x, |m: TinyNet| m.output.sum().backward().parameter_grads()"
    ));
}
