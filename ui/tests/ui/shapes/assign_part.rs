// Assigning a whole row to a column.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer1.output[.., 0] = m.layer1.output;
        m.output.save()
    });
}
