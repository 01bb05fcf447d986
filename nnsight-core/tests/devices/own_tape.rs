//! Burn holds a tape's lock while a backward pass runs over it. Nothing of the user's is on the tape of a trace's own
//! backward pass, so that what runs meanwhile may use the model, its weights and the inputs: none of this waits.

use crate::prelude::*;
use crate::support::watchdog::watched;
use crate::support::{TinyNet, device, linear, rows, tiny_net};

/// The same network as [`tiny_net`], in training.
fn trained() -> NnSight<TinyNet> {
    let device = device().autodiff();
    let layer1 = linear([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]], &device);
    let layer2 = linear([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]], &device);
    TinyNet::pinned(layer1, layer2)
}

/// What somebody does in a closure over a gradient.
#[derive(Clone, Copy, Debug)]
enum Use {
    Forward,
    Trace,
    /// A trace with a backward pass of its own, in the one that runs.
    Gradient,
    /// A backward pass by hand.
    Backward,
    Weight,
    /// The tensor that went into the trace.
    Input,
    /// A tensor that an edit of the trace brought along.
    Constant,
}

const USES: [Use; 7] = [
    Use::Forward,
    Use::Trace,
    Use::Gradient,
    Use::Backward,
    Use::Weight,
    Use::Input,
    Use::Constant,
];

impl Use {
    /// What it gives, by hand: `layer1` gives [1, 2, 3] of [1, 2], the net [4, -1].
    fn right(self) -> Vec<f32> {
        match self {
            Use::Forward => vec![4.0, -1.0],
            Use::Trace => vec![1.0, 2.0, 3.0],
            // The rows of W2, summed.
            Use::Gradient => vec![1.0, 1.0, 0.0],
            // The input, times that.
            Use::Backward => vec![1.0, 1.0, 0.0, 2.0, 2.0, 0.0],
            Use::Weight => vec![2.0, 0.0, 2.0, 0.0, 2.0, 2.0],
            Use::Input => vec![2.0, 4.0],
            Use::Constant => vec![20.0, 20.0, 20.0],
        }
    }

    fn run(self, net: &NnSight<TinyNet>, x: &Tensor<2>, constant: &Tensor<2>) -> Tensor<2> {
        let saved = match self {
            Use::Forward => return net.model().forward(x.clone()),
            Use::Trace => net.trace(x, |m| m.layer1.output.get().save()),
            Use::Gradient => net.trace(x, |m| {
                m.output.get().sum().backward();
                m.layer1.output.grad().get().save()
            }),
            Use::Backward => {
                let model = net.model().clone();
                let layer1 = model.layer1.weight.val();
                let layer1 = match layer1.is_tracked() {
                    true => layer1,
                    false => layer1.autodiff().require_grad(),
                };
                let output = x.clone().matmul(layer1.clone()).matmul(model.layer2.weight.val());
                let gradients = output.sum().backward();
                return layer1.grad(&gradients).expect("it is tracked");
            }
            Use::Weight => return net.model().layer1.weight.val() * 2.0,
            Use::Input => return x.clone() * 2.0,
            Use::Constant => return constant.clone() * 2.0,
        };
        saved.expect("it runs")
    }
}

/// One closure over the gradient at the first layer's output, which is [1, 1, 0] for the sum. With `edits`, the second
/// layer's gradient goes through it too, so that it has to run before the backward pass goes on.
fn run(net: NnSight<TinyNet>, x: Tensor<2>, what: Use, edits: bool) {
    let constant = Tensor::<2>::full([1, 3], 10.0, &x.device());
    let constant = match x.is_tracked() {
        true => constant.require_grad(),
        false => constant,
    };
    let closure = {
        let (net, x, constant) = (net.clone(), x.clone(), constant.clone());
        move |gradient: Tensor<2>| {
            let found = rows(what.run(&net, &x, &constant));
            assert_eq!(found, what.right(), "{what:?}");
            gradient * 3.0
        }
    };
    let edited = trace!(net, &x, |m: TinyNet| {
        m.layer1.output += &constant;
        m.output.sum().backward();
        if edits {
            m.layer2.output.grad = m.layer2.output.grad.map(closure);
            m.layer1.output.grad.save()
        } else {
            m.layer1.output.grad.map(closure).save()
        }
    });
    assert_eq!(rows(edited.expect("it runs")), [3.0, 3.0, 0.0]);
}

#[test]
fn a_closure_over_a_gradient_uses_the_model_as_any_other_code_does() {
    watched("a closure over a gradient", || {
        let x = |device: &Device| Tensor::<2>::from_floats([[1.0, 2.0]], device);
        let (plain, tracks) = (device(), device().autodiff());
        for what in USES {
            for edits in [false, true] {
                run(tiny_net(), x(&plain), what, edits);
                run(trained(), x(&tracks), what, edits);
                run(trained(), x(&tracks).require_grad(), what, edits);
            }
        }
    });
}

#[test]
fn a_module_called_on_a_gradient_needs_no_tape() {
    let gives = |net: NnSight<TinyNet>| {
        let x = Tensor::<2>::from_floats([[1.0, 2.0]], &device());
        let (weight, through, all) = trace!(net, x, |m: TinyNet| {
            let b = m.output.sum().backward();
            (
                m.layer2.weight.grad.save(),
                m.layer2.call(m.layer1.output.grad).save(),
                b.parameter_grads(),
            )
        })
        .expect("it runs");
        // Of the sum: the layer's input [1, 2, 3], for each of its two outputs; [1, 1, 0] through W2.
        assert_eq!(rows(weight), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
        assert_eq!(rows(through), [1.0, 1.0]);
        assert_eq!(all.len(), 2);
    };
    watched("a module called on a gradient", move || {
        gives(tiny_net());
        gives(trained());
    });
}

/// After the trace, the user's own tape is what it was.
#[test]
fn what_the_user_tracks_stays_tracked() {
    let net = trained();
    let x = Tensor::<2>::from_floats([[1.0, 2.0]], &device().autodiff()).require_grad();
    let before = net.model().forward(x.clone());
    let gradient = trace!(net, &x, |m: TinyNet| {
        m.output.sum().backward();
        m.input.grad.save()
    });
    // W1 times the rows of W2, summed.
    assert_eq!(rows(gradient.expect("it runs")), [1.0, 1.0]);
    let gradients = before.sum().backward();
    assert_eq!(rows(x.grad(&gradients).expect("it is tracked")), [1.0, 1.0]);
    let weight = net.model().layer1.weight.val();
    assert_eq!(
        rows(weight.grad(&gradients).expect("it is tracked")),
        [1.0, 1.0, 0.0, 2.0, 2.0, 0.0]
    );
}
