// A branch on numbers: they are there when the model runs, not while the trace is written.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        if m.layer1.output.max() > 3.0 {
            m.layer1.output = 0.0;
        }
        m.output.save()
    });
}
