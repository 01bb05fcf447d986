// Integers written into a float site.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer1.output = m.layer1.output.cast::<Int>();
        m.output.save()
    });
}
