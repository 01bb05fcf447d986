// The gradients of all parameters by another name.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let b = m.output.sum().backward();
        (b.parameter_gradients(), b.parameters_grad())
    });
}
