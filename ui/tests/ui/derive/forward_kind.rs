// A forward whose kind is not the declared one.
use burn::nn::Linear;
use nnsight::prelude::*;

axes! {
    Batch;
    Features = 5;
    Hidden = 10;
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
struct Net {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    layer: Linear,
}

#[inspectable]
impl Net {
    fn forward(&self, x: Tensor<2, Int>) -> Tensor<2> {
        self.layer.forward(x.float())
    }
}

fn main() {}
