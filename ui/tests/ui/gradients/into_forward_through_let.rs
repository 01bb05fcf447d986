// The same through variables, arithmetic, methods and closures.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        let g = m.layer1.output.grad;
        let step = m.layer1.output - g * 0.1;
        m.layer2.input = step;
        m.output.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer2.input[..] = m.layer1.output.grad.relu().clamp(0.0, 1.0);
        m.output.save()
    });
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.output.update(|h| h - m.layer1.output.grad);
        m.output.save()
    });
}
