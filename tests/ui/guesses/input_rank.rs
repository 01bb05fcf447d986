// A tensor of another rank as the input.
include!("../model.rs");

fn main() {
    let wrong = Tensor::<3>::zeros([1, 1, 5], &Device::default());
    let _ = trace!(net(), wrong, |m: TinyNet| m.output.save());
}
