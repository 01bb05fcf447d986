//! Parameters are values of a trace.

use crate::prelude::*;
use crate::support::{Batch, Classes, Features, Hidden, TinyNet, device, input, linear, rows, tiny_net};
use burn::nn::{Linear, LinearConfig};
use nnsight::Attach;

/// What a layer gives is its input times its weight.
#[test]
fn a_weight_is_a_value_over_its_declared_axes() {
    let (product, output, weight, part) = trace!(tiny_net(), input(), |m: TinyNet| {
        let weight: Value<(Features, Hidden)> = m.layer1.weight.value();
        assert_eq!(weight.shape(), [2, 3]);
        let product = m.layer1.input.matmul(weight);
        (
            product.save(),
            m.layer1.output.save(),
            weight.save(),
            m.layer2.weight.value()[-1].save(),
        )
    })
    .expect("it runs");
    assert_eq!(rows(product), rows(output));
    assert_eq!(rows(weight), [1.0, 0.0, 1.0, 0.0, 1.0, 1.0]);
    assert_eq!(rows(part), [1.0, -1.0]);
}

/// The directions that the classes are read from, inside of the run: no second pass over what was saved.
#[test]
fn an_output_is_attributed_to_the_places_that_it_is_computed_from() {
    let (attribution, output) = trace!(tiny_net(), input(), |m: TinyNet| {
        let direction = m.layer2.weight.value()[.., 0] - m.layer2.weight.value()[.., 1];
        let attribution = m.layer1.output * direction;
        (
            attribution.save(),
            (m.output[.., 0] - m.output[.., 1]).save(),
        )
    })
    .expect("it runs");
    // h = [1, 2, 3] and [3, 4, 7], the direction is [1, -1, 2].
    assert_eq!(rows(attribution), [1.0, -2.0, 6.0, 3.0, -4.0, 14.0]);
    assert_eq!(rows(output), [5.0, 13.0]);
}

/// What only weights tell needs no forward pass.
#[test]
fn weights_alone_run_no_model() {
    let product = trace!(tiny_net(), input(), |m: TinyNet| {
        m.layer1.input.update(|x| x.map(|_| panic!("the model runs")));
        m.layer1.weight.value().matmul(m.layer2.weight.value()).save()
    });
    assert_eq!(rows(product.expect("it runs")), [2.0, -1.0, 1.0, 0.0]);
}

/// Of the loss sum(x W1) + sum(x W1 W2) each term adds to the gradient, and a value has the gradient of its own use.
#[test]
fn a_gradient_through_a_weight_is_part_of_its_gradient() {
    let (all, own, alone) = trace!(tiny_net(), input(), |m: TinyNet| {
        let weight = m.layer1.weight.value();
        let used = m.layer1.input.matmul(weight).sum();
        let loss = (used + m.output.sum()).backward();
        let (all, own) = (loss.grad(m.layer1.weight).save(), loss.grad(weight).save());
        let alone = (m.layer1.weight.value() * 2.0).sum().backward();
        (all, own, alone.grad(m.layer1.weight).save())
    })
    .expect("it runs");
    // The columns of x sum to 4 and 6, the rows of W2 to 1, 1 and 0.
    assert_eq!(rows(own), [4.0, 4.0, 4.0, 6.0, 6.0, 6.0]);
    assert_eq!(rows(all), [8.0, 8.0, 4.0, 12.0, 12.0, 6.0]);
    assert_eq!(rows(alone), [2.0; 6]);
}

#[test]
fn activations_have_gradients_through_a_weight_that_has_none() {
    let (left, right) = trace!(tiny_net(), input(), |m: TinyNet| {
        let weight = m.layer2.weight.value();
        let left = m.layer1.output.matmul(weight).sum().backward();
        let right = weight
            .transpose()
            .matmul(m.layer1.output.transpose())
            .sum()
            .backward();
        (
            left.grad(m.layer1.output).save(),
            right.grad(m.layer1.output).save(),
        )
    })
    .expect("it runs");
    assert_eq!(rows(left), [1.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
    assert_eq!(rows(right), [1.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
}

#[test]
fn a_model_in_training_gives_its_own_weights() {
    let device = device().autodiff();
    let net = TinyNet::pinned(
        linear([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]], &device),
        linear([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]], &device),
    );
    let (sum, grad) = trace!(net, input(), |m: TinyNet| {
        let loss = m.layer1.input.matmul(m.layer1.weight.value()).sum();
        loss.backward();
        (loss.save(), m.layer1.weight.grad.save())
    })
    .expect("it runs");
    assert_eq!(rows(sum), [20.0]);
    assert_eq!(rows(grad), [4.0, 4.0, 4.0, 6.0, 6.0, 6.0]);
}

#[test]
fn a_weight_of_what_is_attached() {
    #[derive(Module, Debug, Inspectable)]
    #[inspect((Batch, Hidden) -> (Batch, Classes))]
    struct Head {
        #[inspect((Batch, Hidden) -> (Batch, Classes))]
        read: Linear,
    }
    #[inspectable]
    impl Head {
        fn forward(&self, x: Tensor<2>) -> Tensor<2> {
            self.read.forward(x)
        }
    }
    let head = Head {
        read: linear([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], &device()),
    };
    let (net, head) = tiny_net().attach("head", head).expect("the name is free");
    let (weight, product) = trace!(net, input(), |m: TinyNet| {
        let weight = m.attached(head).read.weight.value();
        (weight.save(), m.layer1.output.matmul(weight)[0].save())
    })
    .expect("it runs");
    assert_eq!(rows(weight), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(rows(product), [22.0, 28.0]);
}

#[test]
fn a_weight_that_is_not_there_is_refused_before_the_run() {
    let bias = trace!(tiny_net(), input(), |m: TinyNet| {
        m.layer1.input.update(|x| x.map(|_| panic!("the model runs")));
        (m.layer1.bias.value().save(), m.output.save())
    });
    let error = bias.expect_err("there is none").to_string();
    assert!(
        error.starts_with("there is no parameter layer1.bias of floats in this model (written at"),
        "{error}"
    );

    // Declared to give 3, and made to give 2.
    let wide = LinearConfig::new(2, 2).with_bias(false).init(&device());
    let net = TinyNet::pinned(wide, linear([[1.0, 0.0], [0.0, 1.0]], &device()));
    let weight = trace!(net, input(), |m: TinyNet| m.layer1.weight.value().save());
    let error = weight.expect_err("it has other sizes").to_string();
    assert!(
        error.starts_with("layer1.weight takes [2, 3], found a value of sizes [2, 2]"),
        "{error}"
    );
}

/// A graph names a parameter by its module and its name there, and another model has it by those.
#[test]
fn a_graph_reads_weights() {
    let plan = tiny_net()
        .plan(input(), |m| (m.layer1.weight.value() * 2.0).save())
        .expect("it can run");
    let text = plan.to_string();
    assert!(text.contains("read layer1.weight"), "{text}");
    let json = serde_json::to_string(&plan.graph()).expect("it is data");
    let graph: nnsight::graph::Graph = serde_json::from_str(&json).expect("it is a graph");
    let found = tiny_net().trace(input(), |_| graph.replay()).expect("it fits");
    let weight = found.get("*").cloned().expect("it is there");
    let weight: Tensor<2> = weight.into_tensor().expect("a matrix");
    assert_eq!(rows(weight), [2.0, 0.0, 2.0, 0.0, 2.0, 2.0]);
    let broken = json.replace("[2,3]", "[2,3,4,5,6,7,8]");
    assert_ne!(broken, json);
    let graph: nnsight::graph::Graph = serde_json::from_str(&broken).expect("it is a graph");
    let refused = tiny_net().trace(input(), |_| graph.replay());
    let error = refused.expect_err("seven axes").to_string();
    assert!(error.contains("a parameter has not 7 axes"), "{error}");
}
