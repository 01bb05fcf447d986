// A reduction over an axis that the gradient does not have.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.output.grad.sum_over(Classes).save()
    });
}
