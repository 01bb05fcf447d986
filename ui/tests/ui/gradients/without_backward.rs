// No backward pass, so no gradient: in PyTorch it is None.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer1.output.grad.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer1.output.grad[..] = 0.0;
        let h = m.layer2.output;
        (h.grad.save(), m.layer1.weight.grad.save())
    });
}
