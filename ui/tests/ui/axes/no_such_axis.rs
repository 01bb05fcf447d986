// A reduction over an axis that the value does not have.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let winner = m.layer1.output.argmax(Classes);
        winner.save()
    });
}
