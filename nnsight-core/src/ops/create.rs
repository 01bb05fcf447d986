//! Values that take only their sizes from others: a number everywhere, seeded noise.

use super::error::{self, OpError, Result};
use super::real;
use crate::shapes::kind::KindTag;
use crate::shapes::meta::TensorMeta;
use crate::shapes::scalar::Scalar;
use crate::tensor::erased::{Erased, with_rank};
use burn::tensor::{Int, Tensor, TensorData};
use serde::{Deserialize, Serialize};

/// How noise is distributed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Law {
    /// Gaussian.
    Normal {
        /// Its mean.
        mean: f64,
        /// Its standard deviation.
        std: f64,
    },
    /// Even over `low..high`.
    Uniform {
        /// The least element.
        low: f64,
        /// No element reaches it.
        high: f64,
    },
}

impl Law {
    fn check(self) -> Result<()> {
        let (low, high, sound) = match self {
            Law::Normal { std, .. } => (0.0, std, std >= 0.0 && std.is_finite()),
            Law::Uniform { low, high } => (low, high, low < high),
        };
        if sound {
            Ok(())
        } else {
            Err(OpError::EmptyRange { low, high })
        }
    }

    /// Element `i`, whatever the others are.
    fn element(self, seed: u64, i: u64) -> f32 {
        match self {
            Law::Uniform { low, high } => (low + (high - low) * unit(seed, i)) as f32,
            Law::Normal { mean, std } => {
                // Box and Muller, "A Note on the Generation of Random Normal Deviates" (1958). The second
                // draw is from 0 to 1 without 0, for the logarithm.
                let (angle, radius) = (unit(seed, 2 * i), 1.0 - unit(seed, 2 * i + 1));
                let deviate = (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos();
                (mean + std * deviate) as f32
            }
        }
    }
}

/// The number of draw `i`, from 0 up to but not 1: splitmix64 (Steele, Lea and Flood, "Fast Splittable
/// Pseudorandom Number Generators", 2014) at a counter.
fn unit(seed: u64, i: u64) -> f64 {
    let mix = |mut z: u64| {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let step = |n: u64| n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    // The seed is mixed first: neighbouring seeds would give the same numbers one place on.
    let bits = mix(mix(step(seed)).wrapping_add(step(i)));
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

pub(super) fn infer_full(inputs: &[TensorMeta], kind: KindTag) -> Result<TensorMeta> {
    Ok(TensorMeta {
        kind,
        ..error::one(inputs)?
    })
}

pub(super) fn run_full([like]: [Erased; 1], kind: KindTag, number: Scalar, sizes: &[usize]) -> Erased {
    let (device, same) = (like.device(), like.kind() == kind);
    let sizes = sizes.to_vec();
    let (rank, float, int) = (sizes.len(), number.as_f64(), number.as_i64());
    match kind {
        KindTag::Float if same => {
            with_rank!(rank, D => Erased::new(Tensor::<D>::full(sizes, float, (&device, like.dtype()))))
        }
        KindTag::Float => with_rank!(rank, D => Erased::new(Tensor::<D>::full(sizes, float, &device))),
        KindTag::Int if same => {
            with_rank!(rank, D => Erased::new(Tensor::<D, Int>::full(sizes, int, (&device, like.dtype()))))
        }
        KindTag::Int => with_rank!(rank, D => Erased::new(Tensor::<D, Int>::full(sizes, int, &device))),
        KindTag::Bool => real::truth(int != 0, &sizes, &device),
    }
}

pub(super) fn infer_noise(inputs: &[TensorMeta], law: Law) -> Result<TensorMeta> {
    let like = error::one(inputs)?;
    error::of_kind(KindTag::Float, like)?;
    law.check()?;
    Ok(like)
}

pub(super) fn run_noise([like]: [Erased; 1], seed: u64, law: Law, sizes: &[usize]) -> Erased {
    let count: usize = sizes.iter().product();
    let noise: Vec<f32> = (0..count as u64).map(|i| law.element(seed, i)).collect();
    let data = TensorData::new(noise, sizes.to_vec());
    let options = (&like.device(), like.dtype());
    with_rank!(sizes.len(), D => Erased::new(Tensor::<D>::from_data(data, options)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(law: Law) -> (f64, f64) {
        const N: u64 = 100_000;
        let draws: Vec<f64> = (0..N).map(|i| f64::from(law.element(7, i))).collect();
        let mean = draws.iter().sum::<f64>() / N as f64;
        (
            mean,
            draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / N as f64,
        )
    }

    /// Five standard errors of the mean of 100 000 draws: 5 * 2 / 316 = 0.032.
    #[test]
    fn normal_noise_has_its_mean_and_variance() {
        let (mean, var) = moments(Law::Normal { mean: 3.0, std: 2.0 });
        assert!((mean - 3.0).abs() < 0.032, "mean {mean}");
        assert!((var - 4.0).abs() < 0.1, "variance {var}");
    }

    /// The variance of an even spread over a range of 3 is 9 / 12.
    #[test]
    fn uniform_noise_has_its_mean_and_variance() {
        let (mean, var) = moments(Law::Uniform { low: -1.0, high: 2.0 });
        assert!((mean - 0.5).abs() < 0.015, "mean {mean}");
        assert!((var - 0.75).abs() < 0.015, "variance {var}");
    }

    #[test]
    fn neighbouring_seeds_share_no_numbers() {
        let law = Law::Uniform { low: 0.0, high: 1.0 };
        let draws = |seed| (0..100).map(move |i| law.element(seed, i).to_bits());
        assert!(draws(1).all(|a| draws(2).all(|b| a != b)));
    }
}
