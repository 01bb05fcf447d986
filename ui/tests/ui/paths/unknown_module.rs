// A misspelt layer: nnsight learns of it when the model runs.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer3.output = 0.0;
        m.output.save()
    });
}
