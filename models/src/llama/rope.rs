//! How fast rotary positions turn, and how that is stretched for longer sequences.

use super::config::LlamaConfig;
use crate::rotary::{self, Angles};
use burn::prelude::*;
use std::f64::consts::TAU;
use std::fmt;

/// How the frequencies of rotary positions are changed, for sequences longer than those of the first training:
/// `rope_type` in `rope_scaling`, or in `rope_parameters` of newer files.
///
/// `dynamic` is read as [`Plain`](Self::Plain): it changes nothing up to `max_position_embeddings`, and longer
/// sequences are refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RopeScaling {
    /// Not at all: `default`, and `dynamic`.
    Plain,
    /// Each position counts for `1 / factor`: `linear`. From [Extending Context Window of Large Language Models
    /// via Positional Interpolation](https://arxiv.org/abs/2306.15595).
    Linear {
        /// `factor`
        factor: f64,
    },
    /// Slow planes are slowed by `factor`, fast ones are not, and those between are in part: `llama3`. From
    /// Meta's [code for Llama 3.1](https://github.com/meta-llama/llama-models).
    Llama3 {
        /// `factor`
        factor: f64,
        /// `low_freq_factor`: planes that turn less often than this in `original_positions` are slow.
        low: f64,
        /// `high_freq_factor`: planes that turn more often than this in `original_positions` are fast.
        high: f64,
        /// `original_max_position_embeddings`
        original_positions: usize,
    },
    /// As [`Llama3`](Self::Llama3), with a ramp over the planes' numbers, and queries and keys made longer:
    /// `yarn`. From [YaRN: Efficient Context Window Extension of Large Language
    /// Models](https://arxiv.org/abs/2309.00071), section 3.
    Yarn {
        /// `factor`
        factor: f64,
        /// `beta_fast`: planes that turn more often than this in `original_positions` are fast.
        fast: f64,
        /// `beta_slow`: planes that turn less often than this in `original_positions` are slow.
        slow: f64,
        /// `original_max_position_embeddings`
        original_positions: usize,
        /// `attention_factor`; `0.1 ln(factor) + 1` where it is absent
        length: Option<f64>,
        /// `truncate`: whether the ramp goes from a whole plane to a whole plane.
        whole: bool,
    },
}

impl RopeScaling {
    /// The values of `rope_type` that are computed here, for error messages.
    pub const NAMES: &str = "`default`, `linear`, `dynamic`, `llama3` or `yarn`, which are computed here";

    /// By how much a frequency of `planes` many is multiplied.
    fn slowed(self, plane: usize, planes: usize, frequency: f64, base: f64) -> f64 {
        match self {
            Self::Plain => 1.0,
            Self::Linear { factor } => 1.0 / factor,
            Self::Llama3 {
                factor,
                low,
                high,
                original_positions,
            } => {
                let turns = original_positions as f64 * frequency / TAU;
                let fast = ((turns - low) / (high - low)).clamp(0.0, 1.0);
                (1.0 - fast) / factor + fast
            }
            Self::Yarn {
                factor,
                fast,
                slow,
                original_positions,
                whole,
                ..
            } => {
                let entries = 2.0 * planes as f64;
                // The plane, counted in fractions, that turns so often in the original positions.
                let turning = |turns: f64| {
                    entries * (original_positions as f64 / (turns * TAU)).ln() / (2.0 * base.ln())
                };
                let (first, last) = match whole {
                    true => (turning(fast).floor(), turning(slow).ceil()),
                    false => (turning(fast), turning(slow)),
                };
                let (first, last) = (first.max(0.0), last.min(entries - 1.0));
                // As Hugging Face, which so avoids a division by zero.
                let width = if first == last { 0.001 } else { last - first };
                let slow = ((plane as f64 - first) / width).clamp(0.0, 1.0);
                slow / factor + (1.0 - slow)
            }
        }
    }

    /// By how much queries and keys are made longer.
    fn length(self) -> f64 {
        match self {
            Self::Yarn {
                length: Some(length), ..
            } => length,
            Self::Yarn { factor, .. } if factor > 1.0 => 0.1 * factor.ln() + 1.0,
            _ => 1.0,
        }
    }
}

impl fmt::Display for RopeScaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => f.write_str("none"),
            other => write!(f, "{other:?}"),
        }
    }
}

/// The angles at some positions, (Batch, Seq).
pub(super) fn angles<C: LlamaConfig>(positions: Tensor<2, Int>) -> Angles {
    let angles = Angles::new(positions, &frequencies::<C>());
    match C::ROPE_SCALING.length() {
        1.0 => angles,
        length => angles.lengthened(length),
    }
}

/// How far each plane of a head turns from one position to the next.
fn frequencies<C: LlamaConfig>() -> Vec<f32> {
    let (base, planes) = (C::ROPE_THETA, C::HEAD_DIM / 2);
    let plain = rotary::frequencies(base, C::HEAD_DIM).into_iter().enumerate();
    let scaled = plain.map(|(plane, frequency)| {
        let frequency = f64::from(frequency);
        frequency * C::ROPE_SCALING.slowed(plane, planes, frequency, base)
    });
    scaled.map(|frequency| frequency as f32).collect()
}
