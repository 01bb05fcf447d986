// A loss that needs a gradient, such as a gradient penalty: PyTorch wants `create_graph=True`.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        let penalty = m.layer1.output.grad.norm();
        (m.output.sum() + penalty).backward();
        m.layer1.weight.grad.save()
    });
}
