//! A module that is called on what it gives itself: no order of the run is right for it, so it is refused before the run.

use crate::support::*;

axes! {
    Wide = 3;
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Wide) -> (Batch, Wide))]
pub struct Net {
    #[inspect((Batch, Wide) -> (Batch, Wide))]
    layer1: Linear,
}

#[inspectable]
impl Net {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.layer1.forward(x)
    }
}

fn net() -> Net {
    Net {
        layer1: linear([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]]),
    }
}

fn ones() -> Tensor<2> {
    Tensor::ones([1, 3], &Device::flex())
}

fn refused<T: std::fmt::Debug>(found: nnsight::Result<T>, needed: &str, written: &str) {
    match found {
        Err(Error::Order {
            needed: n,
            written: w,
            ..
        }) => assert_eq!((&*n, &*w), (needed, written)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_attached_module_is_not_called_on_a_site_of_that_call() -> nnsight::Result<()> {
    let (model, sae) = NnSight::new(net()).attach("sae", net())?;
    let found = trace!(model, ones(), |m: Net| {
        let inner = m.attached(sae).layer1.output;
        let _ = m.attached(sae).call(inner);
        m.attached(sae).output.save()
    });
    refused(found.map(|t| t.dims()), "sae.layer1.output", "sae.input");
    Ok(())
}

#[test]
fn nor_on_a_value_of_it_or_through_another_module() -> nnsight::Result<()> {
    let (model, a) = NnSight::new(net()).attach("a", net())?;
    let (model, b) = model.attach("b", net())?;
    let computed = trace!(model, ones(), |m: Net| {
        let inner = m.attached(a).layer1.output * 2.0 + m.layer1.output;
        let _ = m.attached(a).call(inner.relu());
        m.attached(a).output.save()
    });
    refused(computed.map(|t| t.dims()), "a.layer1.output", "a.input");
    let around = trace!(model, ones(), |m: Net| {
        let _ = m.attached(b).call(m.attached(a).output * 2.0);
        let _ = m.attached(a).call(m.attached(b).layer1.output);
        m.attached(a).output.save()
    });
    assert!(matches!(around.map(|t| t.dims()), Err(Error::Order { .. })));
    // In the order in which they run it is no circle: 1 * 2 = 2, a gives 4, and b 8 * 2 = 16.
    let right = trace!(model, ones(), |m: Net| {
        let _ = m.attached(a).call(m.layer1.output);
        let _ = m.attached(b).call(m.attached(a).output * 2.0);
        m.attached(b).output.save()
    })?;
    assert_eq!(rows(right), [16.0; 3]);
    Ok(())
}
