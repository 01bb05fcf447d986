// A misspelt module, site or parameter: one error each, with rustc's did-you-mean.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        (m.layer1.ouput.grad.save(), m.layer1.wieght.grad.save())
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer3.output.grad[.., 3] *= 2.0;
        m.output.sum().backward();
        m.layer1.weight.grad.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        let b = m.output.sum().backward();
        (b.grad(m.layer3.output).save(), b.grad(m.layer1.wieght).save())
    });
}
