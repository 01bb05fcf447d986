//! Linear layers, laid out and multiplied as a CPU likes it.

use burn::module::Param;
use burn::nn;
use burn::prelude::*;
use burn::tensor::module;

/// `x * weight + bias`, with the parameters, names and records of [`burn::nn::Linear`], of which it can be made.
///
/// Two things differ, both for speed:
///
/// * The weight's memory is laid out (out, in), as in PyTorch, though its shape is (in, out): drawn and loaded
///   weights are put so. On a CPU a product with such a weight takes down to half the time.
/// * The positions of all prompts are the rows of one product. Burn's own makes a product for each prompt where
///   they are long, and would copy such a weight each time.
#[derive(Module, Debug)]
pub struct Linear {
    /// (in, out)
    pub weight: Param<Tensor<2>>,
    /// (out)
    pub bias: Option<Param<Tensor<1>>>,
}

impl Linear {
    /// The product for each row.
    ///
    /// # Shapes
    ///
    /// (.., in) to (.., out)
    ///
    /// # Panics
    ///
    /// If the last axis is not as long as the weight's first.
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        let weight = self.weight.val();
        let [inputs, outputs] = weight.dims();
        let mut sizes = x.dims();
        let rows = sizes[..D - 1].iter().product();
        let rows = x.reshape([rows, inputs]);
        sizes[D - 1] = outputs;
        module::linear(rows, weight, self.bias.as_ref().map(Param::val)).reshape(sizes)
    }
}

impl From<nn::Linear> for Linear {
    /// Nothing is drawn for it: a lazy parameter stays lazy.
    fn from(nn::Linear { weight, bias }: nn::Linear) -> Self {
        Self {
            weight: weight.init_mapper(by_columns).load_mapper(by_columns),
            bias,
        }
    }
}

nnsight_core::leaf! {
    Linear as LinearSites: [const D: usize] Tensor<D> => Tensor<D>, |layer, x| layer.forward(x);
}

/// The same matrix, column after column in memory.
fn by_columns(matrix: Tensor<2>) -> Tensor<2> {
    let [rows, columns] = matrix.dims();
    // What has one axis is contiguous: a reshape to that is a copy, where one is needed.
    let flat: Tensor<1> = matrix.transpose().reshape([rows * columns]);
    flat.reshape([columns, rows]).transpose()
}
