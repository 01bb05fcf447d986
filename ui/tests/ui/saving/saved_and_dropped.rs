// A saved value that is not returned cannot be read.
#![deny(warnings)]
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer1.output.save();
        m.output.save()
    });
}
