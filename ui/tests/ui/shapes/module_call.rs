// A module of the model called on a value that it does not take.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let logits = m.layer2.call(m.layer2.output);
        logits.save()
    });
}
