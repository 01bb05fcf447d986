//! What only the input decides is refused before the forward pass, with a message that says what to do.

use crate::prelude::*;
use crate::support::watchdog::watched;
use crate::support::{Batch, Hidden, TinyNet, device, input, tiny_net};

fn text<T: std::fmt::Debug>(result: nnsight::Result<T>) -> String {
    result.expect_err("cannot work").to_string()
}

/// Fails the test if the forward pass starts.
fn forbid_forward(m: nnsight::Sites<TinyNet>) {
    m.layer1
        .input
        .update(|x| x.map(|_| panic!("the forward pass started")));
}

#[test]
fn an_index_at_run_time_outside_of_its_axis() {
    let net = tiny_net();
    for column in [3i64, -4] {
        let error = text(trace!(net, input(), |m: TinyNet| {
            forbid_forward(m);
            m.layer1.output[.., column] = 0.0;
            m.output.save()
        }));
        let wanted =
            format!("index {column} is out of bounds for axis 1 (Hidden) of layer1.output, which has size 3");
        assert!(error.starts_with(&wanted), "{error}");
    }
}

#[test]
fn a_read_outside_of_an_axis_names_site_and_axis_too() {
    let (net, row) = (tiny_net(), 7i64);
    let error = text(trace!(net, input(), |m: TinyNet| {
        forbid_forward(m);
        m.layer1.output[row, ..].save()
    }));
    assert!(
        error.starts_with("index 7 is out of bounds for axis 0 (Batch) of layer1.output, which has size 2"),
        "{error}"
    );
    let error = text(trace!(net, input(), |m: TinyNet| {
        forbid_forward(m);
        (m.layer1.output * 2.0)[row, ..].save()
    }));
    assert!(
        error.starts_with("indexing: index 7 is out of bounds for axis 0, which has size 2"),
        "{error}"
    );
}

#[test]
fn an_index_into_a_run_time_axis() {
    let net = tiny_net();
    let error = text(trace!(net, input(), |m: TinyNet| {
        forbid_forward(m);
        m.layer1.output[2] = 0.0;
        m.output.save()
    }));
    assert!(
        error.starts_with("index 2 is out of bounds for axis 0 (Batch) of layer1.output, which has size 2"),
        "{error}"
    );
}

#[test]
fn a_part_of_another_size() {
    let net = tiny_net();
    let error = text(trace!(net, input(), |m: TinyNet| {
        forbid_forward(m);
        m.layer1.output[.., 0..2] = m.layer1.output[.., 0..1];
        m.output.save()
    }));
    assert!(
        error.starts_with("layer1.output takes [2, 2], found a value of sizes [2, 1]"),
        "{error}"
    );
    assert!(error.contains("errors.rs:"), "it says where: {error}");
}

#[test]
fn a_tensor_of_another_size() {
    let net = tiny_net();
    let wide = Tensor::<2>::ones([2, 5], &device());
    let error = text(trace!(net, input(), |m: TinyNet| {
        forbid_forward(m);
        m.layer1.output = &wide;
        m.output.save()
    }));
    assert!(
        error.contains("takes [2, 3], found a value of sizes [2, 5]"),
        "{error}"
    );
}

#[test]
fn an_input_that_the_model_does_not_declare() {
    let net = tiny_net();
    let wide = Tensor::<2>::ones([2, 4], &device());
    let error = text(trace!(net, wide, |m: TinyNet| m.output.save()));
    assert_eq!(
        error,
        "the model's input is declared (Batch, Features = 2), found a tensor of sizes [2, 4]"
    );
}

#[test]
fn a_value_that_would_flow_backwards() {
    let net = tiny_net();
    let error = text(net.trace(input(), |m| {
        forbid_forward(m);
        let later = m.layer2.input.get();
        m.layer1.output.set(later);
        m.output.get().save()
    }));
    assert!(
        error.starts_with(
            "the value of layer2.input cannot be written into layer1.output, which comes earlier"
        ),
        "{error}"
    );
}

#[test]
fn the_trace_goes_on_after_an_error() {
    let net = tiny_net();
    let wide = Tensor::<2>::ones([2, 4], &device());
    assert!(trace!(net, wide, |m: TinyNet| m.output.save()).is_err());
    assert!(trace!(net, input(), |m: TinyNet| m.output.save()).is_ok());
}

#[test]
fn a_model_that_is_not_what_it_declares() {
    #[derive(Module, Debug, Inspectable)]
    #[inspect((crate::support::Batch, crate::support::Features) -> (crate::support::Batch, crate::support::Classes))]
    struct Liar {
        #[inspect((crate::support::Batch, crate::support::Features) -> (crate::support::Batch, crate::support::Hidden))]
        layer: burn::nn::Linear,
    }
    #[inspectable]
    impl Liar {
        fn forward(&self, x: Tensor<2>) -> Tensor<2> {
            self.layer.forward(x)
        }
    }
    let layer = crate::support::linear([[1.0, 0.0], [0.0, 1.0]], &device());
    let net = NnSight::new(Liar { layer });
    let error = text(trace!(net, input(), |m: Liar| m.layer.output.save()));
    assert!(
        error.starts_with("layer.output is declared (Batch, Hidden = 3), here [2, 3] of kind Float, found a tensor of kind Float and sizes [2, 2]"),
        "{error}"
    );
}

/// Two to the 64th ways lead from what is saved to what never came.
#[test]
fn what_is_missing_is_found_however_many_ways_lead_to_it() {
    let doubled = |mut h: Value<(Batch, Hidden)>| {
        for _ in 0..64 {
            h = h + h;
        }
        h
    };
    let found = watched("the search for what is missing", move || {
        let never_called = tiny_net().trace(input(), |m| doubled(m.layer1.output.call_idx(3).get()).save());
        let no_gradient = tiny_net().trace(input(), |m| {
            m.layer1.output.get().sum().backward();
            doubled(m.layer2.input.grad().get()).save()
        });
        [text(never_called), text(no_gradient)]
    });
    assert!(found[0].contains("layer1.output"), "{}", found[0]);
    assert!(found[1].contains("layer2.input.grad"), "{}", found[1]);
}
