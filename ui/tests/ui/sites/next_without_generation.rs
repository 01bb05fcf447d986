// `next()` in a trace that does not generate.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let second = m.layer2.next().output;
        second.save()
    });
}
