//! One network twice: with hooks, and in plain Burn.

use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::gelu;
use nnsight::prelude::*;

axes! {
    Batch;
    Width = 16;
    Wide = 64;
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
pub struct Block {
    #[inspect((Batch, Width) -> (Batch, Width))]
    norm: LayerNorm,
    #[inspect((Batch, Width) -> (Batch, Wide))]
    up: Linear,
    #[inspect((Batch, Wide) -> (Batch, Width))]
    down: Linear,
}

#[inspectable]
impl Block {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let wide = gelu(self.up.forward(self.norm.forward(x.clone()))) * 0.5;
        self.down.forward(wide.tanh()) + x
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
pub struct Net {
    first: Block,
    second: Block,
    third: Block,
}

#[inspectable]
impl Net {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.third.forward(self.second.forward(self.first.forward(x)))
    }
}

/// The same forward without a hook, and what `keep` takes of what the blocks give.
pub fn plain(net: &Net, mut x: Tensor<2>, mut keep: impl FnMut(usize, &Tensor<2>)) -> Tensor<2> {
    for (number, block) in [&net.first, &net.second, &net.third].into_iter().enumerate() {
        let wide = gelu(block.up.forward(block.norm.forward(x.clone()))) * 0.5;
        x = block.down.forward(wide.tanh()) + x;
        keep(number, &x);
    }
    x
}

/// The network with random weights, and its input.
pub fn net(device: &Device) -> (NnSight<Net>, Tensor<2>) {
    device.seed(1);
    let block = || Block {
        norm: LayerNormConfig::new(16).init(device),
        up: LinearConfig::new(16, 64).init(device),
        down: LinearConfig::new(64, 16).init(device),
    };
    let net = Net {
        first: block(),
        second: block(),
        third: block(),
    };
    let input = Tensor::<2>::ones([4, 16], device) * 0.5;
    // Parameters are drawn when they are first used: not in what is watched.
    net.forward(input.clone())
        .into_data()
        .iter::<f32>()
        .for_each(drop);
    (NnSight::new(net), input)
}
