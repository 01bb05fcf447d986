// A forward whose rank is not the declared one.
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
    fn forward(&self, x: Tensor<3>) -> Tensor<2> {
        self.layer.forward(x.squeeze_dim::<2>(0))
    }
}

fn main() {}
