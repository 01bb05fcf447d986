//! The loss curve.

use std::fmt::{self, Write};

/// The losses of a training run, averaged over intervals of steps.
#[derive(Debug, Default)]
pub struct Curve {
    points: Vec<Point>,
    /// First and second half, of the steps since the last point.
    recent: Vec<[f32; 2]>,
}

/// The means over the steps of an interval.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// The last of the steps, counted from 1.
    pub step: usize,
    /// The loss on tokens that have not been seen.
    pub first_half: f32,
    /// The loss on tokens that repetition tells.
    pub second_half: f32,
}

impl Curve {
    /// Steps for each point.
    const INTERVAL: usize = 50;

    /// Takes the losses of a step (first and second half), and gives the point that it completes.
    pub fn push(&mut self, step: usize, losses: [f32; 2]) -> Option<Point> {
        self.recent.push(losses);
        if self.recent.len() < Self::INTERVAL {
            return None;
        }
        let steps = self.recent.len() as f32;
        let mean = |half: usize| self.recent.iter().map(|losses| losses[half]).sum::<f32>() / steps;
        let point = Point {
            step,
            first_half: mean(0),
            second_half: mean(1),
        };
        self.recent.clear();
        self.points.push(point);
        Some(point)
    }

    /// A table with a header, for a spreadsheet or a plot.
    pub fn csv(&self) -> String {
        let mut text = String::from("step,first_half,second_half\n");
        for point in &self.points {
            let Point {
                step,
                first_half,
                second_half,
            } = point;
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{step},{first_half:.5},{second_half:.5}");
        }
        text
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Point {
            step,
            first_half,
            second_half,
        } = self;
        write!(
            f,
            "step {step:>5}  first half {first_half:.4}  second half {second_half:.4}"
        )
    }
}
