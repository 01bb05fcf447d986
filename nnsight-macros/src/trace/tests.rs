//! The rules of the rewriting, one by one.

mod checks;
mod editor;
mod expansions;
mod gradients;
mod house;

use super::expand;
use super::text::text;
use super::tokens::wrap_indices;
use proc_macro2::TokenStream;

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("the test is written in tokens")
}

/// `body` after the rewriting, and the checks that come with it.
fn rewritten(body: &str) -> (String, Vec<String>) {
    let expansion = expand(tokens(&format!("net, input, |m: TinyNet| {body}")));
    let text = expansion.to_string();
    let start = "| m : < TinyNet as :: nnsight :: Inspectable > :: Sites | ";
    let at = text.find(start).expect("the closure is there") + start.len();
    let end = text.rfind(')').expect("the call ends");
    let checks = text[..at].split("const _ : () = ").skip(1);
    let checks = checks
        .map(|check| check[..check.find(") ;").expect("an item")].to_owned())
        .collect();
    (text[at..end].trim().to_owned(), checks)
}

/// That `body` becomes `wanted`, where `read(..)` and `identity(..)` stand for the full paths.
#[track_caller]
fn becomes(body: &str, wanted: &str) {
    let without_spaces = |text: &str| text.replace(char::is_whitespace, "");
    let wanted = wanted
        .replace("read(", "::nnsight::__private::Read::read(")
        .replace("identity(", "::core::convert::identity(");
    let wanted = tokens(&wanted);
    assert_eq!(
        without_spaces(&rewritten(body).0),
        without_spaces(&wanted.to_string()),
        "of {body}"
    );
}

/// `base[index]` where types say what the base is: the index as a tuple of ours, and as plain Rust has it.
fn found(base: &str, ours: &str, plain: &str) -> String {
    format!("(*(&&&&::nnsight::__private::Found(&{base})).__nnsight_index(|| {ours}, || {plain}))")
}

#[track_caller]
fn stays(body: &str) {
    becomes(body, body);
}

/// That the checks of `body` are calls of these functions with these last arguments.
#[track_caller]
fn checks(body: &str, wanted: &[&str]) {
    let found = rewritten(body).1;
    let found: Vec<String> = found
        .iter()
        .map(|check| {
            let (function, args) = check.split_once('(').expect("a call");
            let function = function.rsplit("::").next().unwrap_or_default().trim();
            let args = args.split_once("SITES").map_or(args, |(_, args)| args);
            format!("{function} {}", args.trim().trim_end_matches(')')).replace(' ', "")
        })
        .collect();
    let wanted: Vec<String> = wanted.iter().map(|check| check.replace(' ', "")).collect();
    assert_eq!(found, wanted, "of {body}");
}

#[test]
fn sites_are_read_where_a_value_is_wanted() {
    becomes("m.layer1.output", "read(m.layer1.output)");
    becomes("m.layer1.output.save()", "read(m.layer1.output).save()");
    becomes("f(m.input + 2.0)", "f(read(m.input) + 2.0)");
    becomes("m.lstm.output.1.save()", "read(m.lstm.output.1).save()");
    becomes("m.attn.inputs.query.save()", "read(m.attn.inputs.query).save()");
    becomes(
        "m.head.call_idx(2).output.save()",
        "read(m.head.call_idx(2).output).save()",
    );
    becomes(
        "m.head.output.next().save()",
        "{ ::nnsight::__private::generates(&m); read(m.head.output.next()).save() }",
    );
    becomes(
        "{ m.head.output.steps(1..)[.., 0] = b; 1 }",
        "{ ::nnsight::__private::generates(&m); { match b { value => for site in m.head.output.steps(1..) {
            match (.., 0i64,) { index => site.set_at(::core::clone::Clone::clone(&index),
                ::core::clone::Clone::clone(&value)) } } }; 1 } }",
    );
    becomes("m.layer1.output.shape()[0]", "read(m.layer1.output).shape()[0]");
}

#[test]
fn sites_are_themselves_behind_a_reference_and_for_their_own_methods() {
    stays("f(&m.layer1.output)");
    stays("f(&mut m.layer1.output)");
    stays("m.layer1.output.set(0.0)");
    stays("m.layer1.output.get().save()");
    stays("m.layer1.output.update(|h| h * 2.0)");
    becomes(
        "m.layer1.output.set(m.input)",
        "m.layer1.output.set(read(m.input))",
    );
    becomes("f(&m.h[3].output)", "f(&m.h.at(3).output)");
    becomes(
        "{ let s = &m.input; g(s, &*s, *s); s.set(0.0); s.save() }",
        "{ let s = &m.input; g(s, &*s, read(*s)); s.set(0.0); read(*s).save() }",
    );
}

#[test]
fn what_lies_in_an_attached_module_is_a_site_too() {
    becomes(
        "m.attached(sae).latents.output.save()",
        "read(m.attached(sae).latents.output).save()",
    );
    becomes(
        "{ let s = m.attached(sae); s.blocks[-1].output = s.call(m.input); s.input.save() }",
        "{ let s = m.attached(sae); s.blocks.at(-1).output.set(s.call(read(m.input))); read(s.input).save() }",
    );
    becomes(
        "m.attached(sae).next().output.save()",
        "{ ::nnsight::__private::generates(&m); read(m.attached(sae).next().output).save() }",
    );
    becomes(
        "{ for s in m.attached(sae).every_step() { s.latents.output = 0.0; } b }",
        "{ ::nnsight::__private::generates(&m);
            { for s in m.attached(sae).every_step() { s.latents.output.set(0.0); } b } }",
    );
    // The text does not say its type, so there is nothing to check in a constant.
    checks("{ m.attached(sae).latents.output[.., 99] = 0.0; b }", &[]);
    // A method of that name of something else.
    becomes("list.attached(sae).next()", "list.attached(sae).next()");
}

#[test]
fn other_fields_are_left_alone() {
    stays("m.layer1");
    stays("self.config.output");
    stays("x.output()");
    stays("Out { output, input: 3 }");
    stays("{ let Out { output, .. } = x; output }");
}

#[test]
fn assignments_write_sites() {
    becomes("{ m.layer1.output = 0.0; 1 }", "{ m.layer1.output.set(0.0); 1 }");
    becomes(
        "{ m.layer1.output[..] = 0.0; 1 }",
        "{ m.layer1.output.set(0.0); 1 }",
    );
    becomes(
        "{ m.layer1.output[.., 0] = v; 1 }",
        "{ m.layer1.output.set_at((.., 0i64,), v); 1 }",
    );
    becomes(
        "{ m.a.output += b; 1 }",
        "{ match m.a.output { site => site.set(read(site) + b) }; 1 }",
    );
    becomes(
        "{ m.a.output.every_step() *= b - c; 1 }",
        "{ ::nnsight::__private::generates(&m); { match (b - c) { value => for site in m.a.output.every_step() {
            site.set(read(site) * ::core::clone::Clone::clone(&value)) } }; 1 } }",
    );
    becomes(
        "{ m.a.output[i] -= b; 1 }",
        "{ match m.a.output { site => match (i,) { index =>
            site.set_at(::core::clone::Clone::clone(&index),
                read(site).at(::core::clone::Clone::clone(&index)) - b) } }; 1 }",
    );
    becomes(
        "{ let s = &m.a.output; s[0] = v; *s = v; 1 }",
        "{ let s = &m.a.output; (*s).set_at((0i64,), v); (*s).set(v); 1 }",
    );
}

#[test]
fn assignments_write_parts_of_values() {
    becomes(
        "{ let mut v = m.a.output; v[.., 0] = v[.., 1] * 2.0; 1 }",
        "{ let mut v = read(m.a.output); v.set_at((.., 0i64,), v.at((.., 1i64,)) * 2.0); 1 }",
    );
    becomes(
        "{ vs[0][.., 0] = x; 1 }",
        "{ match x { value => vs[0].set_at((.., 0i64,), value) }; 1 }",
    );
    stays("{ vs[0] = x; 1 }");
    stays("{ vs[0] += x; 1 }");
}

#[test]
fn indices() {
    becomes("m.h[3].mlp", "m.h.at(3).mlp");
    becomes("m.h[i].mlp", "m.h.at(i).mlp");
    becomes("x[.., 3]", &found("x", "(.., 3i64,)", "(.., 3)"));
    becomes("x[-1]", &found("x", "(-1i64,)", "-1"));
    becomes("x[0]", &found("x", "(0i64,)", "0"));
    becomes(
        "x[1..].save()",
        &format!("{}.save()", found("x", "(1i64..,)", "1..")),
    );
    becomes("grid[(i, j)]", &found("grid", "(i, j,)", "(i, j)"));
    becomes("hs[1][0]", &found(&found("hs", "(1i64,)", "1"), "(0i64,)", "0"));
    becomes("&hs[1]", "&hs[1]");
    becomes("x[..]", "x[..]");
    becomes(
        "m.a.output[0..4, 0..n]",
        "read(m.a.output).at((0i64..4i64, 0..n,))",
    );
    becomes(
        "{ let h = m.a.output; h[0] }",
        "{ let h = read(m.a.output); h.at((0i64,)) }",
    );
    becomes(
        "m.a.output.softmax(V)[0]",
        "read(m.a.output).softmax(V).at((0i64,))",
    );
    stays("x[f()]");
    stays("map[&key]");
    stays("map[\"key\"]");
    stays("{ let saves = vec![1, 2]; saves[0].push(3) }");
}

#[test]
fn arrays_are_no_indices() {
    stays("f(&[1, 2], [a, b])");
    stays("{ for [a, b] in [[1, 2], [3, 4]] { g(a, b) } 1 }");
    stays("{ match x { [a, b] => return [a, b], Some(_) => {} [c, ..] => c } 1 }");
    stays("{ #[allow(a, b)] let x: [f32; 2] = vec![1, 2] as [f32; 2]; 1 }");
    stays("json!(x [a, b] m.layer1.output)");
}

#[test]
fn names_are_seen_as_rust_sees_them() {
    let hidden = found("m.h", "(0i64,)", "0");
    becomes(
        "{ let m = other; m.h[0] }",
        &format!("{{ let m = other; {hidden} }}"),
    );
    becomes("|m| m.h[0]", &format!("|m| {hidden}"));
    becomes(
        "match x { Some(m) => m.h[0], None => m }",
        &format!("match x {{ Some(m) => {hidden}, None => m }}"),
    );
    becomes(
        "if let Some(m) = x { m.h[0] } else { 1 }",
        &format!("if let Some(m) = x {{ {hidden} }} else {{ 1 }}"),
    );
    becomes(
        "{ { let m = 1; f(m); } m.h[0] }",
        "{ { let m = 1; f(m); } m.h.at(0) }",
    );
    becomes(
        "{ let b = m.h; let h = h(0); b[0] }",
        "{ let b = m.h; let h = h(0); b.at(0) }",
    );
    becomes(
        "{ for b in m.h { b.inner[0].f(); } 1 }",
        "{ for b in m.h { b.inner.at(0).f(); } 1 }",
    );
    becomes(
        "{ for (i, b) in m.h.iter().enumerate() { b.inner[0].f(i); } 1 }",
        "{ for (i, b) in m.h.iter().enumerate() { b.inner.at(0).f(i); } 1 }",
    );
    becomes("|b: Sites<Block>| b.inner[0]", "|b: Sites<Block>| b.inner.at(0)");
    becomes(
        "m.h.iter().map(|b| b.inner[0])",
        "m.h.iter().map(|b| b.inner.at(0))",
    );
}

#[test]
fn expression_macros_belong_to_the_body() {
    becomes(
        "println!(\"{}{h}\", m.a.output.shape()[0], h = x[.., 3])",
        &format!(
            "println!(\"{{}}{{h}}\", read(m.a.output).shape()[0], h = {})",
            found("x", "(.., 3i64,)", "(.., 3)")
        ),
    );
    becomes("vec![m.input; 3]", "vec![read(m.input); 3]");
}

#[test]
fn macros_of_unknown_rules_are_read_as_expressions_where_they_can_be() {
    becomes(
        "ensure!(m.a.output[.., 0].shape()[0] == 2, \"{}\", m.b.output)",
        "ensure!(read(m.a.output).at((.., 0i64,)).shape()[0] == 2, \"{}\", read(m.b.output))",
    );
    // A pattern may be no expression: then only what can be nothing but our index is one.
    becomes(
        "matches!(m.a.output[.., 0].shape()[0], n if n > 2)",
        "matches!(read(m.a.output).at((.., 0i64,)).shape()[0], n if n > 2)",
    );
    becomes(
        "check! { m.a.output[0, 1] => { let x = m.b.output[.., 2]; x } }",
        "check! { read(m.a.output).at((0i64, 1i64,)) => { let x = read(m.b.output).at((.., 2i64,)); x } }",
    );
    // A macro may write to what it is given, and may have a syntax of its own.
    stays("push!(lists[0], 4)");
    stays("table!(row[a, b], column[c, d] => 0)");
    stays("table!(row[a, b])");
    stays("matches!(side, Side { at: [a, ..], .. } | Side { at: [], .. })");
    // A trace within a trace is expanded by itself; `log::trace!` is none.
    stays("trace!(net, x, |m: Net| m.a.output.save())");
    becomes(
        "log::trace!(\"{}\", m.a.output)",
        "log::trace!(\"{}\", read(m.a.output))",
    );
}

#[test]
fn a_value_decides_no_branch() {
    let refused = "::nnsight::__private::decides(decides)";
    becomes(
        "{ if m.a.output.max() > 3.0 && m.h.len() > 2 { f() } 1 }",
        &format!(
            "{{ if (match read(m.a.output).max().gt(3.0) {{ decides => {refused} }}) && m.h.len() > 2 {{ f() }} 1 }}"
        ),
    );
    becomes(
        "{ while !fine(m.a.output) || m.a.output.shape()[0] > 2 { f() } 1 }",
        "{ while !fine(read(m.a.output)) || read(m.a.output).shape()[0] > 2 { f() } 1 }",
    );
    stays("{ if let Some(x) = list.first() { f(x) } 1 }");
}

#[test]
fn messages_show_code_as_it_was_written() {
    for code in [
        "m.h[-1].output.grad",
        "b.grad(m.a.weight)",
        "(a * -b + f(x, 2.0)?).grad",
        "x[.., 0..4].grad()",
        "Kept { a: &b }.a",
        "(x == self::LIMIT).grad",
    ] {
        let parsed: syn::Expr = syn::parse2(wrap_indices(tokens(code))).expect("an expression");
        assert_eq!(text(&parsed), code);
    }
    checks(
        "{ m.a.input = (m.b.output * { x }).grad; loss.backward(); 1 }",
        &[
            "panic! \"the gradient (m.b.output * {{ x }}).grad cannot be written into m.a.input: \
           gradients exist only when the forward pass is over\"",
        ],
    );
}

#[test]
fn what_does_not_parse_is_one_error() {
    for call in [
        "",
        "net",
        "net, input",
        "net, input, more, |m: TinyNet| 1",
        "net, input, |m| m.output.save()",
        "net, input, || 1",
        "net, input, |m: TinyNet, n: usize| 1",
        "net, input, |(a, b): TinyNet| 1",
        "net, input, |m: TinyNet| { let x = m.layer1.; x }",
        "net, input, |m: TinyNet|",
        "net., |m: TinyNet| 1",
    ] {
        let expansion = expand(tokens(call)).to_string();
        assert_eq!(
            expansion.matches("compile_error").count(),
            1,
            "of {call}: {expansion}"
        );
    }
}
