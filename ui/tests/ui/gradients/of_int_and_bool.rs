// Integers and truth values have no gradients: in PyTorch they are None, or an error of the run.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        (m.output.argmax(Classes).grad.save(), m.output.gt(0.0).grad.save())
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        let winner = m.output.argmax(Classes);
        winner.sum().backward();
        m.layer1.output.grad.save()
    });
}
