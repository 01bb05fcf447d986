// Assigning to the result of an operation.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer1.output.relu() = 0.0;
        m.output.save()
    });
}
