// The model takes rows.
include!("../model.rs");

fn main() {
    let x = Tensor::<3>::ones([1, 1, 5], &Device::default());
    let _ = trace!(net(), x, |m: TinyNet| m.output.save());
}
