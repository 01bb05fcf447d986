//! Axes are types at run time too, and inputs are put together along the axis of rows only.

use crate::support::*;
use proptest::prelude::*;

mod enc {
    nnsight::axes! { Seq; }
}
mod dec {
    nnsight::axes! { Seq; }
}
axes! { Seq; Prompt; }

#[derive(Module, Debug, Inspectable)]
#[inspect(((Batch, enc::Seq), (Batch, dec::Seq)) -> (Batch, enc::Seq, dec::Seq))]
struct Cross {
    scores: Probe<(Batch, enc::Seq, dec::Seq)>,
}

#[inspectable]
impl Cross {
    fn forward(&self, a: Tensor<2>, b: Tensor<2>) -> Tensor<3> {
        self.scores
            .forward(a.unsqueeze_dim::<3>(2) * b.unsqueeze_dim::<3>(1))
    }
}

fn cross() -> NnSight<Cross> {
    NnSight::new(Cross { scores: Probe::new() })
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Seq, Batch, Features) -> (Seq, Batch, Features))]
struct SeqFirst {
    sums: Probe<(Seq, Batch, Features)>,
}

#[inspectable]
impl SeqFirst {
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.sums.forward(x.cumsum(0))
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Seq, Prompt, Features) -> (Seq, Prompt, Features))]
struct Unnamed {
    sums: Probe<(Seq, Prompt, Features)>,
}

#[inspectable]
impl Unnamed {
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.sums.forward(x.cumsum(0))
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Seq, Prompt, Features) -> (Seq, Prompt, Features), rows = Prompt)]
struct Declared {
    sums: Probe<(Seq, Prompt, Features)>,
}

#[inspectable]
impl Declared {
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.sums.forward(x.cumsum(0))
    }
}

fn numbers(sizes: [usize; 3], from: i64) -> Tensor<3> {
    let count = sizes.iter().product::<usize>() as i64;
    Tensor::<1, Int>::arange(from..from + count, &Device::flex())
        .float()
        .reshape(sizes)
}

#[test]
fn axes_of_one_name_have_their_own_sizes() {
    let device = Device::flex();
    let lengths = (
        Tensor::<2>::ones([1, 2], &device),
        Tensor::<2>::ones([1, 3], &device),
    );
    let out = cross()
        .trace(lengths, |m| m.output.get().save())
        .expect("they are two axes");
    assert_eq!(out.dims(), [1, 2, 3]);
}

#[test]
fn permute_and_expand_tell_axes_of_one_name_apart() {
    let device = Device::flex();
    let x = || {
        (
            Tensor::<2>::from_floats([[1.0, 2.0]], &device),
            Tensor::<2>::from_floats([[3.0, 5.0]], &device),
        )
    };
    let (turned, kept) = cross()
        .trace(x(), |m| {
            let turned = m.output.get().permute::<(Batch, dec::Seq, enc::Seq)>();
            let rows = m.output.get().sum_over(dec::Seq);
            (turned.save(), rows.expand::<(Batch, enc::Seq, dec::Seq)>().save())
        })
        .expect("it runs");
    assert_eq!(rows(turned), [3.0, 6.0, 5.0, 10.0]);
    assert_eq!(rows(kept), [8.0, 8.0, 16.0, 16.0]);
    let other = cross().trace(x(), |m| m.output.get().permute::<(Batch, Seq, enc::Seq)>().save());
    assert!(
        matches!(
            other,
            Err(Error::OtherAxes {
                operation: "permute",
                ..
            })
        ),
        "{other:?}"
    );
}

#[test]
fn invokes_are_put_together_along_the_batch_wherever_it_stands() {
    let net = NnSight::new(SeqFirst { sums: Probe::new() });
    let x = Tensor::<3>::ones([3, 1, 2], &Device::flex());
    let (a, b) = trace!(net, |t: SeqFirst| {
        let (a, b) = (t.invoke(x.clone()), t.invoke(x.clone()));
        (a.output.save(), b.output.save())
    })
    .expect("it runs");
    assert_eq!(rows(a), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
    assert_eq!(rows(b), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
}

#[test]
fn an_axis_of_rows_that_is_not_evident_is_declared_or_refused() {
    let x = numbers([2, 1, 2], 1);
    let net = NnSight::new(Unnamed { sums: Probe::new() });
    let refused = trace!(net, |t: Unnamed| t.invoke(x.clone()).output.save());
    assert!(
        matches!(refused, Err(Error::NoRows { model: "Unnamed", .. })),
        "{refused:?}"
    );
    let net = NnSight::new(Declared { sums: Probe::new() });
    let (a, b) = trace!(net, |t: Declared| {
        let (a, b) = (t.invoke(x.clone()), t.invoke(x.clone() * 2.0));
        (a.output.save(), b.sums.output.save())
    })
    .expect("it is declared");
    assert_eq!(rows(a), [1.0, 2.0, 4.0, 6.0]);
    assert_eq!(rows(b), [2.0, 4.0, 8.0, 12.0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What an invoke gives is what plain Burn gives for its input alone, whatever the others are.
    #[test]
    fn an_invoke_is_the_model_on_its_input_alone(
        seq in 1usize..4,
        batches in prop::collection::vec(1usize..4, 1..5),
        starts in prop::collection::vec(-50i64..50, 5),
    ) {
        let inputs: Vec<_> = batches.iter().zip(starts).map(|(&batch, from)| numbers([seq, batch, 2], from)).collect();
        let net = NnSight::new(SeqFirst { sums: Probe::new() });
        let given = inputs.clone();
        let found = trace!(net, |t: SeqFirst| {
            given.into_iter().map(|x| t.invoke(x).output.save()).collect::<Vec<_>>()
        }).expect("it runs");
        for (found, input) in found.into_iter().zip(inputs) {
            prop_assert_eq!(rows(found), rows(input.cumsum(0)));
        }
    }

    /// The sizes of two axes of one name are told apart, and so are their places.
    #[test]
    fn axes_of_one_name_are_two_axes(batch in 1usize..4, a in 1usize..5, b in 1usize..5) {
        let input = || (
            numbers([1, batch, a], 1).squeeze_dim::<2>(0),
            numbers([1, batch, b], 7).squeeze_dim::<2>(0),
        );
        let (shape, turned) = cross().trace(input(), |m| {
            let out = m.scores.output.get();
            (out.shape()[2] as i64, out.permute::<(dec::Seq, Batch, enc::Seq)>().save())
        }).expect("it runs");
        let (left, right) = input();
        let wanted = left.unsqueeze_dim::<3>(2) * right.unsqueeze_dim::<3>(1);
        prop_assert_eq!(shape, b as i64);
        prop_assert_eq!(turned.dims(), [b, batch, a]);
        prop_assert_eq!(rows(turned), rows(wanted.permute([2, 0, 1])));
    }
}
