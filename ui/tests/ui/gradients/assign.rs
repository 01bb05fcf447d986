// A value of another shape written into a gradient: a hook of PyTorch fails in the middle of the backward pass.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.output.grad = m.layer2.output.grad;
        m.layer1.weight.grad.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.output.grad[.., 0] = m.layer1.output;
        m.layer1.weight.grad.save()
    });
}
