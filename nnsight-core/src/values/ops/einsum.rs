//! Sums of products over axes by name.

use super::permute::same;
use crate::error::{Error, WrittenAt};
use crate::graph::names::axes_name;
use crate::ops::{Einsum, Op};
use crate::shapes::axes::AxisMeta;
use crate::shapes::shape::{NumericKind, Shape};
use crate::values::together::HasTensor;
use crate::values::value::Value;
use crate::write::append;
use std::panic::Location;

const fn is_in(axis: AxisMeta, axes: &[AxisMeta]) -> bool {
    let mut i = 0;
    while i < axes.len() {
        if same(axis, axes[i]) {
            return true;
        }
        i += 1;
    }
    false
}

const fn check(left: &[AxisMeta], right: &[AxisMeta], output: &[AxisMeta]) {
    let mut i = 0;
    while i < output.len() {
        assert!(
            is_in(output[i], left) || is_in(output[i], right),
            "`einsum` gives axes of its two values only, and this one is in neither"
        );
        i += 1;
    }
}

/// The axes by number, as they stand in a list of all.
fn numbered(axes: &[AxisMeta], all: &[AxisMeta]) -> Option<Vec<u8>> {
    let number = |axis: &AxisMeta| all.iter().position(|known| known.id == axis.id);
    let numbers = axes.iter().map(|axis| number(axis)?.try_into().ok());
    numbers.collect()
}

fn has_twins(axes: &[AxisMeta]) -> bool {
    (1..axes.len()).any(|i| axes[..i].iter().any(|before| before.id == axes[i].id))
}

impl<S: Shape, K: NumericKind> Value<S, K> {
    /// The product of two values along axes by their names, summed over those that are not in the result: what
    /// `torch.einsum("bsh,hv->bsv", a, b)` is with letters.
    ///
    /// An axis of both values is one axis. No order of axes matters, of either value or of the result, and no axis is made
    /// larger in between: sums of products are matrix products.
    ///
    /// ```standalone_crate
    /// # extern crate nnsight_core as nnsight;
    /// # use burn::tensor::{Device, Tensor};
    /// # use nnsight::{Inspectable, NnSight, inspectable, trace};
    /// nnsight::axes! { Batch; Features = 2; Classes = 3; }
    /// # #[derive(burn::module::Module, Debug, Inspectable)]
    /// # #[inspect((Batch, Features) -> (Batch, Classes))]
    /// # struct Net { #[inspect((Batch, Features) -> (Batch, Classes))] layer: burn::nn::Linear }
    /// # #[inspectable]
    /// # impl Net { fn forward(&self, x: Tensor<2>) -> Tensor<2> { self.layer.forward(x) } }
    /// # fn main() -> nnsight::Result<()> {
    /// # let device = Device::flex();
    /// # let net = NnSight::new(Net { layer: burn::nn::LinearConfig::new(2, 3).init(&device) });
    /// # let input = Tensor::<2>::ones([1, 2], &device);
    /// let (logits, each) = trace!(net, input, |m: Net| {
    ///     let weight = m.layer.weight.value();
    ///     // Summed over `Features`, which both have; and nothing summed.
    ///     let logits = m.layer.input.einsum::<(Batch, Classes)>(weight);
    ///     let each = m.layer.input.einsum::<(Batch, Classes, Features)>(weight);
    ///     (logits.save(), each.save())
    /// })?;
    /// assert_eq!((logits.dims(), each.dims()), ([1, 3], [1, 3, 2]));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// An axis of the result that neither value has is an error of the compiler (`cargo build`; `cargo check` does not
    /// look); axes of the same names that are other types, a value that has one axis twice (`rename` one of them), and
    /// sizes that differ are errors before the run.
    #[track_caller]
    pub fn einsum<T: Shape>(self, other: impl HasTensor<Kind = K>) -> Value<T, K> {
        of_two(self, other.value())
    }
}

#[track_caller]
fn of_two<S: Shape, R: Shape, T: Shape, K: NumericKind>(
    left: Value<S, K>,
    right: Value<R, K>,
) -> Value<T, K> {
    const { check(S::AXES, R::AXES, T::AXES) };
    let all = [S::AXES, R::AXES].concat();
    let axes = [S::AXES, R::AXES, T::AXES].map(|axes| match has_twins(axes) {
        true => None,
        false => numbered(axes, &all),
    });
    let inputs = [left.node(), right.node()];
    let [Some(left), Some(right), Some(output)] = axes else {
        append::fail(Error::OtherAxes {
            operation: "einsum",
            found: format!("{} and {}", axes_name(S::AXES), axes_name(R::AXES)),
            wanted: axes_name(T::AXES),
            at: WrittenAt(Some(Location::caller())),
        });
        return Value::new(inputs[0]);
    };
    Value::of(Op::Einsum(Einsum { left, right, output }), inputs)
}
