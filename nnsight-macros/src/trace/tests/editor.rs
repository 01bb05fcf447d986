//! What rust-analyzer sees of a body that is being typed. Where it completes it puts a name of its own behind the dot,
//! and asks for the type of what stands before it: that has to be there, as it will be when the line is done.

use super::super::{expand::known, parse::parse};
use super::*;

/// The expansion in an editor of a body that does not parse.
fn seen(body: &str) -> String {
    let call = tokens(&format!("net, input, |m: TinyNet| {body}"));
    let partial = parse(call).err().expect("it does not parse");
    let seen = known(*partial);
    syn::parse2::<syn::Block>(quote::quote!({ #seen })).expect("it is Rust");
    seen.to_string().replace(char::is_whitespace, "")
}

#[track_caller]
fn sees(body: &str, wanted: &[&str]) {
    let found = seen(body);
    for wanted in wanted {
        let wanted = wanted.replace("read(", "::nnsight::__private::Read::read(");
        let wanted = wanted.replace(char::is_whitespace, "");
        assert!(
            found.contains(&wanted),
            "{wanted} is not in the expansion of {body}: {found}"
        );
    }
}

#[test]
fn what_stands_before_a_dot_is_there() {
    sees("{ m.layer1.output. }", &["read(m.layer1.output)"]);
    sees(
        "{ let h = m.layer1.output.; h.save() }",
        &["let h = read(m.layer1.output);", "h.save()"],
    );
    sees(
        "{ let h = m.layer1.output; h. }",
        &["let h = read(m.layer1.output); h"],
    );
    sees(
        "{ m.layer1.output[.., 0].abs(). }",
        &["read(m.layer1.output).at((.., 0i64,)).abs()"],
    );
    sees("{ m.h[2]. }", &["m.h.at(2)"]);
    sees(
        "{ m.layer1.output = m.layer2.input. }",
        &["m.layer1.output.set(read(m.layer2.input))"],
    );
}

#[test]
fn the_lines_around_are_there() {
    // The name that stands for the cursor, on a line without its end.
    sees(
        "{ m.layer1.output = 0.0; m.layer2.output.cursor let b = m.output; (a., b.save()) }",
        &[
            "m.layer1.output.set(0.0)",
            "m.layer2.output.cursor",
            "let b = read(m.output);",
        ],
    );
    sees(
        "{ for b in m.h { b.mlp.output. } m.output.save() }",
        &["b.mlp.output", "read(m.output).save()"],
    );
}
