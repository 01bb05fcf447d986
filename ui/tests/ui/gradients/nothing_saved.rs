// A trace that runs a backward pass and saves nothing.
#![deny(warnings)]
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer1.output.grad *= 2.0;
        m.output.sum().backward();
    });
}
