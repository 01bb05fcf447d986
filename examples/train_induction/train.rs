//! The training loop: Burn's AdamW on repeated random tokens, a progress bar and the loss curve.

use burn::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams, grad_clipping::GradientClippingConfig};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor};
use indicatif::{ProgressBar, ProgressStyle};
use nnsight::DeviceName;

use crate::curve::Curve;
use crate::model::{Attention, AttentionOnly, HEAD_DIM, HEADS, HIDDEN, LONGEST_PERIOD};
use crate::random::Random;
use crate::sequences::repeated;

const SHORTEST_PERIOD: usize = 8;

/// What a user may choose about a training run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Decides the first weights and the sequences.
    pub seed: u64,
    /// Where it trains.
    pub device: DeviceName,
    /// Optimiser steps.
    pub steps: usize,
    /// Sequences per step.
    pub batch: usize,
    /// The learning rate of the first step; it falls to 0 along a cosine.
    pub learning_rate: f64,
    /// What a unit of [`size_of_heads`] adds to the loss at the end.
    pub head_penalty: f64,
}

impl Settings {
    /// Nothing in the first half of the steps, then linearly more: heads must have found each other before some are
    /// silenced.
    fn head_penalty_at(&self, step: usize) -> f64 {
        let progress = step as f64 / self.steps as f64;
        self.head_penalty * (2.0 * progress - 1.0).max(0.0)
    }
}

/// Trains a model; the same settings give the same model.
///
/// A progress bar goes to stderr where that is a terminal, and the points of the curve to stdout.
///
/// # Errors
/// A learning rate that is not in (0, 1], or no steps.
pub fn train(settings: Settings) -> Result<(AttentionOnly, Curve), Box<dyn std::error::Error>> {
    let device = settings.device.open()?.autodiff();
    device.seed(settings.seed);
    let mut random = Random::new(settings.seed);
    let mut model = AttentionOnly::new(&device);
    let mut optimiser = AdamWConfig::new()
        .with_beta_2(0.98)
        // Before the heads find each other the gradients of their weights are tiny: not to be drowned.
        .with_epsilon(1e-8)
        .with_weight_decay(0.1)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
        .init();
    let mut schedule =
        CosineAnnealingLrSchedulerConfig::new(settings.learning_rate, settings.steps).init()?;
    println!("{} parameters", model.num_params());

    let bar = progress_bar(settings.steps)?;
    let mut curve = Curve::default();
    for step in 1..=settings.steps {
        // The period varies, so that where to look is told by the tokens and not by the distance.
        let period = SHORTEST_PERIOD + random.below(LONGEST_PERIOD + 1 - SHORTEST_PERIOD);
        let ids = repeated(settings.batch, period, &mut random, &device);
        let losses = losses(&model, ids);
        let first_half = losses.clone().narrow(1, 0, period).mean();
        let second_half = losses.clone().narrow(1, period + 1, period - 1).mean();
        let loss = losses.mean() + size_of_heads(&model) * settings.head_penalty_at(step);
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        model = optimiser.step(schedule.step(), model, gradients);

        bar.inc(1);
        if let Some(point) = curve.push(step, [first_half.into_scalar(), second_half.into_scalar()]) {
            bar.set_message(format!("second-half loss {:.3}", point.second_half));
            bar.suspend(|| println!("{point}"));
        }
    }
    bar.finish_and_clear();
    Ok((model, curve))
}

/// The cross-entropy of each token but the first.
///
/// # Shapes
/// (rows, seq) token ids to (rows, seq - 1)
fn losses(model: &AttentionOnly, ids: Tensor<2, Int>) -> Tensor<2> {
    let [_, seq] = ids.dims();
    let logits = model.forward(ids.clone()).narrow(1, 0, seq - 1);
    let next = ids.narrow(1, 1, seq - 1).unsqueeze_dim::<3>(2);
    -log_softmax(logits, 2).gather(2, next).squeeze_dim::<2>(2)
}

/// The sum of the norms of the heads' weights, each head a group of its own.
///
/// As a penalty (a group lasso) it makes heads that are not needed fade away as a whole: work that many heads share
/// is done by few, and those are missed when they are ablated.
fn size_of_heads(model: &AttentionOnly) -> Tensor<1> {
    let norms = model.layers.iter().map(|layer| {
        let Attention {
            w_q, w_k, w_v, w_o, ..
        } = &layer.attn;
        let squares = |weight: Tensor<2>| {
            let by_head = weight.reshape([HIDDEN, HEADS, HEAD_DIM]).square();
            by_head.sum_dim(2).sum_dim(0).flatten::<1>(0, 2)
        };
        // A head has columns of the weights that read, and rows of the one that writes.
        let read = [w_q, w_k, w_v].map(|linear| linear.weight.val());
        let written = w_o.weight.val().transpose();
        let of_heads = read.into_iter().map(squares).fold(squares(written), Tensor::add);
        // The square root has no gradient at 0.
        (of_heads + 1e-8).sqrt()
    });
    Tensor::cat(norms.collect(), 0).sum()
}

fn progress_bar(steps: usize) -> Result<ProgressBar, indicatif::style::TemplateError> {
    let style = "{elapsed_precise} [{wide_bar}] {pos}/{len} {msg}, {eta} left";
    Ok(ProgressBar::new(steps as u64).with_style(ProgressStyle::with_template(style)?))
}
