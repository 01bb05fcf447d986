//! Measuring two things against each other in one run: the machine's noise hits both.

use std::time::{Duration, Instant};

/// The times of one candidate.
pub struct Timing {
    pub name: &'static str,
    pub median: Duration,
    /// The middle half of the times: a measure of the noise.
    pub quartiles: (Duration, Duration),
}

/// Times the candidates in turn, round after round, so that all see the same machine.
pub fn compare(rounds: usize, candidates: &mut [(&'static str, &mut dyn FnMut())]) -> Vec<Timing> {
    for (_, run) in candidates.iter_mut() {
        for _ in 0..rounds.div_ceil(20) {
            run();
        }
    }
    let mut times = vec![Vec::with_capacity(rounds); candidates.len()];
    for _ in 0..rounds {
        for (times, (_, run)) in times.iter_mut().zip(candidates.iter_mut()) {
            let start = Instant::now();
            run();
            times.push(start.elapsed());
        }
    }
    let timings = candidates.iter().zip(times).map(|((name, _), mut times)| {
        times.sort_unstable();
        let at = |share: f64| times[(share * (times.len() - 1) as f64) as usize];
        Timing {
            name,
            median: at(0.5),
            quartiles: (at(0.25), at(0.75)),
        }
    });
    timings.collect()
}

/// Prints times, and how each compares with the first.
pub fn report(title: &str, timings: &[Timing]) {
    println!("\n{title}");
    let Some(base) = timings.first() else { return };
    for timing in timings {
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        println!(
            "  {:<34} {:>10.2} us  [{:.2} .. {:.2}]  {:+.2} us  x{:.3}",
            timing.name,
            micros(timing.median),
            micros(timing.quartiles.0),
            micros(timing.quartiles.1),
            micros(timing.median) - micros(base.median),
            micros(timing.median) / micros(base.median),
        );
    }
}
