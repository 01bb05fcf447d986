// The axis is gone after the first reduction.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let total = m.layer1.output.sum_over(Hidden).sum_over(Hidden);
        total.save()
    });
}
