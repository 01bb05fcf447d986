//! Laws that hold for every network, input and intervention (proptest).

use crate::prelude::*;
use crate::support::{TinyNet, device, linear, same};
use burn::tensor::TensorData;
use proptest::prelude::*;

fn number() -> impl Strategy<Value = f32> {
    -4.0f32..4.0
}

prop_compose! {
    /// A network with random weights.
    fn network()(w1 in [[number(), number(), number()], [number(), number(), number()]],
                 w2 in [[number(), number()], [number(), number()], [number(), number()]]) -> NnSight<TinyNet> {
        let device = device();
        TinyNet::pinned(linear(w1, &device), linear(w2, &device))
    }
}

prop_compose! {
    /// One to five rows.
    fn inputs()(rows in prop::collection::vec([number(), number()], 1..5)) -> Tensor<2> {
        let data = TensorData::new(rows.concat(), [rows.len(), 2]);
        Tensor::from_data(data, &device())
    }
}

proptest! {
    #[test]
    fn a_trace_without_edits_is_the_model(net in network(), x in inputs()) {
        let traced = trace!(net, &x, |m: TinyNet| m.output.save())?;
        prop_assert_eq!(same(traced.into_data(), net.model().forward(x).into_data()), Ok(()));
    }

    #[test]
    fn patching_a_run_into_itself_changes_nothing(net in network(), x in inputs()) {
        let (hidden, plain) = trace!(net, &x, |m: TinyNet| (m.layer1.output.save(), m.output.save()))?;
        // From another run, as a constant: layer1 is not run at all.
        let patched = trace!(net, &x, |m: TinyNet| {
            m.layer1.output = &hidden;
            m.output.save()
        })?;
        prop_assert_eq!(same(plain.clone().into_data(), patched.into_data()), Ok(()));
        // From the same run, part by part.
        let patched = trace!(net, &x, |m: TinyNet| {
            let own = m.layer1.output;
            for unit in 0..3 {
                m.layer1.output[.., unit] = own[.., unit];
            }
            m.output.save()
        })?;
        prop_assert_eq!(same(plain.into_data(), patched.into_data()), Ok(()));
    }

    #[test]
    fn what_else_is_saved_changes_no_value(net in network(), x in inputs()) {
        let alone = trace!(net, &x, |m: TinyNet| m.layer2.output.save())?;
        let (together, _, _) = trace!(net, &x, |m: TinyNet| {
            (m.layer2.output.save(), m.layer1.output.sum().save(), (m.layer1.input * 2.0).save())
        })?;
        prop_assert_eq!(same(alone.into_data(), together.into_data()), Ok(()));
    }

    #[test]
    fn edits_compose_in_the_order_they_are_written(net in network(), x in inputs(), a in number(), b in number()) {
        let two = trace!(net, &x, |m: TinyNet| {
            m.layer1.output *= a;
            m.layer1.output += b;
            m.layer1.output.save()
        })?;
        let one = trace!(net, &x, |m: TinyNet| {
            m.layer1.output = m.layer1.output * a + b;
            m.layer1.output.save()
        })?;
        prop_assert_eq!(same(two.into_data(), one.into_data()), Ok(()));
    }

    #[test]
    fn an_edit_downstream_leaves_what_is_upstream(net in network(), x in inputs(), by in number()) {
        let plain = trace!(net, &x, |m: TinyNet| m.layer1.output.save())?;
        let (edited, _) = trace!(net, &x, |m: TinyNet| {
            m.layer2.input *= by;
            (m.layer1.output.save(), m.output.save())
        })?;
        prop_assert_eq!(same(plain.into_data(), edited.into_data()), Ok(()));
    }

    #[test]
    fn a_row_of_a_batch_is_what_it_is_alone(net in network(), x in inputs()) {
        let batch = trace!(net, &x, |m: TinyNet| m.layer1.output.relu().save())?;
        for (row, alone) in x.iter_dim(0).enumerate() {
            let alone = trace!(net, alone, |m: TinyNet| m.layer1.output.relu().save())?;
            prop_assert_eq!(same(batch.clone().narrow(0, row, 1).into_data(), alone.into_data()), Ok(()));
        }
    }
}
