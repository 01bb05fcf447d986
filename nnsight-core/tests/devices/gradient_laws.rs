//! Laws of gradients, for every network and input (proptest).

use crate::prelude::*;
use crate::support::{device, rows};
use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig, Tanh};
use burn::tensor::{Tensor, TensorData};
use proptest::prelude::*;

axes! {
    Batch;
    Features = 3;
    Hidden = 4;
    Classes = 2;
}

/// A layer without bias; `support::linear` wants its sizes in the type.
fn layer(inputs: usize, outputs: usize) -> impl Strategy<Value = Linear> {
    prop::collection::vec(-1.0f32..1.0, inputs * outputs).prop_map(move |weight| {
        let device = device();
        let mut layer = LinearConfig::new(inputs, outputs).with_bias(false).init(&device);
        layer.weight = Param::from_tensor(Tensor::from_data(
            TensorData::new(weight, [inputs, outputs]),
            &device,
        ));
        layer
    })
}

/// One row.
fn row(width: usize) -> impl Strategy<Value = Tensor<2>> {
    prop::collection::vec(-1.0f32..1.0, width)
        .prop_map(move |row| Tensor::from_data(TensorData::new(row, [1, width]), &device()))
}

/// Layers without anything between them.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Classes))]
pub struct Stack {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    first: Linear,
    #[inspect((Batch, Hidden) -> (Batch, Hidden), len = 3)]
    middle: Vec<Linear>,
    #[inspect((Batch, Hidden) -> (Batch, Classes))]
    last: Linear,
}

#[inspectable]
impl Stack {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let mut x = self.first.forward(x);
        for layer in &self.middle {
            x = layer.forward(x);
        }
        self.last.forward(x)
    }
}

/// A function that bends.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Classes))]
pub struct Curved {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    first: Linear,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    act: Tanh,
    #[inspect((Batch, Hidden) -> (Batch, Classes))]
    last: Linear,
}

#[inspectable]
impl Curved {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.last.forward(self.act.forward(self.first.forward(x)))
    }
}

prop_compose! {
    fn stack()(first in layer(3, 4), middle in [layer(4, 4), layer(4, 4), layer(4, 4)], last in layer(4, 2))
        -> NnSight<Stack> {
        NnSight::new(Stack { first, middle: middle.into(), last })
    }
}

prop_compose! {
    fn curved()(first in layer(3, 4), last in layer(4, 2)) -> NnSight<Curved> {
        NnSight::new(Curved { first, act: Tanh::new(), last })
    }
}

/// What `examples/attribution_patching.rs` computes, unit by unit.
fn attribution(
    net: &NnSight<Stack>,
    source: &[Tensor<2>],
    base: &Tensor<2>,
) -> nnsight::Result<Vec<Vec<f32>>> {
    let attributed = trace!(net, base, |m: Stack| {
        (m.output[0, 0] - m.output[0, 1]).backward();
        let attribution = |(layer, source)| {
            let base = m.middle[layer].output;
            (base.grad * (Value::<(Batch, Hidden)>::constant(source) - base)).save()
        };
        source.iter().enumerate().map(attribution).collect::<Vec<_>>()
    })?;
    Ok(attributed.into_iter().map(rows).collect())
}

const STEP: f32 = 1.0 / 128.0;

/// With weights below 1 the loss of a `Curved` is below 32, so that its rounding, some 4e-6, becomes 5e-4 over
/// the step; its third derivative is below 280, of which the step leaves 3e-3 (`h^2 / 6`).
const TOLERANCE: f32 = 4e-3;

/// The derivative at 0, by central differences.
fn slope(loss: impl Fn(f32) -> nnsight::Result<Tensor<1>>) -> nnsight::Result<f32> {
    let loss = |by| loss(by).map(Tensor::into_scalar::<f32>);
    Ok((loss(STEP)? - loss(-STEP)?) / (2.0 * STEP))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Attribution patching is the first term of a Taylor series, so on a linear network it is all of it.
    #[test]
    fn on_a_linear_network_attribution_patching_is_activation_patching(
        net in stack(), source in row(3), base in row(3)
    ) {
        let source = trace!(net, &source, |m: Stack| {
            m.middle.iter().map(|layer| layer.output.save()).collect::<Vec<_>>()
        })?;
        let plain = trace!(net, &base, |m: Stack| (m.output[0, 0] - m.output[0, 1]).save())?.into_scalar::<f32>();
        let attributed = attribution(&net, &source, &base)?;
        prop_assert_eq!(attributed.len(), 3);
        for (layer, attributed) in attributed.into_iter().enumerate() {
            for (unit, attributed) in attributed.into_iter().enumerate() {
                let patched = trace!(net, &base, |m: Stack| {
                    let source = Value::<(Batch, Hidden)>::constant(&source[layer]);
                    m.middle[layer].output[.., unit] = source[.., unit];
                    (m.output[0, 0] - m.output[0, 1]).save()
                })?;
                let patched = patched.into_scalar::<f32>();
                // What the metric is rounded by does not shrink with the difference.
                let allowed = 1e-5 * plain.abs().max(patched.abs()).max(1.0);
                let moved = patched - plain;
                prop_assert!((attributed - moved).abs() < allowed, "{attributed} {moved}");
            }
        }
    }

    #[test]
    fn gradients_are_what_small_changes_say(net in curved(), x in row(3)) {
        let (of_input, of_hidden) = trace!(net, &x, |m: Curved| {
            (m.output * m.output).sum().backward();
            (m.input.grad.save(), m.first.output.grad.save())
        })?;
        for (feature, gradient) in rows(of_input).into_iter().enumerate() {
            let slope = slope(|by| trace!(net, &x, |m: Curved| {
                m.input[.., feature] += by;
                (m.output * m.output).sum().save()
            }))?;
            prop_assert!((gradient - slope).abs() < TOLERANCE, "{gradient} {slope}");
        }
        for (unit, gradient) in rows(of_hidden).into_iter().enumerate() {
            let slope = slope(|by| trace!(net, &x, |m: Curved| {
                m.first.output[.., unit] += by;
                (m.output * m.output).sum().save()
            }))?;
            prop_assert!((gradient - slope).abs() < TOLERANCE, "{gradient} {slope}");
        }
    }
}
