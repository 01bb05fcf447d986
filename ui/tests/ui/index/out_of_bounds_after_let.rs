// The same after a `let`.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let h = m.layer1.output;
        let last = h[.., 10];
        last.save()
    });
}
