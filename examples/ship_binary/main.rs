//! A program of one model: everything that `nnsight::main!` gives, in one file to copy to another machine.
//!
//! `cargo run --release --example ship_binary -- tree`; README.md beside this file says how to ship it.

use burn::module::Param;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use nnsight::prelude::*;

axes! {
    Batch;            // known when an input arrives
    Bits = 2;
    Hidden = 2;
    Answer = 1;
}

/// Exclusive or, as a network computes it: one hidden unit counts the bits, the other counts those beyond the first.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Bits) -> (Batch, Answer))]
struct Xor {
    #[inspect((Batch, Bits) -> (Batch, Hidden))]
    hidden: Linear,
    /// The hidden units, after the rectifier.
    units: Probe<(Batch, Hidden)>,
    #[inspect((Batch, Hidden) -> (Batch, Answer))]
    answer: Linear,
}

#[inspectable]
impl Xor {
    fn forward(&self, bits: Tensor<2>) -> Tensor<2> {
        let units = self.units.forward(relu(self.hidden.forward(bits)));
        self.answer.forward(units)
    }
}

impl Xor {
    /// The model with its weights, which are in the program: nothing else is to be shipped.
    fn load(device: &Device) -> Self {
        let mut hidden = LinearConfig::new(2, 2).init(device);
        hidden.weight = Param::from_tensor(Tensor::from_floats([[1.0, 1.0], [1.0, 1.0]], device));
        hidden.bias = Some(Param::from_tensor(Tensor::from_floats([0.0, -1.0], device)));
        let mut answer = LinearConfig::new(2, 1).with_bias(false).init(device);
        answer.weight = Param::from_tensor(Tensor::from_floats([[1.0], [-2.0]], device));
        Self {
            hidden,
            units: Probe::new(),
            answer,
        }
    }
}

nnsight::main!(Xor, |device| -> nnsight::Result<Xor> { Ok(Xor::load(device)) });
