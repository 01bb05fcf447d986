// A float operation on the integers that argmax gives.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let p = m.layer1.output.argmax(Hidden).softmax(Batch);
        p.save()
    });
}
