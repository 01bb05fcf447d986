// The same through variables and arithmetic.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let later = m.blocks[2].output;
        let half = later * 0.5;
        m.blocks[0].mix.output = half;
        m.output.save()
    });
}
