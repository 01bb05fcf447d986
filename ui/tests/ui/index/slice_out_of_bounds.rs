// A slice that ends outside of its axis: Python shortens it in silence.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let h = m.layer1.output[.., 4..11];
        h.save()
    });
}
