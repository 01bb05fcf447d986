// A third index on two axes.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.output.grad[0, 1, 2].save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.output.grad[0, 1, 2] *= 2.0;
        m.layer1.weight.grad.save()
    });
}
