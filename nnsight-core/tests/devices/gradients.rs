//! Gradients: read, edited, of sites, values and parameters.

use crate::prelude::*;
use crate::support::{Hidden, TinyNet, device, input, linear, rows, tiny_net};
use burn::module::{Module, Param};
use burn::nn::{Dropout, DropoutConfig, Embedding, EmbeddingConfig, Linear};
use burn::tensor::{Int, Tensor};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn gradients_of_the_sum_are_the_weights() -> nnsight::Result<()> {
    let (g1, g2) = trace!(tiny_net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        (m.layer1.output.grad.save(), m.layer2.output.grad.save())
    })?;
    // The rows of W2, summed.
    assert_eq!(rows(g1), [1.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
    assert_eq!(rows(g2), [1.0; 4]);
    Ok(())
}

#[test]
fn an_edited_gradient_flows_on() -> nnsight::Result<()> {
    let (g1, g2, parameters) = trace!(tiny_net(), input(), |m: TinyNet| {
        m.layer1.output.grad[..] = 0.0;
        m.layer2.output.grad *= 2.0;
        let b = m.output.sum().backward();
        (
            m.layer1.output.grad.save(),
            m.layer2.output.grad.save(),
            b.parameter_grads(),
        )
    })?;
    assert_eq!(rows(g1), [0.0; 6]);
    assert_eq!(rows(g2), [2.0; 4]);
    assert_eq!(rows(parameters.get::<2>("layer1.weight")?), [0.0; 6]);
    // The sum over rows of h, twice: h = [[1, 2, 3], [3, 4, 7]].
    let twice = [8.0, 8.0, 12.0, 12.0, 20.0, 20.0];
    assert_eq!(rows(parameters.get::<2>("layer2.weight")?), twice);
    Ok(())
}

#[test]
fn doubling_a_gradient_doubles_what_lies_behind_it() -> nnsight::Result<()> {
    let g = trace!(tiny_net(), input(), |m: TinyNet| {
        m.layer2.output.grad *= 2.0;
        m.output.sum().backward();
        m.layer1.output.grad.save()
    })?;
    assert_eq!(rows(g), [2.0, 2.0, 0.0, 2.0, 2.0, 0.0]);
    Ok(())
}

#[test]
fn reads_and_edits_of_a_gradient_keep_their_order() -> nnsight::Result<()> {
    let (before, between, after) = trace!(tiny_net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        let before = m.layer2.output.grad.save();
        m.layer2.output.grad *= 3.0;
        let between = m.layer2.output.grad.save();
        m.layer2.output.grad[.., 1] = 5.0;
        (before, between, m.layer2.output.grad.save())
    })?;
    assert_eq!(rows(before), [1.0; 4]);
    assert_eq!(rows(between), [3.0; 4]);
    assert_eq!(rows(after), [3.0, 5.0, 3.0, 5.0]);
    Ok(())
}

#[test]
fn a_gradient_is_used_like_any_value() -> nnsight::Result<()> {
    let (product, through) = trace!(tiny_net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        let product = m.layer1.output * m.layer1.output.grad;
        (
            product.sum_over(Hidden).save(),
            m.layer2.call(m.layer1.output.grad).save(),
        )
    })?;
    assert_eq!(rows(product), [3.0, 7.0]);
    assert_eq!(rows(through), [1.0, 1.0, 1.0, 1.0]);
    Ok(())
}

#[test]
fn values_have_gradients_too() -> nnsight::Result<()> {
    let (of_value, of_site, of_sum, of_loss) = trace!(tiny_net(), input(), |m: TinyNet| {
        let v = m.layer1.output * 2.0;
        let loss = (v * v).sum() + m.output.sum();
        v.grad[.., 2] *= 10.0;
        loss.backward();
        (v.grad.save(), m.layer1.output.grad.save(), (v.grad * 0.5).sum().save(), loss.grad.save())
    })?;
    // v = 2h and d/dv = 2v = 4h; the last column is edited before it flows on to h.
    assert_eq!(rows(of_value), [4.0, 8.0, 120.0, 12.0, 16.0, 280.0]);
    // 2 * d/dv, and the rows of W2.
    assert_eq!(rows(of_site), [9.0, 17.0, 240.0, 25.0, 33.0, 560.0]);
    assert_eq!(rows(of_sum), [220.0]);
    assert_eq!(rows(of_loss), [1.0]);
    Ok(())
}

#[test]
fn a_value_that_was_read_has_the_gradient_of_its_site() -> nnsight::Result<()> {
    let (of_value, of_site) = trace!(tiny_net(), input(), |m: TinyNet| {
        // Read before the site's gradient is asked for, and used beside the model.
        let h = m.layer1.output;
        let loss = m.output.sum() + h.sum() * 10.0;
        loss.backward();
        (h.grad.save(), m.layer1.output.grad.save())
    })?;
    assert_eq!(rows(of_value), [11.0, 11.0, 10.0, 11.0, 11.0, 10.0]);
    assert_eq!(rows(of_site), [11.0, 11.0, 10.0, 11.0, 11.0, 10.0]);
    Ok(())
}

#[test]
fn a_site_has_a_gradient_before_and_after_an_edit() -> nnsight::Result<()> {
    let (before, after) = trace!(tiny_net(), input(), |m: TinyNet| {
        let before = m.layer1.output.grad.save();
        m.layer1.output *= 3.0;
        let after = m.layer1.output.grad.save();
        m.output.sum().backward();
        (before, after)
    })?;
    assert_eq!(rows(before), [3.0, 3.0, 0.0, 3.0, 3.0, 0.0]);
    assert_eq!(rows(after), [1.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
    Ok(())
}

#[test]
fn inputs_and_outputs_share_the_flow() -> nnsight::Result<()> {
    let (x, h_in, h_out, y) = trace!(tiny_net(), input(), |m: TinyNet| {
        m.output[0].sum().backward();
        (
            m.input.grad.save(),
            m.layer2.input.grad.save(),
            m.layer1.output.grad.save(),
            m.output.grad.save(),
        )
    })?;
    assert_eq!(rows(x), [1.0, 1.0, 0.0, 0.0]);
    assert_eq!(rows(h_in), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(rows(h_out), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(rows(y), [1.0, 1.0, 0.0, 0.0]);
    Ok(())
}

#[test]
fn parameters_by_name_and_as_a_whole() -> nnsight::Result<()> {
    let net = tiny_net();
    let (weight, double, all) = trace!(net, input(), |m: TinyNet| {
        let b = m.output.sum().backward();
        (
            m.layer1.weight.grad.save(),
            (m.layer2.weight.grad * 2.0).sum_over(Hidden).save(),
            b.parameter_grads(),
        )
    })?;
    // x^T * the rows of W2: x = [[1, 2], [3, 4]].
    assert_eq!(rows(weight), [4.0, 4.0, 0.0, 6.0, 6.0, 0.0]);
    assert_eq!(rows(double), [40.0, 40.0]);
    assert_eq!(
        all.names().collect::<Vec<_>>(),
        ["layer1.weight", "layer2.weight"]
    );
    assert_eq!(
        rows(all.get::<2>("layer2.weight")?),
        [4.0, 4.0, 6.0, 6.0, 10.0, 10.0]
    );
    assert!(matches!(
        all.get::<1>("layer2.weight"),
        Err(nnsight::Error::RankOrKind { .. })
    ));
    assert!(matches!(
        all.get::<2>("layer3.weight"),
        Err(nnsight::Error::NoParameter { .. })
    ));
    // The model itself is as it was.
    assert!(!net.model().forward(input()).is_autodiff());
    Ok(())
}

#[test]
fn a_parameter_that_is_not_there_is_an_error_before_the_run() {
    let found = trace!(tiny_net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.bias.grad.save()
    });
    let error = found.expect_err("these layers have no bias").to_string();
    assert!(
        error.starts_with("there is no parameter layer1.bias of floats in this model"),
        "{error}"
    );
}

mod words {
    use super::*;
    axes! {
        Batch;
        Seq;
        Wide = 2;
    }

    /// Token ids in, so nothing at its input could be tracked.
    #[derive(Module, Debug, Inspectable)]
    #[inspect((Batch, Seq): Int -> (Batch, Seq, Wide))]
    pub struct Words {
        #[inspect((Batch, Seq): Int -> (Batch, Seq, Wide))]
        pub table: Embedding,
        #[inspect((Batch, Seq, Wide) -> (Batch, Seq, Wide))]
        pub dropout: Dropout,
        pub seen: Probe<(Batch, Seq, Wide)>,
        #[inspect((Batch, Seq, Wide) -> (Batch, Seq, Wide))]
        pub mix: Linear,
    }

    #[inspectable]
    impl Words {
        pub fn forward(&self, ids: Tensor<2, Int>) -> Tensor<3> {
            let x = self.dropout.forward(self.table.forward(ids));
            let x = self.mix.forward(self.seen.forward(x));
            self.mix.forward(x)
        }
    }

    pub fn words(device: &Device) -> Words {
        let mut table = EmbeddingConfig::new(3, 2).init(device);
        table.weight = Param::from_tensor(Tensor::from_floats([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], device));
        Words {
            table,
            dropout: DropoutConfig::new(0.5).init(),
            seen: Probe::new(),
            mix: linear([[0.0, 1.0], [2.0, 0.0]], device),
        }
    }
}
use words::{Words, words};

fn ids() -> Tensor<2, Int> {
    Tensor::from_ints([[2, 0, 2]], &device())
}

#[test]
fn token_ids_and_frozen_weights_need_nothing() -> nnsight::Result<()> {
    let net = NnSight::new(words(&device()).no_grad());
    let (embedded, probe, table) = trace!(net, ids(), |m: Words| {
        m.output.sum().backward();
        (
            m.table.output.grad.save(),
            m.seen.output.grad.save(),
            m.table.weight.grad.save(),
        )
    })?;
    // mix * mix = 2 * identity
    assert_eq!(rows(embedded), [2.0; 6]);
    assert_eq!(rows(probe), [2.0; 6]);
    // The row of id 2 is used twice.
    assert_eq!(rows(table), [2.0, 2.0, 0.0, 0.0, 4.0, 4.0]);
    Ok(())
}

#[test]
fn each_call_of_a_module_has_its_gradient() -> nnsight::Result<()> {
    let net = NnSight::new(words(&device()));
    let (first, second) = trace!(net, ids(), |m: Words| {
        m.output[.., .., 0].sum().backward();
        (m.mix.output.grad.save(), m.mix.call_idx(1).output.grad.save())
    })?;
    assert_eq!(rows(first), [0.0, 2.0, 0.0, 2.0, 0.0, 2.0]);
    assert_eq!(rows(second), [1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
    Ok(())
}

/// Asking for a gradient puts tensors on an autodiff device, where Burn's dropout would begin to draw.
#[test]
fn asking_for_a_gradient_does_not_switch_dropout_on() -> nnsight::Result<()> {
    let net = NnSight::new(words(&device()));
    let plain = rows(net.model().forward(ids()));
    let (output, gradient) = trace!(net, ids(), |m: Words| {
        m.output.sum().backward();
        (m.output.save(), m.table.output.grad.save())
    })?;
    assert_eq!(rows(output), plain);
    assert_eq!(rows(gradient), [2.0; 6]);
    Ok(())
}

#[test]
fn a_model_in_training_keeps_its_dropout_and_its_parameters() -> nnsight::Result<()> {
    let device = device().autodiff().gradient_checkpointing();
    device.seed(3);
    let net = NnSight::new(words(&device));
    let (gradient, weight) = trace!(net, ids(), |m: Words| {
        m.output.sum().backward();
        (m.table.output.grad.save(), m.mix.weight.grad.save())
    })?;
    // Each position is dropped, or doubled.
    let gradient = rows(gradient);
    assert!(gradient.iter().all(|g| *g == 0.0 || *g == 4.0), "{gradient:?}");
    assert_eq!(weight.dims(), [2, 2]);
    assert!(net.model().mix.weight.val().is_require_grad());
    Ok(())
}

/// A closure that says whether its tensor is on a tape.
fn sees_tape(seen: &Arc<AtomicBool>) -> impl FnOnce(Tensor<2>) -> Tensor<2> + Send + use<> {
    let seen = Arc::clone(seen);
    move |tensor| {
        seen.store(tensor.is_autodiff(), Ordering::Relaxed);
        tensor
    }
}

#[test]
fn what_is_not_asked_for_is_not_tracked() -> nnsight::Result<()> {
    let (before, after, without) = Default::default();
    trace!(tiny_net(), input(), |m: TinyNet| {
        let x = m.layer1.input.map(sees_tape(&before));
        let y = m.output.map(sees_tape(&after));
        y.sum().backward();
        (x.save(), m.layer1.output.grad.save())
    })?;
    assert!(
        !before.load(Ordering::Relaxed),
        "layer1 lies before the first gradient"
    );
    assert!(after.load(Ordering::Relaxed));
    trace!(tiny_net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.output.map(sees_tape(&without)).save()
    })?;
    assert!(!without.load(Ordering::Relaxed), "nobody asks for a gradient");
    Ok(())
}

#[test]
fn what_a_trace_gives_is_on_no_tape() -> nnsight::Result<()> {
    let (output, product, gradient) = trace!(tiny_net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        let g = m.layer1.output.grad;
        (m.output.save(), (m.layer1.output * g).save(), g.save())
    })?;
    assert!(!output.is_autodiff() && !product.is_autodiff() && !gradient.is_autodiff());
    Ok(())
}

#[test]
fn gradients_flow_through_closures_and_modules_that_are_called() -> nnsight::Result<()> {
    let (g, h) = trace!(tiny_net(), input(), |m: TinyNet| {
        let squared = m.layer1.output.map(|h: Tensor<2>| h.powf_scalar(2.0));
        m.layer2.call(squared).sum().backward();
        (m.layer1.output.grad.save(), m.layer1.output.save())
    })?;
    let wanted: Vec<f32> = rows(h)
        .iter()
        .zip([1.0, 1.0, 0.0].iter().cycle())
        .map(|(h, w)| 2.0 * h * w)
        .collect();
    assert_eq!(rows(g), wanted);
    Ok(())
}

#[test]
fn a_closure_edits_a_gradient() -> nnsight::Result<()> {
    let (g, clipped) = trace!(tiny_net(), input(), |m: TinyNet| {
        m.layer2.output.grad = m.layer2.output.grad.map(|g: Tensor<2>| g * 5.0).clamp(0.0, 4.0);
        m.output.sum().backward();
        (m.layer1.output.grad.save(), m.layer2.output.grad.save())
    })?;
    assert_eq!(rows(clipped), [4.0; 4]);
    assert_eq!(rows(g), [4.0, 4.0, 0.0, 4.0, 4.0, 0.0]);
    Ok(())
}

#[test]
fn a_gradient_is_edited_by_a_later_sites_gradient_and_by_tensors() -> nnsight::Result<()> {
    let (g, x) = trace!(tiny_net(), input(), |m: TinyNet| {
        m.output.sum().backward();
        m.layer1.output.grad = m.layer2.input.grad * 7.0;
        m.layer1.output.grad += Tensor::<2>::ones([2, 3], &device());
        (m.layer1.output.grad.save(), m.input.grad.save())
    })?;
    assert_eq!(rows(g), [8.0, 8.0, 1.0, 8.0, 8.0, 1.0]);
    assert_eq!(rows(x), [9.0; 4]);
    Ok(())
}

#[test]
fn an_edit_of_the_forward_pass_is_differentiated() -> nnsight::Result<()> {
    let (g, skipped) = trace!(tiny_net(), input(), |m: TinyNet| {
        m.layer1.output[.., 0] *= 4.0;
        m.layer1.output[.., 1] = 0.0;
        m.output.sum().backward();
        (m.layer1.input.grad.save(), m.layer1.output.grad.save())
    })?;
    // Only h0 = x0, four times, and h2 = x0 + x1, which the sum of the outputs does not see.
    assert_eq!(rows(g), [4.0, 0.0, 4.0, 0.0]);
    assert_eq!(rows(skipped), [1.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
    Ok(())
}

#[test]
fn traces_nest_inside_the_backward_pass() -> nnsight::Result<()> {
    let net = tiny_net();
    let inner = net.clone();
    let g = trace!(net, input(), |m: TinyNet| {
        m.layer2.output.grad = m.layer2.output.grad.map(move |g: Tensor<2>| {
            let found = trace!(inner, input(), |n: TinyNet| {
                n.output.sum().backward();
                n.layer2.output.grad.save()
            });
            g + found.expect("it runs")
        });
        m.output.sum().backward();
        m.layer1.output.grad.save()
    })?;
    assert_eq!(rows(g), [2.0, 2.0, 0.0, 2.0, 2.0, 0.0]);
    Ok(())
}

#[test]
fn the_forward_pass_stops_at_the_loss() -> nnsight::Result<()> {
    let (g, report) = tiny_net().trace_with_report(input(), |m| {
        m.layer1.output.get().sum().backward();
        m.layer1.input.grad().get().save()
    })?;
    assert_eq!(rows(g), [2.0; 4]);
    assert_eq!(report.stopped_at.as_deref(), Some("layer1"));
    Ok(())
}

#[test]
fn an_edit_of_a_gradient_that_nothing_sees_is_reported() -> nnsight::Result<()> {
    let (_, report) = tiny_net().trace_with_report(input(), |m| {
        m.output.get().sum().backward();
        let seen = m.layer2.output.grad().get().save();
        // Further back, and later at the same place.
        m.layer1.output.grad().set(0.0);
        m.layer2.output.grad().set(0.0);
        seen
    })?;
    assert_eq!(report.unused_edits.len(), 2, "{report}");
    assert!(
        report.unused_edits[0].starts_with("layer1.output.grad (written at"),
        "{report}"
    );
    Ok(())
}

#[test]
fn a_graph_with_gradients_is_data() -> nnsight::Result<()> {
    let plan = tiny_net().plan(input(), |m| {
        m.layer1.output.grad().set_at((.., 0), 0.0);
        m.output.get().sum().backward();
        (m.input.grad().get().save(), m.layer1.weight.grad().get().save())
    })?;
    let json = serde_json::to_string(&plan.graph()).expect("it serializes");
    let back: nnsight::graph::Graph = serde_json::from_str(&json).expect("it can be read");
    assert_eq!(serde_json::to_string(&back).expect("it serializes"), json);
    let shown = plan.to_string();
    for line in [
        "backward from #",
        "read input.grad",
        "fill layer1.output.grad",
        "read layer1.weight.grad",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    Ok(())
}
