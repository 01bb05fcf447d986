// Adding values over different axes, even if sizes would broadcast.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let sum = m.layer1.output + m.layer2.output;
        sum.save()
    });
}
