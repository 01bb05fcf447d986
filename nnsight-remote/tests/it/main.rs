//! The protocol: what one side writes the other reads, and whatever else arrives is an error.

mod decoding;
mod round_trip;
