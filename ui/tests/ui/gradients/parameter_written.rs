// Nothing follows from the gradient of a parameter: an edit of it would do nothing.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.weight.grad *= 2.0;
        m.output.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.weight.grad = 0.0;
        m.output.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        let b = m.output.sum().backward();
        b.grad(m.layer1.weight)[..] = 0.0;
        b.grad(m.layer1.weight)[.., 0] *= 2.0;
        m.output.save()
    });
}
