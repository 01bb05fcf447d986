// Burn's names, which rustc would take for others (`not_equal` for `lower_equal`).
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let small = m.layer1.output.lower_equal(2.0);
        let sum = m.layer1.output.sum_dim(1);
        (small.save(), sum.save())
    });
}
