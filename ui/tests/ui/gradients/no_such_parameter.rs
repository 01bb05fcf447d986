// A parameter of a module that has none, and of a whole module.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        (m.blocks[0].weight.grad.save(), m.blocks[0].resid.weight.grad.save())
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.grad.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        let b = m.output.sum().backward();
        b.grad(m.layer1).save()
    });
}
