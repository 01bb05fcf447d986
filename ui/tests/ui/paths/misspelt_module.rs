// A misspelt layer gets rustc's did-you-mean.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer1.ouput.save();
        m.output.save()
    });
}
