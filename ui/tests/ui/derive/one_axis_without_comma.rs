// A shape of one axis needs a comma.
use burn::nn::Linear;
use nnsight::prelude::*;

axes! {
    Batch;
    Features = 5;
    Hidden = 10;
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch) -> (Batch, Hidden))]
struct Net {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    layer: Linear,
}

#[inspectable]
impl Net {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.layer.forward(x)
    }
}

fn main() {}
