// Index 10 of an axis of size 10: an IndexError in the middle of the backward pass elsewhere.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.output.grad[.., 10] = 0.0;
        m.layer1.weight.grad.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.output.grad[.., 8..=10] *= 2.0;
        m.layer1.weight.grad.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        let h = m.layer1.output;
        let b = m.output.sum().backward();
        (h.grad[.., 10].save(), b.grad(h)[0, -11].save(), m.blocks[3].output.grad.save())
    });
}
