// A real tensor of another rank.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let patch = Tensor::<3>::zeros([1, 1, 10], &Device::default());
        m.layer1.output = patch;
        m.output.save()
    });
}
