// Layer -4 of 3.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.blocks[-4].mix.output = 0.0;
        m.output.save()
    });
}
