//! What a plan costs, known before it runs.
//!
//! The plan is rehearsed: the model's own forward runs on Burn's capture device, which records operations with their
//! sizes and computes nothing, with the plan's reads, edits, skipped modules and early end in place. What is counted is
//! what was recorded.

#[cfg(feature = "cost")]
pub(crate) mod bytes;
#[cfg(feature = "cost")]
pub(crate) mod layout;
mod of_plan;
#[cfg(feature = "cost")]
pub(crate) mod operations;
#[cfg(feature = "cost")]
pub(crate) mod recording;
#[cfg(feature = "cost")]
pub(crate) mod replay;

use std::fmt;

/// What a trace costs on the input of its plan. [`Plan::cost`](crate::plan::Plan::cost) gives it, before anything runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// Arithmetic operations of all that runs: forward passes as far as they run, the trace's own operations, backward
    /// passes, each step of a generation. A matrix product of `(m, k)` and `(k, n)` has `2mnk`.
    pub operations: u64,
    /// How many of them are of backward passes.
    pub backward_operations: u64,
    /// Bytes of the tensors that live at the worst moment: inputs, constants, activations and what is kept. The model's
    /// parameters are not among them.
    pub peak_bytes: u64,
    /// Bytes of the tensors that are given back.
    pub result_bytes: u64,
    /// Closures of the trace. What they compute is not known, and not counted; what they give is.
    pub closures: u32,
}

impl fmt::Display for Cost {
    /// `1.2 GFLOP, peak 34.0 MiB, results 1.5 MiB`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operations = scaled(self.operations, 1000, &["", "k", "M", "G", "T", "P", "E"]);
        let bytes = |bytes| scaled(bytes, 1024, &["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]);
        let (peak, results) = (bytes(self.peak_bytes), bytes(self.result_bytes));
        write!(f, "{operations}FLOP, peak {peak}B, results {results}B")?;
        match self.closures {
            0 => Ok(()),
            1 => write!(f, ", and what a closure does"),
            many => write!(f, ", and what {many} closures do"),
        }
    }
}

/// A number with the prefix of its unit.
fn scaled(number: u64, step: u64, prefixes: &[&str]) -> String {
    if number < step {
        return format!("{number} ");
    }
    let (mut scaled, mut place) = (number as f64, 0);
    // What would be rounded to the next prefix has it.
    while scaled >= step as f64 - 0.05 && place + 1 < prefixes.len() {
        scaled /= step as f64;
        place += 1;
    }
    format!("{scaled:.1} {}", prefixes[place])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_reads_in_the_units_of_its_size() {
        let cost = Cost {
            operations: 1_234_000_000,
            peak_bytes: 34 << 20,
            result_bytes: 999,
            closures: 1,
            ..Cost::default()
        };
        let said = "1.2 GFLOP, peak 34.0 MiB, results 999 B, and what a closure does";
        assert_eq!(cost.to_string(), said);
        assert_eq!(scaled(999_999, 1000, &["", "k", "M"]), "1.0 M");
        assert_eq!(scaled(0, 1000, &["", "k"]), "0 ");
    }
}
