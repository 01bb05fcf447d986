//! The training loop: AdamW with warm-up and cosine decay, a progress bar and the loss.

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams, grad_clipping::GradientClippingConfig};
use indicatif::{ProgressBar, ProgressStyle};
use nnsight::DeviceName;
use tokenizers::{Result, Tokenizer};

use crate::model::{Gpt2, Gpt2Shape};
use crate::sentences::Sentence;
use crate::texts::Texts;

/// What a user may choose about a training run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Decides the first weights and the order of the data.
    pub seed: u64,
    /// Where it trains.
    pub device: DeviceName,
    /// Optimiser steps.
    pub steps: usize,
    /// Texts per step.
    pub batch: usize,
    /// The highest learning rate, reached after the warm-up.
    pub learning_rate: f64,
}

impl Settings {
    /// Rises linearly over the first twentieth of the steps, then falls along a cosine to a fiftieth.
    fn learning_rate_at(&self, step: usize) -> f64 {
        let warm_up = (self.steps / 20).max(1);
        let factor = if step < warm_up {
            (step + 1) as f64 / warm_up as f64
        } else {
            let progress = (step - warm_up) as f64 / (self.steps - warm_up).max(1) as f64;
            0.02 + 0.98 * (1.0 + (std::f64::consts::PI * progress).cos()) / 2.0
        };
        self.learning_rate * factor
    }
}

/// Trains a model on the sentences; the same settings give the same model.
///
/// A progress bar with the loss goes to stderr where that is a terminal, and now and then a line with
/// the loss to stdout.
///
/// # Errors
/// Whatever the `tokenizers` crate reports.
pub fn train(sentences: &[Sentence], tokenizer: &Tokenizer, settings: Settings) -> Result<Gpt2> {
    let device = settings.device.open()?.autodiff();
    device.seed(settings.seed);
    let shape = Gpt2Shape::small(tokenizer.get_vocab_size(true));
    let mut model = Gpt2::new(shape, &device);
    let mut optimiser = AdamWConfig::new()
        .with_beta_2(0.98)
        .with_weight_decay(0.3)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
        .init();
    println!("{} parameters, {} sentences", model.num_params(), sentences.len());

    let mut texts = Texts::new(sentences, tokenizer, shape.positions, settings)?;
    let bar = progress_bar(settings.steps)?;
    let mut recent = 0.0;
    for step in 0..settings.steps {
        let loss = texts.next_batch(&device).loss(&model);
        let loss_now: f32 = loss.clone().into_scalar();
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        model = optimiser.step(settings.learning_rate_at(step), model, gradients);

        recent = if step == 0 {
            loss_now
        } else {
            0.95 * recent + 0.05 * loss_now
        };
        bar.set_message(format!("loss {recent:.3}"));
        bar.inc(1);
        let done = step + 1;
        if step == 0 || done % settings.steps.div_ceil(10) == 0 || done == settings.steps {
            bar.suspend(|| println!("step {done:>5}  loss {recent:.4}"));
        }
    }
    bar.finish_and_clear();
    Ok(model)
}

fn progress_bar(steps: usize) -> Result<ProgressBar> {
    let style = "{elapsed_precise} [{wide_bar}] {pos}/{len} {msg}, {eta} left";
    Ok(ProgressBar::new(steps as u64).with_style(ProgressStyle::with_template(style)?))
}
