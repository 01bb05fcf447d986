// A loss is asked for the gradient of integers and of truth values.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let b = m.output.sum().backward();
        (b.grad(m.output.argmax(Classes)).save(), b.grad(m.output.gt(0.0)).save())
    });
}
