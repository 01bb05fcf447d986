//! Graphs that were written to a file: run again they give what the trace gave, or are refused with a reason.

use crate::goldens::Goldens;
use crate::gpt2::tiny::{Gpt2, Vocab};
use crate::support::{TinyNet, Tolerance, device, input, ints, linear, near, rows, tiny_net};
use nnsight::models::LanguageModel;
use nnsight::prelude::*;
use nnsight::{NamedTensors, graph::Graph};

fn lm() -> LanguageModel<Gpt2> {
    let lm = LanguageModel::from_pretrained(Goldens::DIRECTORY).expect("the fixture is there");
    lm.with_device(device())
}

/// The graph as it is written to a file.
fn text(graph: &Graph) -> String {
    serde_json::to_string(graph).expect("it is data")
}

/// The graph as another process reads it.
fn sent(graph: &Graph) -> Graph {
    serde_json::from_str(&text(graph)).expect("it is a graph")
}

fn floats(tensors: &NamedTensors, name: &str) -> Vec<f32> {
    let data = tensors.get(name).expect("it was saved").to_data();
    data.expect("it can be read").try_to_vec().expect("floats")
}

#[test]
fn a_graph_that_was_sent_gives_what_its_trace_gave() -> nnsight::Result<()> {
    let net = tiny_net();
    let steer = Tensor::<2>::from_floats([[0.5, -1.0, 2.0], [1.0, 0.0, -3.0]], &device());
    let body = |m: Sites<TinyNet>| {
        let h = m.layer1.output.get();
        m.layer1.output.set_at((.., 0), 3.0);
        m.layer2.input.update(|h| h.relu() + &steer);
        let loss = m.output.get().sum();
        m.layer1.output.grad().update(|g| g * 2.0);
        loss.backward();
        let probed = m.layer2.call(h);
        (
            m.output.get().save(),
            m.input.grad().save(),
            probed.save(),
            m.layer1.weight.grad().save(),
            m.output.get().argmax(crate::support::Classes).save(),
        )
    };
    let (output, grad, probed, weight, winner) = net.trace(input(), body)?;
    let graph = sent(&net.plan(input(), body)?.graph());
    let again = net.trace(input(), |_| graph.replay())?;
    let names: Vec<&str> = again.iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "output",
            "input.grad",
            "(the result of layer2)",
            "layer1.weight.grad",
            "argmax"
        ]
    );
    assert_eq!(floats(&again, "output"), rows(output));
    assert_eq!(floats(&again, "input.grad"), rows(grad));
    assert_eq!(floats(&again, "(the result of layer2)"), rows(probed));
    assert_eq!(floats(&again, "layer1.weight.grad"), rows(weight));
    let found = again.get("argmax").cloned().expect("it was saved");
    assert_eq!(ints(found.into_tensor::<1, burn::tensor::Int>()?), ints(winner));
    // The same graph on another input, of other sizes.
    let one = Tensor::<2>::from_floats([[1.0, 2.0]], &device());
    let graph = sent(&net.plan(input(), |m| m.layer2.output.get().save())?.graph());
    let again = net.trace(one, |_| graph.replay())?;
    assert_eq!(floats(&again, "layer2.output"), [4.0, -1.0]);
    Ok(())
}

#[test]
fn graphs_of_language_models_generate_and_have_prompts_too() -> nnsight::models::Result<()> {
    let (lm, goldens) = (lm(), Goldens::read());
    let prompt = goldens.ints("ids_a");
    let graph = sent(
        &lm.plan(&prompt, |m| {
            m.transformer.h.at(-1).mlp.output.set(0.0);
            m.lm_head.output.get().argmax(Vocab).save()
        })?
        .graph(),
    );
    let again = lm.trace(&prompt, |_| graph.replay())?;
    let traced = trace!(lm, &prompt, |m: Gpt2| {
        m.transformer.h[-1].mlp.output = 0.0;
        m.lm_head.output.argmax(Vocab).save()
    })?;
    let found = again.get("argmax").cloned().expect("it was saved");
    assert_eq!(ints(found.into_tensor::<2, burn::tensor::Int>()?), ints(traced));
    Ok(())
}

/// A graph is written on one machine and run on another, whose device is another.
#[test]
fn a_graph_gives_on_every_device_what_it_gives_on_the_cpu() -> nnsight::models::Result<()> {
    let (here, cpu) = (lm(), lm().with_device(Device::flex()));
    let prompt = Goldens::read().ints("ids_a");
    let body = |m: Sites<Gpt2>| {
        m.transformer.h.at(0).mlp.output.update(|h| h * 2.0);
        m.transformer.h.at(1).output.set_at((.., 0), 0.5);
        let logits = m.lm_head.output.get();
        logits.at((.., -1)).sum().backward();
        (
            m.transformer.h.at(-1).output.get().save(),
            logits.softmax(Vocab).save(),
            logits.argmax(Vocab).save(),
            logits.gt(1.0).save(),
            logits.save(),
            m.transformer.h.at(0).output.grad().get().save(),
        )
    };
    let graph = cpu.plan(&prompt, body)?.graph();
    assert_eq!(text(&here.plan(&prompt, body)?.graph()), text(&graph));
    let (wanted, found) = (
        cpu.trace(&prompt, |_| sent(&graph).replay())?,
        here.trace(&prompt, |_| sent(&graph).replay())?,
    );
    assert_eq!(wanted.iter().len(), 6);
    for (name, wanted) in wanted.iter() {
        let found = found.get(name).expect("it was saved");
        // Devices keep truth values as they like.
        let (found, wanted) = (
            found.to_data()?.convert::<f32>(),
            wanted.to_data()?.convert::<f32>(),
        );
        assert!(near(found, wanted, Tolerance::CPU).is_ok(), "{name}");
    }
    Ok(())
}

#[test]
fn a_graph_of_another_model_is_refused_with_the_first_difference() -> nnsight::Result<()> {
    let graph = tiny_net()
        .plan(input(), |m| m.layer1.output.get().save())?
        .graph();
    let device = device();
    let refused = |graph: &Graph| {
        let net = wide::net(&device);
        let error = net.trace(input(), |_| graph.replay()).expect_err("another model");
        error.to_string()
    };
    assert_eq!(
        refused(&sent(&graph)),
        "this graph was written for another model: there layer1 gives (Batch, Hidden = 3), here it gives (Batch, \
         Hidden = 4)"
    );
    let mut renamed = graph;
    renamed
        .modules
        .values_mut()
        .for_each(|module| module.path = String::from("encoder"));
    assert_eq!(
        refused(&renamed),
        "this graph was written for another model: it has a module encoder, which is not here"
    );
    Ok(())
}

/// The same names with another width.
mod wide {
    use super::linear;
    use burn::nn::Linear;
    use nnsight::prelude::*;

    axes! { Batch; Features = 2; Hidden = 4; Classes = 2; }

    #[derive(Module, Debug, Inspectable)]
    #[inspect((Batch, Features) -> (Batch, Classes))]
    pub struct Wide {
        #[inspect((Batch, Features) -> (Batch, Hidden))]
        layer1: Linear,
        #[inspect((Batch, Hidden) -> (Batch, Classes))]
        layer2: Linear,
    }

    #[inspectable]
    impl Wide {
        fn forward(&self, x: Tensor<2>) -> Tensor<2> {
            self.layer2.forward(self.layer1.forward(x))
        }
    }

    pub fn net(device: &Device) -> NnSight<Wide> {
        NnSight::new(Wide {
            layer1: linear([[1.0; 4]; 2], device),
            layer2: linear([[1.0; 2]; 4], device),
        })
    }
}

#[test]
fn a_graph_that_no_trace_wrote_is_refused_before_the_model_runs() -> nnsight::Result<()> {
    let net = tiny_net();
    let body = |m: Sites<TinyNet>| {
        m.layer1.output.set_at((.., 0), 1.0);
        (m.layer1.output.get() * 2.0).save()
    };
    let whole = serde_json::to_value(net.plan(input(), body)?.graph()).expect("it is data");
    let said = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut value = whole.clone();
        change(&mut value);
        let graph: Graph = match serde_json::from_value(value) {
            Ok(graph) => graph,
            Err(error) => return error.to_string(),
        };
        let error = net.trace(input(), |_| graph.replay()).expect_err("it is broken");
        let text = error.to_string();
        text.split(" (written at").next().unwrap_or_default().to_owned()
    };
    type Change = dyn Fn(&mut serde_json::Value);
    let cases: [(&Change, &str); 6] = [
        (
            &|graph| graph["version"] = 1.into(),
            "a graph of version 1, and this program reads version 3: write it again with the same release",
        ),
        (
            &|graph| graph["nodes"][2]["inputs"][0] = 7.into(),
            "node 2 of the graph is broken: it needs node 7, which does not come before it",
        ),
        (
            &|graph| graph["nodes"][3]["inputs"] = serde_json::json!([]),
            "node 3 of the graph is broken: it takes one node, and has 0",
        ),
        (
            &|graph| graph["nodes"][1]["kind"]["Get"]["module"] = 40.into(),
            "node 1 of the graph is broken: it names module 40, which the graph does not declare",
        ),
        (
            &|graph| graph["nodes"][1]["kind"]["Get"]["invoke"] = 2.into(),
            "node 1 of the graph is broken: it belongs to prompt 2 of the trace, which has 1",
        ),
        (
            &|graph| graph["nodes"][1]["kind"]["Get"]["port"] = 5.into(),
            "node 1 of the graph is broken: it reads a tensor that its module does not have",
        ),
    ];
    for (change, message) in cases {
        assert_eq!(said(change), message);
    }
    assert!(
        said(&|graph| graph["nodes"][0]["kind"]["Fill"]["takes"][1]["One"] = 9.into()).starts_with(
            "node 0 of the graph (Fill): index 9 is out of bounds for axis 1 (Hidden) of layer1.output"
        ),
    );
    Ok(())
}
