// The model that the cases share: two layers, and a list of blocks.
#[allow(unused_imports)]
use burn::nn::{Embedding, Linear, LinearConfig};
#[allow(unused_imports)]
use nnsight::prelude::*;

axes! {
    Batch;
    Features = 5;
    Hidden = 10;
    Classes = 2;
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Hidden) -> (Batch, Hidden))]
pub struct Block {
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    mix: Linear,
    resid: Probe<(Batch, Hidden)>,
}

#[inspectable]
impl Block {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.resid.forward(self.mix.forward(x))
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Classes))]
pub struct TinyNet {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    layer1: Linear,
    #[inspect(len = 3)]
    blocks: Vec<Block>,
    #[inspect((Batch, Hidden) -> (Batch, Classes))]
    layer2: Linear,
}

#[inspectable]
impl TinyNet {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let mut x = self.layer1.forward(x);
        for block in &self.blocks {
            x = block.forward(x);
        }
        self.layer2.forward(x)
    }
}

#[allow(dead_code)]
pub fn net() -> NnSight<TinyNet> {
    let device = Device::default();
    let mix = || Block { mix: LinearConfig::new(10, 10).init(&device), resid: Probe::new() };
    NnSight::new(TinyNet {
        layer1: LinearConfig::new(5, 10).init(&device),
        blocks: vec![mix(), mix(), mix()],
        layer2: LinearConfig::new(10, 2).init(&device),
    })
}

#[allow(dead_code)]
pub fn input() -> Tensor<2> {
    Tensor::ones([1, 5], &Device::default())
}
