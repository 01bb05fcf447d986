//! Fields of all sorts: lists, options, tuples, several inputs and outputs, probes, structs of tensors.

use crate::prelude::*;
use crate::support::{device, linear, rows};
use burn::module::Param;
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::nn::{Gru, GruConfig, Linear, Lstm, LstmConfig, Relu};
use nnsight::LstmPort;

axes! {
    Batch;
    Seq;
    Width = 2;
    One = 1;
}

#[derive(Carrier)]
struct Halves {
    #[inspect((Batch, Width))]
    left: Tensor<2>,
    #[inspect((Batch, Width))]
    right: Tensor<2>,
}

/// Gives a struct.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> Halves)]
struct Fork {
    #[inspect((Batch, Width) -> (Batch, Width))]
    pair: (Linear, Linear),
}

#[inspectable]
impl Fork {
    fn forward(&self, x: Tensor<2>) -> Halves {
        Halves {
            left: self.pair.0.forward(x.clone()),
            right: self.pair.1.forward(x),
        }
    }
}

/// Takes two tensors and gives a tuple.
#[derive(Module, Debug, Inspectable)]
#[inspect(((Batch, Width), (Batch, Width)) -> ((Batch, Width), (Batch, Width)))]
struct Swap {
    swapped: Probe<(Batch, Width)>,
}

#[inspectable]
impl Swap {
    fn forward(&self, a: Tensor<2>, b: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        (self.swapped.forward(b), a)
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
struct Zoo {
    #[inspect((Batch, Width) -> (Batch, Width), len = 3)]
    list: Vec<Linear>,
    #[inspect((Batch, Width) -> (Batch, Width))]
    array: [Linear; 2],
    #[inspect((Batch, Width) -> (Batch, Width))]
    present: Option<Linear>,
    #[inspect((Batch, Width) -> (Batch, Width))]
    absent: Option<Linear>,
    #[inspect((Batch, Width) -> (Batch, Width))]
    first: Relu,
    #[inspect((Batch, Width) -> (Batch, Width))]
    second: Relu,
    fork: Fork,
    swap: Swap,
    scale: f64,
}

#[inspectable]
impl Zoo {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let mut x = x;
        for layer in &self.list {
            x = layer.forward(x);
        }
        for layer in self.array.iter() {
            x = layer.forward(x);
        }
        if let Some(layer) = &self.present {
            x = layer.forward(x);
        }
        let x = self.second.forward(self.first.forward(x));
        let Halves { left, right } = self.fork.forward(x);
        let (left, right) = self.swap.forward(left, right);
        (left - right) * self.scale
    }
}

fn zoo() -> NnSight<Zoo> {
    let device = device();
    let identity = || linear([[1.0, 0.0], [0.0, 1.0]], &device);
    let double = || linear([[2.0, 0.0], [0.0, 2.0]], &device);
    NnSight::new(Zoo {
        list: vec![identity(), double(), identity()],
        array: [identity(), double()],
        present: Some(identity()),
        absent: None,
        first: Relu::new(),
        second: Relu::new(),
        fork: Fork {
            pair: (identity(), double()),
        },
        swap: Swap {
            swapped: Probe::new(),
        },
        scale: 1.0,
    })
}

fn input() -> Tensor<2> {
    Tensor::from_floats([[1.0, -3.0]], &device())
}

#[test]
fn every_sort_of_field_has_sites() {
    let net = zoo();
    let (list, array, present, first, second) = trace!(net, input(), |m: Zoo| {
        (
            m.list[-2].output.save(),
            m.array[1].output.save(),
            m.present.output.save(),
            m.first.input.save(),
            m.second.input.save(),
        )
    })
    .expect("runs");
    assert_eq!(rows(list), [2.0, -6.0]);
    assert_eq!(rows(array), [4.0, -12.0]);
    assert_eq!(rows(present), [4.0, -12.0]);
    // Modules without a size share an address: they are told apart by their fields.
    assert_eq!((rows(first), rows(second)), (vec![4.0, -12.0], vec![4.0, 0.0]));
}

#[test]
fn structs_tuples_and_several_inputs() {
    let net = zoo();
    let (left, right, a, b, probe, output) = trace!(net, input(), |m: Zoo| {
        m.fork.output.left *= 10.0;
        (
            m.fork.output.left.save(),
            m.fork.pair.1.output.save(),
            m.swap.inputs.0.save(),
            m.swap.output.1.save(),
            m.swap.swapped.output.save(),
            m.output.save(),
        )
    })
    .expect("runs");
    assert_eq!((rows(left), rows(right)), (vec![40.0, 0.0], vec![8.0, 0.0]));
    assert_eq!(
        (rows(a), rows(b), rows(probe)),
        (vec![40.0, 0.0], vec![40.0, 0.0], vec![8.0, 0.0])
    );
    assert_eq!(rows(output), [-32.0, 0.0]);
}

#[test]
fn an_absent_module_is_named() {
    let net = zoo();
    let error = trace!(net, input(), |m: Zoo| m.absent.output.save()).expect_err("None");
    assert!(
        error
            .to_string()
            .starts_with("absent is not there: this model has `None` in its place"),
        "{error}"
    );
}

#[test]
fn a_position_at_run_time_outside_of_a_list() {
    let net = zoo();
    for i in [3i64, -4] {
        let error = trace!(net, input(), |m: Zoo| m.list[i].output.save()).expect_err("three layers");
        let wanted = format!("index {i} is out of bounds for list, which has 3 modules: -3 to 2");
        assert!(error.to_string().starts_with(&wanted), "{error}");
    }
}

#[test]
fn the_tree_is_shown_with_repeated_blocks_folded() {
    let shown = zoo().to_string();
    assert_eq!(
        shown.lines().take(4).collect::<Vec<_>>(),
        [
            "Zoo  (Batch, Width = 2) -> (Batch, Width = 2)",
            "  list (0..3): 3 x Linear",
            "    0..3: Linear  (Batch, Width = 2) -> (Batch, Width = 2)",
            "  array (0..2): 2 x Linear",
        ],
        "{shown}"
    );
    assert!(shown.contains("  absent: None\n"), "{shown}");
    assert!(
        shown.contains("fork: Fork  (Batch, Width = 2) -> left (Batch, Width = 2), right (Batch, Width = 2)"),
        "{shown}"
    );
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, Width) -> (Batch, Seq, Width))]
struct Recurrent {
    #[inspect((Batch, Seq, Width) -> ((Batch, Seq, Width), LstmPort<(Batch, Width)>))]
    lstm: Lstm,
    #[inspect((Batch, Seq, Width) -> (Batch, Seq, Width))]
    gru: Gru,
}

#[inspectable]
impl Recurrent {
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let (x, _) = self.lstm.forward(x, None);
        self.gru.forward(x, None)
    }
}

#[test]
fn recurrent_modules_have_their_states_as_sites() {
    let device = device();
    let net = NnSight::new(Recurrent {
        lstm: LstmConfig::new(2, 2, true).init(&device),
        gru: GruConfig::new(2, 2, true).init(&device),
    });
    let x = Tensor::<3>::ones([1, 4, 2], &device);
    let (sequence, hidden, output) = trace!(net, &x, |m: Recurrent| {
        (
            m.lstm.output.0.save(),
            m.lstm.output.1.hidden.save(),
            m.output.save(),
        )
    })
    .expect("runs");
    assert_eq!(output.dims(), [1, 4, 2]);
    // The state is what came out last.
    assert_eq!(rows(sequence.slice([0..1, 3..4, 0..2])), rows(hidden));
}

/// Declares a state that its forward does not give.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, Width) -> (Batch, Seq, Width))]
struct Stateless {
    #[inspect(((Batch, Seq, Width), LstmPort<(Batch, Width)>) -> ((Batch, Seq, Width), LstmPort<(Batch, Width)>))]
    lstm: Lstm,
}

#[inspectable]
impl Stateless {
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.lstm.forward(x, None).0
    }
}

#[test]
fn an_optional_input_that_was_not_given_is_named() {
    let device = device();
    let net = NnSight::new(Stateless {
        lstm: LstmConfig::new(2, 2, true).init(&device),
    });
    let x = Tensor::<3>::ones([1, 4, 2], &device);
    let error = trace!(net, x, |m: Stateless| m.lstm.input.1.hidden.save()).expect_err("no state");
    let text = error.to_string();
    assert!(
        text.starts_with("lstm.inputs.1.hidden has no tensor in this run: only 1 passed there"),
        "{text}"
    );
}

/// As many layers as its type says, and a loss.
#[derive(Module, Debug, Inspectable)]
#[inspect(((Batch, Width), (Batch,): Int) -> (One,))]
struct Deep<const N: usize> {
    #[inspect((Batch, Width) -> (Batch, Width))]
    layers: [Linear; N],
    #[inspect(((Batch, Width), (Batch,): Int) -> (One,))]
    loss: CrossEntropyLoss,
}

#[inspectable]
impl<const N: usize> Deep<N> {
    fn forward(&self, x: Tensor<2>, classes: Tensor<1, Int>) -> Tensor<1> {
        let mut x = x;
        for layer in &self.layers {
            x = layer.forward(x);
        }
        self.loss.forward(x, classes)
    }
}

#[test]
fn const_generics_and_losses() {
    let device = device();
    let identity = || linear([[1.0, 0.0], [0.0, 1.0]], &device);
    let net = NnSight::new(Deep::<2> {
        layers: [identity(), identity()],
        loss: CrossEntropyLossConfig::new().init(&device),
    });
    let classes = Tensor::<1, Int>::from_ints([1], &device);
    let (logits, loss, by_hand) = trace!(net, (Tensor::<2>::zeros([1, 2], &device), classes), |m: Deep<2>| {
        m.layers[-1].output = m.layers[0].input + 3.0;
        let logits = m.loss.inputs.0;
        (logits.save(), m.loss.output.save(), (-logits.log_softmax(Width)[0, 1]).save())
    })
    .expect("runs");
    assert_eq!(rows(logits), [3.0, 3.0]);
    // Two equal logits: the loss is ln 2.
    assert!((rows(loss)[0] - std::f32::consts::LN_2).abs() < 1e-6);
    assert!((rows(by_hand)[0] - std::f32::consts::LN_2).abs() < 1e-6);
}

/// A module of our own that is a leaf: half of a linear layer.
#[derive(Module, Debug)]
struct Half {
    weight: Param<Tensor<2>>,
}

impl Half {
    fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        x.matmul(self.weight.val().unsqueeze()) / 2.0
    }
}

nnsight::leaf! {
    Half as LinearSites: [const D: usize] Tensor<D> => Tensor<D>, |layer, x| layer.forward(x);
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
struct Quarter {
    #[inspect((Batch, Width) -> (Batch, Width))]
    layers: Vec<Half>,
}

#[inspectable]
impl Quarter {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let mut x = x;
        for layer in &self.layers {
            x = layer.forward(x);
        }
        x
    }
}

#[test]
fn a_leaf_of_our_own_has_sites_and_gradients_of_its_parameters() -> nnsight::Result<()> {
    let half = |weight| Half {
        weight: Param::from_tensor(Tensor::from_floats(weight, &device())),
    };
    let layers = vec![half([[1.0, 2.0], [3.0, 4.0]]), half([[2.0, 0.0], [0.0, 4.0]])];
    let net = NnSight::new(Quarter { layers });
    assert!(
        net.to_string().contains("0..2: Half  (Batch, Width = 2)"),
        "{net}"
    );

    let (before, weight, called) = trace!(net, input(), |m: Quarter| {
        let before = m.layers[0].output;
        m.layers[0].output[.., 0] = 6.0;
        m.layers[1].output.sum().backward();
        let called = m.layers[1].call(before);
        (before.save(), m.layers[1].weight.grad.save(), called.save())
    })?;
    assert_eq!(rows(before), [-4.0, -5.0]);
    assert_eq!(rows(weight), [3.0, 3.0, -2.5, -2.5]);
    assert_eq!(rows(called), [-4.0, -10.0]);
    Ok(())
}
