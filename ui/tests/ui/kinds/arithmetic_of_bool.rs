// Arithmetic on a mask.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let mask = m.layer1.output.gt(0.0) * 2.0;
        mask.save()
    });
}
