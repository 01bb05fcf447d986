//! Gradients: what asks for one, and what cannot be asked.

use super::*;

/// That nothing is checked or refused where a backward pass may run.
#[track_caller]
fn is_fine(statements: &str) {
    checks(&format!("{{ {statements}; loss.backward(); 1 }}"), &[]);
}

/// That a body which has its backward pass is refused for this reason alone.
#[track_caller]
fn is_refused(statements: &str, message: &str) {
    let body = format!("{{ {statements}; loss.backward(); 1 }}");
    checks(&body, &[&format!("panic! {message:?}")]);
}

/// That a body asks for this gradient in vain.
#[track_caller]
fn is_in_vain(body: &str, gradient: &str) {
    let message = format!(
        "{gradient} is asked for, but nothing in this trace calls backward(): write `loss.backward();`"
    );
    checks(body, &[&format!("panic! {message:?}")]);
}

#[test]
fn of_sites() {
    becomes("m.a.output.grad.save()", "read(m.a.output.grad()).save()");
    becomes("m.a.output.grad().save()", "read(m.a.output.grad()).save()");
    becomes("(m.a.output).grad * 2.0", "read((m.a.output).grad()) * 2.0");
    becomes("m.a.output.grad.get().save()", "m.a.output.grad().get().save()");
    becomes("f(&m.h[0].output.grad)", "f(&m.h.at(0).output.grad())");
    becomes(
        "{ m.a.output.grad[..] = 0.0; 1 }",
        "{ m.a.output.grad().set(0.0); 1 }",
    );
    becomes(
        "{ let s = &m.a.output; s.grad *= 2.0; s.grad.save() }",
        "{ let s = &m.a.output; match s.grad() { site => identity(site).set(read(site) * 2.0) };
            read(s.grad()).save() }",
    );
    becomes(
        "{ let g = &m.a.output.grad; *g = 0.0; g.save() }",
        "{ let g = &m.a.output.grad(); (*g).set(0.0); read(*g).save() }",
    );
}

#[test]
fn of_values() {
    becomes(
        "{ let v = m.a.output * 2.0; f(v.grad * 2.0, v.grad()); v.grad[.., 0].save() }",
        "{ let v = read(m.a.output) * 2.0; f(read(v.grad()) * 2.0, read(v.grad()));
            read(v.grad()).at((.., 0i64,)).save() }",
    );
    becomes(
        "{ let v = m.a.output; v.grad[..] = 0.0; v.grad[.., 1] = x; v.grad *= 2.0; 1 }",
        "{ let v = read(m.a.output); v.grad().set(0.0); v.grad().set_at((.., 1i64,), x);
            match v.grad() { site => identity(site).set(read(site) * 2.0) }; 1 }",
    );
    becomes(
        "|v: Value<(Batch, Hidden)>| v.grad.save()",
        "|v: Value<(Batch, Hidden)>| read(v.grad()).save()",
    );
    becomes(
        "(m.a.output + m.b.output).grad.save()",
        "read((read(m.a.output) + read(m.b.output)).grad()).save()",
    );
    stays("x.grad.save()");
    stays("{ config.grad = 0.0; 1 }");
}

#[test]
fn of_parameters() {
    becomes(
        "m.h[0].weight.grad.save()",
        "read(m.h.at(0).weight.grad()).save()",
    );
    becomes("m.a.weight.grad * 2.0", "read(m.a.weight.grad()) * 2.0");
    becomes(
        "m.a.weight.grad[.., 12].save()",
        "read(m.a.weight.grad()).at((.., 12i64,)).save()",
    );
    becomes(
        "{ let w = m.a.weight; w.grad.save() }",
        "{ let w = m.a.weight; read(w.grad()).save() }",
    );
    becomes(
        "{ m.a.weight.grad = 0.0; 1 }",
        "{ m.a.weight.grad().set(0.0); 1 }",
    );
    is_fine("m.a.weight.grad[.., 12].save()");
}

#[test]
fn of_one_of_several_losses() {
    becomes(
        "{ let b = m.output.sum().backward(); b.grad(m.a.output).save() }",
        "{ let b = read(m.output).sum().backward(); read(b.grad(read(m.a.output))).save() }",
    );
    becomes(
        "{ let (a, b) = (m.x.output.backward(), m.y.output.backward()); a.grad(m.h[0].w) * b.grad(v) }",
        "{ let (a, b) = (read(m.x.output).backward(), read(m.y.output).backward());
            read(a.parameter_grad(m.h.at(0).w)) * read(b.grad(v)) }",
    );
    becomes(
        "|b: Backward| { b.grad(m.a.output)[..] = 0.0; b.grad(v) *= 2.0; b.grad(v)[.., 0] = x; 1 }",
        "|b: Backward| { b.grad(read(m.a.output)).set(0.0);
            match b.grad(v) { site => identity(site).set(read(site) * 2.0) };
            b.grad(v).set_at((.., 0i64,), x); 1 }",
    );
    becomes(
        "m.output.backward().parameter_grads()",
        "read(m.output).backward().parameter_grads()",
    );
    becomes(
        "|b: Backward| b.parameter_grad(m.a.weight).save()",
        "|b: Backward| read(b.parameter_grad(m.a.weight)).save()",
    );
}

#[test]
fn of_burn_are_left_alone() {
    stays("v.map(|t: Tensor<2>| t.grad(&grads))");
    stays("v.map(|t| { let grads = t.backward(); (t.grad(&grads), grads.grad(t), t.grad()) })");
}

#[test]
fn a_module_can_be_called_grad() {
    stays("m.grad");
    becomes("m.grad.output.save()", "read(m.grad.output).save()");
    becomes("m.a.grad.output.save()", "read(m.a.grad.output).save()");
    becomes(
        "m.a.grad[0].input.grad.save()",
        "read(m.a.grad.at(0).input.grad()).save()",
    );
    becomes(
        "m.a.grad.weight.grad.save()",
        "read(m.a.grad.weight.grad()).save()",
    );
    becomes(
        "m.a.grad.call_idx(1).output.save()",
        "read(m.a.grad.call_idx(1).output).save()",
    );
    becomes("m.a.grad.call(m.input)", "m.a.grad.call(read(m.input))");
    becomes(
        "{ for b in m.a.grad { b.inner[0].f(); } 1 }",
        "{ for b in m.a.grad { b.inner.at(0).f(); } 1 }",
    );
    becomes(
        "m.a.grad.iter().map(|b| b.output)",
        "m.a.grad.iter().map(|b| read(b.output))",
    );
    checks("m.a.grad[12].output.save()", &["layer .a.grad, 12, \"m.a.grad\""]);
}

#[test]
fn literal_positions_in_gradients_are_checked() {
    let index = "index .a.output, 1, 12, \"m.a.output\"";
    for gradient in ["m.a.output.grad", "v.grad", "b.grad(v)", "b.grad(m.a.output)"] {
        let start = "let v = m.a.output; let b = m.output.backward();";
        checks(&format!("{{ {start} {gradient}[.., 12].save() }}"), &[index]);
        checks(&format!("{{ {start} {gradient}[.., 12] = 0.0; 1 }}"), &[index]);
    }
}

#[test]
fn gradients_cannot_be_written_into_the_forward_pass() {
    let message = "the gradient m.a.output.grad cannot be written into m.b.input: \
                   gradients exist only when the forward pass is over";
    for write in [
        "m.b.input = m.a.output.grad * 2.0",
        "m.b.input += -m.a.output.grad",
        "m.b.input[..] = m.a.output.grad",
        "m.b.input[.., 0] = m.a.output.grad[.., 0]",
        "m.b.input.set(m.a.output.grad.softmax(V))",
        "m.b.input.set_at((.., 0), m.a.output.grad.at((.., 0)))",
        "m.b.input.update(|h| h + m.a.output.grad)",
        "m.b.input = (m.x.input, m.a.output.grad)",
        "let g = m.a.output.grad; let h = m.c.call(g) + 1.0; m.b.input = m.x.output.matmul(h)",
        "let s = &m.a.output.grad; m.b.input = *s",
    ] {
        is_refused(write, message);
    }
    is_refused(
        "let b = m.output.backward(); let s = &m.b.input; s.set(b.grad(m.a.weight))",
        "the gradient b.grad(m.a.weight) cannot be written into s: \
         gradients exist only when the forward pass is over",
    );
    is_refused(
        "m.b.input = (m.a.output * x[.., 0]).grad",
        "the gradient (m.a.output * x[.., 0]).grad cannot be written into m.b.input: \
         gradients exist only when the forward pass is over",
    );
    is_fine("m.b.input.grad = m.a.output.grad; m.b.input.grad.update(|g| g * m.a.output.grad)");
    is_fine("let mut g = m.a.output.grad; g = x; m.b.input = g");
}

#[test]
fn second_order_gradients_are_refused() {
    let loss = "a loss that needs m.a.output.grad asks for second-order gradients, which are not supported";
    is_refused("m.a.output.grad.backward()", loss);
    is_refused("(m.output * m.a.output.grad).sum().backward()", loss);
    is_refused("let g = m.a.output.grad; let b = (g * g).backward()", loss);

    let twice = "second-order gradients are not supported: m.a.output.grad is a gradient already";
    is_refused("m.a.output.grad.grad.save()", twice);
    is_refused("m.a.output.grad.grad().save()", twice);
    is_refused("let g = m.a.output.grad; (g * 2.0).grad.save()", twice);
    is_refused("m.b.input.grad = 0.0; m.a.output.grad.grad[..] = 0.0", twice);
    is_refused(
        "let b = m.output.backward(); b.grad(m.a.output.grad).save()",
        twice,
    );
    is_refused(
        "m.a.weight.grad.grad.save()",
        "second-order gradients are not supported: m.a.weight.grad is a gradient already",
    );

    // What is left is a type that rustc knows.
    becomes("m.a.output.grad.grad.save()", "read(m.a.output.grad()).save()");
    becomes(
        "{ let g = m.a.output.grad; g.grad().save() }",
        "{ let g = read(m.a.output.grad()); read(g.grad()).save() }",
    );
    becomes(
        "{ let s = &m.a.output.grad; s.grad *= 2.0; 1 }",
        "{ let s = &m.a.output.grad(); match *s { site => identity(site).set(read(site) * 2.0) }; 1 }",
    );
}

#[test]
fn what_is_not_saved_cannot_be_returned() {
    let unsaved =
        |code: &str| format!("{code} is not saved, so the trace cannot return it: write `{code}.save()`");
    let check = |body: &str, code: &str| {
        checks(
            &format!("{{ loss.backward(); {body} }}"),
            &[&format!("panic! {:?}", unsaved(code))],
        );
    };
    check("m.a.output.grad", "m.a.output.grad");
    check("(m.output.save(), [m.a.weight.grad])", "m.a.weight.grad");
    check("let h = m.a.output; { h.grad[.., 0] }", "h.grad[.., 0]");
    check("let g = m.a.output.grad; g", "g");
    check("let g = &m.a.output.grad; (g, 1)", "g");
    check(
        "let b = m.output.sum().backward(); b.grad(m.a.output)",
        "b.grad(m.a.output)",
    );
    // One mistake, one error: what is left can be returned.
    becomes(
        "(m.a.output.grad, m.output.sum().backward())",
        "(read(m.a.output.grad()).save(), read(m.output).sum().backward().parameter_grads())",
    );
    checks(
        "{ let b = m.output.sum().backward(); b }",
        &[
            "panic! \"b is a backward pass, which the trace cannot return: return what it gives, \
           as `b.parameter_grads()` or `b.grad(..).save()`\"",
        ],
    );
    is_fine("f(m.a.output.grad)");
    checks("{ m.output.backward(); m.a.output.grad.finish() }", &[]);
}

#[test]
fn a_gradient_without_a_backward_pass_is_refused_once() {
    let gradient = "m.a.output.grad";
    is_in_vain("m.a.output.grad.save()", gradient);
    is_in_vain("{ m.a.output.grad[..] = 0.0; m.b.output.grad.save() }", gradient);
    is_in_vain("{ let h = m.a.output; (h.grad.save(), h.grad.save()) }", "h.grad");
    is_in_vain("m.a.weight.grad.save()", "m.a.weight.grad");
    is_in_vain(
        "(0..12).map(|i| m.h[i].output.grad.save()).collect::<Vec<_>>()",
        "m.h[i].output.grad",
    );
    is_in_vain(
        "{ let mut saves = Vec::with_capacity(12); for b in m.h.iter().rev() { saves.push(b.output.grad.save()); } saves }",
        "b.output.grad",
    );
    is_in_vain(
        "{ println!(\"{:?}\", m.a.output.shape()); Some(m.a.output.grad.save()) }",
        gradient,
    );
    is_in_vain("Kept { a: m.a.output.grad.save() }", gradient);
    // One mistake, one error.
    checks(
        "{ m.b.input = m.a.output.grad; m.output.save() }",
        &[
            "panic! \"the gradient m.a.output.grad cannot be written into m.b.input: \
           gradients exist only when the forward pass is over\"",
        ],
    );
}

#[test]
fn a_backward_pass_can_be_elsewhere() {
    for elsewhere in [
        "m.output.backward()",
        "if x { println!(\"{}\", m.output.backward()) }",
        "helper(m)",
        "losses::run(0, x)",
        "(self.run)(m.output)",
        "runner.run(m)",
        "runner.run(0, &m.output)",
        "runner.run(&[m.output.sum()])",
        "runner.run(vec![m.output])",
        "let (a, b) = (m.output, 1); runner.run((a, b))",
        "let loss = m.output.sum(); run!(loss)",
        "m.finish()",
        "m.output.sum().finish()",
        "Runner { m }.finish()",
        "Runner(m.output).finish()",
        "losses.for_each(finish)",
        "let run = |b: Backward| b.parameter_grads()",
    ] {
        checks(&format!("{{ {elsewhere}; m.a.output.grad.save() }}"), &[]);
    }
}
