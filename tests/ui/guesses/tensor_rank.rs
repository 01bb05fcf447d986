// A tensor over more axes than the value it is added to.
include!("../model.rs");

fn main() {
    let steer = Tensor::<3>::zeros([1, 1, 10], &Device::default());
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer1.output += &steer;
        m.output.save()
    });
}
