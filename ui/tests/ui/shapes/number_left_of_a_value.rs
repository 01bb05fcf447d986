// A 32-bit float on the left: with two float types there `(1.0 - h).relu()` could not be inferred.
include!("../model.rs");

fn main() {
    let scale: f32 = 2.0;
    let _ = trace!(net(), input(), |m: TinyNet| (scale - m.layer1.output).save());
}
