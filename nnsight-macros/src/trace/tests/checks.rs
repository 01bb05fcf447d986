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

/// The checks of order of a body, each as the ways to the two sites, and how much of them is shared.
fn orders(body: &str, wanted: &[&str]) {
    let sites = "<<TinyNetas::nnsight::Inspectable>::Sitesas::nnsight::SiteTree>::SITES";
    let found = rewritten(body).1.into_iter().map(|check| {
        let check = check.replace(' ', "").replace(sites, "m");
        check
            .replace("::nnsight::__private::check::", "")
            .replace("::nnsight::", "")
    });
    let found: Vec<String> = found
        .map(|check| check.trim_end_matches(')').to_owned())
        .collect();
    let wanted = wanted.iter().map(|check| check.replace(' ', ""));
    let wanted: Vec<String> = wanted
        .map(|check| check.trim_end_matches(')').to_owned())
        .collect();
    assert_eq!(found, wanted, "of {body}");
}

#[test]
fn the_order_of_the_forward_pass_is_checked() {
    checks(
        "{ m.a.input = m.a.output; 1 }",
        &[
            "panic! \"the value of m.a.output cannot be written into m.a.input, which comes earlier in the forward pass\"",
        ],
    );
    orders(
        "{ m.a.input = m.output * 2.0; 1 }",
        &[
            "order((&[into(&m, \"a\"), end(&m.a)], End::Input, \"m.a.input\"), (&[end(&m)], End::Output, \"m.output\"), 1)",
        ],
    );
    orders(
        "{ let h = m.a.b.output; m.a.input = -(h + 1.0); 1 }",
        &[
            "order((&[into(&m, \"a\"), end(&m.a)], End::Input, \"m.a.input\"), \
            (&[into(&m, \"a\"), into(&m.a, \"b\"), end(&m.a.b)], End::Output, \"m.a.b.output\"), 2)",
        ],
    );
    orders(
        "{ m.a.output = m.b.output; 1 }",
        &[
            "order((&[into(&m, \"a\"), end(&m.a)], End::Output, \"m.a.output\"), \
            (&[into(&m, \"b\"), end(&m.b)], End::Output, \"m.b.output\"), 1)",
        ],
    );
    orders(
        "{ m.h[1].output = m.h[-1].output; 1 }",
        &[
            "order((&[into(&m, \"h\"), item_at(&m.h, 1), end(&item(&m.h))], End::Output, \"m.h[1].output\"), \
            (&[into(&m, \"h\"), item_at(&m.h, -1), end(&item(&m.h))], End::Output, \"m.h[-1].output\"), 2)",
            "layer(&m.h, 1, \"m.h\")",
            "layer(&m.h, -1, \"m.h\")",
        ],
    );
    orders(
        "{ for b in m.h { b.x.output = b.y.output; } 1 }",
        &[
            "order((&[into(&m, \"h\"), some_item(&m.h), into(&item(&m.h), \"x\"), end(&item(&m.h).x)], \
            End::Output, \"b.x.output\"), \
            (&[into(&m, \"h\"), some_item(&m.h), into(&item(&m.h), \"y\"), end(&item(&m.h).y)], \
            End::Output, \"b.y.output\"), 3)",
        ],
    );
    orders(
        "{ m.a.output = m.b.call_idx(1).output; m.a.output = f(m.b.output); 1 }",
        &[],
    );
    orders("{ m.a.output.grad = m.b.output; loss.backward(); 1 }", &[]);
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
