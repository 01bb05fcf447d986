// A gradient that was not saved is returned.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.output.grad
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        let b = m.output.sum().backward();
        let g = m.layer1.output.grad;
        (m.output.save(), g, b.grad(m.layer1.weight))
    });
}
