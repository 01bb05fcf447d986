//! Rotary position embeddings: queries and keys are turned by angles that grow with their position.

use burn::prelude::*;
use nnsight_core::{Carrier, Erased};

/// How far each position of a forward pass turns the planes of a head; the same in all layers, so made once.
///
/// From [RoFormer: Enhanced Transformer with Rotary Position Embedding](https://arxiv.org/abs/2104.09864), with
/// the planes as Hugging Face lays them out: plane `i` is spanned by entry `i` and entry `i + planes` of a head.
#[derive(Clone, Debug)]
pub struct Angles {
    /// (Batch, 1, Seq, planes), as `sin` is.
    cos: Tensor<4>,
    sin: Tensor<4>,
}

/// How far one step of position turns each plane: `base^(-2i / entries)` for the plane `i` of `entries / 2`.
pub fn frequencies(base: f64, entries: usize) -> Vec<f32> {
    let exponents = (0..entries / 2).map(|i| -2.0 * i as f64 / entries as f64);
    exponents.map(|exponent| base.powf(exponent) as f32).collect()
}

impl Angles {
    /// The angles at some positions, a plane for each of the `frequencies`.
    ///
    /// # Shapes
    ///
    /// `positions`: (Batch, Seq)
    pub fn new(positions: Tensor<2, Int>, frequencies: &[f32]) -> Self {
        let frequencies = Tensor::<1>::from_floats(frequencies, &positions.device());
        let angles = positions.float().unsqueeze_dims::<4>(&[1, 3]) * frequencies.unsqueeze();
        Self {
            cos: angles.clone().cos(),
            sin: angles.sin(),
        }
    }

    /// The angles at the positions 0 to `seq`, of all rows: those of a module that is called on values, which
    /// come without positions.
    pub fn from_start(seq: usize, frequencies: &[f32], device: &Device) -> Self {
        Self::new(Tensor::arange(0..seq as i64, device).unsqueeze(), frequencies)
    }

    /// The same angles, for heads that are made longer by a factor as they are turned.
    pub fn lengthened(self, length: f64) -> Self {
        Self {
            cos: self.cos * length,
            sin: self.sin * length,
        }
    }

    /// Turns the planes of each head; entries beyond them stay as they are.
    ///
    /// # Shapes
    ///
    /// (Batch, Head, Seq, HeadDim), same shape
    ///
    /// # Panics
    ///
    /// If a head has fewer than two entries a plane, or Seq is another than that of the positions.
    pub fn turn(&self, x: Tensor<4>) -> Tensor<4> {
        let planes = self.cos.dims()[3];
        let head = x.dims()[3];
        // Positions are counted in f32 and only the turn is rounded: in half precision the tables would be coarse.
        let (cos, sin) = (self.cos.clone().cast(x.dtype()), self.sin.clone().cast(x.dtype()));
        let rest = (head > 2 * planes).then(|| x.clone().narrow(3, 2 * planes, head - 2 * planes));
        let first = x.clone().narrow(3, 0, planes);
        let second = x.narrow(3, planes, planes);
        let mut parts = vec![
            first.clone() * cos.clone() - second.clone() * sin.clone(),
            second * cos + first * sin,
        ];
        parts.extend(rest);
        Tensor::cat(parts, 3)
    }
}

/// Angles pass a module's boundary untouched: they are no values of a trace, and a module that takes
/// `Option<Angles>` gets `None` when it is called on values.
impl Carrier for Angles {
    type Rest = Angles;
    fn has_effect(_: &Angles) -> bool {
        false
    }
    fn take_tensors(self, _: &mut Vec<Erased>) -> Angles {
        self
    }
    fn put_tensors(rest: Angles, _: &mut std::vec::IntoIter<Erased>) -> nnsight_core::Result<Self> {
        Ok(rest)
    }
    fn from_tensors(_: &mut std::vec::IntoIter<Erased>) -> nnsight_core::Result<Self> {
        Err(nnsight_core::Error::NotOfTensors {
            wanted: std::any::type_name::<Self>(),
        })
    }
    fn rest_to_device(rest: Angles, device: &Device) -> Angles {
        Angles {
            cos: rest.cos.to_device(device),
            sin: rest.sin.to_device(device),
        }
    }
    fn copy_rest(rest: &Angles) -> Option<Angles> {
        Some(rest.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(x: [f32; 5], position: i64) -> Vec<f32> {
        let device = Device::default();
        let positions = Tensor::<2, Int>::from_data([[position]], &device);
        let x = Tensor::<4>::from_floats([[[x]]], &device);
        let turned = Angles::new(positions, &frequencies(100.0, 4)).turn(x);
        turned.into_data().try_to_vec().expect("floats")
    }

    #[test]
    fn each_plane_is_turned_by_its_own_angle_and_the_rest_is_left() {
        // Planes (0, 2) at 1 radian a position and (1, 3) at 100^(-1/2) = 0.1.
        let found = turned([1.0, 1.0, 0.0, 0.0, 7.0], 3);
        let wanted = [3.0f32.cos(), 0.3f32.cos(), 3.0f32.sin(), 0.3f32.sin(), 7.0];
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-6, "{found} {wanted}");
        }
        let still = [0.5, -2.0, 3.0, 4.0, 7.0];
        assert_eq!(turned(still, 0), still);
    }
}
