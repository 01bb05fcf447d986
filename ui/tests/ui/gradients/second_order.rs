// The gradient of a gradient.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.output.grad.grad.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        let g = m.layer1.output.grad;
        let square = g * g;
        square.grad.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        let b = m.output.sum().backward();
        b.grad(m.layer1.output.grad).save()
    });
}
