// A tensor over other axes on the left.
include!("../model.rs");

fn main() {
    let first = Tensor::<1>::ones([10], &Device::default());
    let all = Tensor::<3>::ones([1, 5, 10], &Device::default());
    let _ = trace!(net(), input(), |m: TinyNet| (first - m.layer1.output).save());
    let _ = trace!(net(), input(), |m: TinyNet| (&all - m.layer1.output).save());
}
