// A module attached to a stream of another width: in PyTorch a size mismatch when the model runs.
include!("../model.rs");

axes! { Wide = 20; }

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Wide) -> (Batch, Wide))]
pub struct Sae {
    #[inspect((Batch, Wide) -> (Batch, Wide))]
    encoder: Linear,
}

#[inspectable]
impl Sae {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.encoder.forward(x)
    }
}

fn main() {
    let encoder = LinearConfig::new(20, 20).init(&Device::default());
    let (net, sae) = net().attach("sae", Sae { encoder }).unwrap();
    let _ = trace!(net, input(), |m: TinyNet| {
        m.attached(sae).call(m.layer1.output).save()
    });
}
