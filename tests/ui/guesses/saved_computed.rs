// A saved value is no tensor yet.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let saved = m.layer1.output.save();
        saved.sum()
    });
}
