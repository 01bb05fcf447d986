// Index 10 of an axis of size 10.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer1.output[.., 10] = 0.0;
        m.output.save()
    });
}
