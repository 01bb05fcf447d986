//! What is written inside `trace!` is written outside of it: a site does what its value does.

use crate::support::*;
use nnsight::{Plan, plan};

/// Without the macro, in a helper: no `.get()`.
fn centred(site: Site<(Batch, Hidden)>) -> Value<(Batch, Hidden)> {
    site - site.mean()
}

#[test]
fn a_site_does_what_its_value_does() {
    let (kept, shape, sum, twice, part, minus, mask) = tiny_net()
        .trace(input(), |m| {
            let h = m.layer1.output;
            let mask = h.gt(2.0) & !h.gt(3.0);
            (
                centred(h).save(),
                h.shape().len(),
                h.sum_over(Hidden).save(),
                (2.0 * h + h).save(),
                h.at((.., -1)).save(),
                (-h).save(),
                mask.save(),
            )
        })
        .expect("it runs");
    let mean = 20.0 / 6.0;
    let wanted = [1.0, 2.0, 3.0, 3.0, 4.0, 7.0].map(|h| h - mean);
    for (found, wanted) in rows(kept).iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-6, "{found} is not {wanted}");
    }
    assert_eq!(shape, 2);
    assert_eq!(rows(sum), [6.0, 14.0]);
    assert_eq!(rows(twice), [3.0, 6.0, 9.0, 9.0, 12.0, 21.0]);
    assert_eq!(rows(part), [3.0, 7.0]);
    assert_eq!(rows(minus), [-1.0, -2.0, -3.0, -3.0, -4.0, -7.0]);
    let mask: Vec<bool> = mask.into_data().try_to_vec().expect("truth values");
    assert_eq!(mask, [false, false, true, true, false, false]);
}

/// A site is a place: what is added to it is added to what the model computes.
#[test]
fn a_site_that_is_changed_changes_the_model() {
    let out = tiny_net().trace(input(), |mut m| {
        m.layer1.output *= 2.0;
        m.output.save()
    });
    assert_eq!(rows(out.expect("it runs")), [8.0, -2.0, 20.0, -6.0]);
}

/// Each use of a site reads it as the lines before left it; a value stays what it was.
#[test]
fn a_site_is_read_where_it_is_used() {
    let (before, after, value) = tiny_net()
        .trace(input(), |m| {
            let (h, value) = (m.layer1.output, m.layer1.output.get());
            let before = h.sum().save();
            h.set(1.0);
            (before, h.sum().save(), value.sum().save())
        })
        .expect("it runs");
    assert_eq!(
        (rows(before), rows(after), rows(value)),
        (vec![20.0], vec![6.0], vec![20.0])
    );
}

/// Nothing of it runs, so it has no forward worth running.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Features))]
pub struct Unrun {
    #[inspect(len = 3)]
    blocks: Vec<UnrunBlock>,
}
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Features))]
pub struct UnrunBlock {}
#[inspectable]
impl UnrunBlock {
    pub fn forward(&self, _: Tensor<2>) -> Tensor<2> {
        panic!("a plan runs nothing")
    }
}
#[inspectable]
impl Unrun {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let mut x = x;
        for block in &self.blocks {
            x = block.forward(x);
        }
        x
    }
}

/// A plan is written as the trace that it is of.
#[test]
fn a_plan_is_written_as_a_trace_is() {
    let net = NnSight::new(Unrun {
        blocks: (0..3).map(|_| UnrunBlock {}).collect(),
    });
    let plan = plan!(net, input(), |m: Unrun| {
        m.blocks[0].output[.., 0] = 0.0;
        m.blocks[-1].output *= 2.0;
        let h = m.blocks[1].output;
        (h[.., 0..1].save(), m.output.sum().save())
    })
    .expect("it can be done");
    let shown = plan.to_string();
    for site in ["blocks.0.output", "blocks.1.output", "blocks.2.output"] {
        assert!(shown.contains(site), "{shown}");
    }
    let by_hand = net.plan(input(), |m| {
        m.blocks.at(0).output.set_at((.., 0), 0.0);
        m.blocks.at(-1).output.update(|h| h * 2.0);
        let h = m.blocks.at(1).output.get();
        (h.at((.., 0..1)).save(), m.output.get().sum().save())
    });
    let json = |plan: Plan| serde_json::to_value(plan.graph()).expect("it is data");
    assert_eq!(json(plan), json(by_hand.expect("it can be done")));

    let several = plan!(net, |t: Unrun| {
        let (a, b) = (t.invoke(input()), t.invoke(input()));
        a.blocks[0].output = b.blocks[0].input;
        a.output.save()
    })
    .expect("it can be done");
    let shown = several.to_string();
    assert!(
        shown.contains("blocks.0.input") && shown.contains("blocks.0.output"),
        "{shown}"
    );
    let refused = plan!(net, input(), |m: Unrun| m.output[.., 2 + net.model().blocks.len()].save());
    let error = refused.expect_err("there are two").to_string();
    assert!(error.contains("index 5") && error.contains("Features"), "{error}");
}
