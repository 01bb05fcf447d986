// A value that nothing uses.
#![deny(warnings)]
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer1.output.sum();
        m.output.save()
    });
}
