// A third index on two axes.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let h = m.layer1.output[0, 1, 2];
        h.save()
    });
}
