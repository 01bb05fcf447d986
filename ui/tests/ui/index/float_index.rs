// An index that is no integer.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let h = m.layer1.output[.., 1.5];
        h.save()
    });
}
