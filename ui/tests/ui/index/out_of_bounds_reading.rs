// The same when reading.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let h = m.layer1.output[0, -11];
        (h.save(), m.output.save())
    });
}
