// A gradient and a value of another shape.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        let moved = m.layer2.output - m.layer1.output.grad;
        moved.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.output.grad += m.layer2.output.grad;
        m.layer1.weight.grad.save()
    });
}
