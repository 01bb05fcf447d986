// The backward pass is returned instead of gradients.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.output.sum().backward()
    });
}
