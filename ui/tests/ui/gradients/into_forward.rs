// A gradient written into the forward pass, which is over by then: nnsight waits for a value that never comes.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer2.input = m.layer1.output.grad;
        m.output.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.output += m.layer1.output.grad;
        m.output.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        let b = m.output.sum().backward();
        m.layer1.output[.., 0] = b.grad(m.layer1.output)[.., 0];
        m.output.save()
    });
}
