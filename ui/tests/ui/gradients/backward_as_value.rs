// A backward pass used as a value: in PyTorch it is None.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let loss = m.output.sum();
        let twice = loss.backward() * 2.0;
        m.layer1.output.grad.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        let b = m.output.sum().backward();
        m.layer1.output.grad = b;
        b.save()
    });
}
