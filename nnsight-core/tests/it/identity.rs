//! A site belongs to the trace that handed it out: used in another one it is an error that names both.

use crate::support::*;
use burn::nn::Linear;

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
struct Other {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    encoder: Linear,
}

#[inspectable]
impl Other {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.encoder.forward(x)
    }
}

fn other() -> NnSight<Other> {
    NnSight::new(Other {
        encoder: linear([[7.0; 3], [7.0; 3]]),
    })
}

fn foreign<T: std::fmt::Debug>(found: Result<T, Error>, site: &str, of: &str, used_in: &str) {
    let error = found.expect_err("a site of another trace");
    assert!(
        matches!(&error, Error::ForeignSite { site: s, of: o, used_in: u, .. } if s == site && o == of && u == used_in),
        "{error}"
    );
}

#[test]
fn a_site_of_another_model_is_refused_in_a_nested_trace() {
    let out = trace!(tiny_net(), input(), |m: TinyNet| {
        let read = other().trace(input(), |_| m.layer1.output.get().save());
        foreign(read, "layer1.output", "a trace of TinyNet", "Other");
        let written = other().trace(input(), |o| {
            m.layer1.output.set(0.0);
            o.output.get().save()
        });
        foreign(written, "layer1.output", "a trace of TinyNet", "Other");
        m.output.save()
    })
    .expect("the outer trace is not touched");
    assert_eq!(rows(out), [4.0, -1.0, 10.0, -3.0]);
}

#[test]
fn a_handle_that_outlived_its_trace_is_refused_in_the_next() {
    let mut kept = None;
    trace!(tiny_net(), |t: TinyNet| {
        let p = t.invoke(input());
        kept = Some(t.invoke(input()));
        p.output.save()
    })
    .expect("it runs");
    let second = kept.expect("it ran");
    let edited = trace!(tiny_net(), |t: TinyNet| {
        let p = t.invoke(input());
        second.layer1.output.set(0.0);
        p.output.save()
    });
    foreign(
        edited,
        "layer1.output of invoke 2",
        "another trace of TinyNet",
        "TinyNet",
    );
    let called = tiny_net().trace(input(), |m| second.layer2.call(m.layer1.output.get()).save());
    foreign(called, "layer2", "another trace of TinyNet", "TinyNet");
    let cached = tiny_net().trace(input(), |_| second.layer1.cache());
    foreign(
        cached.map(|_| ()),
        "layer1",
        "another trace of TinyNet",
        "TinyNet",
    );
    let parameter = tiny_net().trace(input(), |m| {
        m.output.get().sum().backward();
        second.layer1.weight.grad().save()
    });
    foreign(parameter, "layer1.weight", "another trace of TinyNet", "TinyNet");
}

#[test]
fn caches_edits_and_attached_modules_have_sites_of_their_own() {
    let (net, added) = tiny_net()
        .attach("added", other().into_model())
        .expect("the name is free");
    let net = edit!(net, move |m: TinyNet| m.layer1.output =
        m.attached(added).call(m.input));
    for _ in 0..2 {
        let (cache, inner) = net
            .trace(input(), |m| {
                (m.cache(), m.attached(added).encoder.output.get().save())
            })
            .expect("it runs");
        let hidden = cache.get(|m| m.layer1.output).expect("it is there");
        assert_eq!(rows(hidden), [21.0, 21.0, 21.0, 49.0, 49.0, 49.0]);
        assert_eq!(rows(inner), [21.0, 21.0, 21.0, 49.0, 49.0, 49.0]);
    }
}
