//! One run tells all declarations that do not hold.

use crate::support::*;

axes! { Seq; Wide = 5; }

/// What it declares is wrong of four of its modules, and nothing of its forward is.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Classes))]
struct Wrong {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    layer1: Linear,
    #[inspect((Batch, Hidden) -> (Batch, Classes))]
    layer2: Linear,
    turned: Probe<(Batch, Classes)>,
    #[inspect((Batch, Classes) -> (Batch, Wide))]
    raised: Linear,
    #[inspect((Batch, Classes) -> (Batch, Classes))]
    spare: Linear,
}

#[inspectable]
impl Wrong {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.layer2.forward(self.layer1.forward(x));
        let x = self.turned.forward(x.transpose()).transpose();
        let _ = self.raised.forward(x.clone().unsqueeze::<3>());
        if x.dims()[0] > 100 {
            return self.spare.forward(x);
        }
        x
    }
}

fn layer(inputs: usize, outputs: usize) -> Linear {
    burn::nn::LinearConfig::new(inputs, outputs).init(&Device::flex())
}

fn wrong() -> NnSight<Wrong> {
    NnSight::new(Wrong {
        layer1: layer(2, 4),
        layer2: layer(4, 2),
        turned: Probe::new(),
        raised: layer(2, 5),
        spare: layer(2, 2),
    })
}

fn three_rows() -> Tensor<2> {
    Tensor::ones([3, 2], &Device::flex())
}

#[test]
fn every_declaration_that_does_not_hold_is_listed() {
    let error = wrong().check(three_rows()).expect_err("much is wrong");
    let text = error.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert_eq!(
        lines,
        [
            "6 of the model's declarations do not hold:",
            "layer1.output is declared (Batch, Hidden = 3), here [3, 3], found [3, 4]: write an axis of size 4 for Hidden",
            "layer2.input is declared (Batch, Hidden = 3), here [3, 3], found [3, 4]: write an axis of size 4 for Hidden",
            "turned.input is declared (Batch, Classes = 2), here [3, 2], found [2, 3]: Batch has size 3 in the model's \
             input: write another axis for it, write an axis of size 3 for Classes",
            "turned.output is declared (Batch, Classes = 2), here [3, 2], found [2, 3]: Batch has size 3 in the model's \
             input: write another axis for it, write an axis of size 3 for Classes",
            "raised.input is declared (Batch, Classes = 2), here [3, 2], found [1, 3, 2]: write 3 axes",
            "raised.output is declared (Batch, Wide = 5), here [3, 5], found [1, 3, 5]: write 3 axes",
        ]
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")),
    );
    let Error::Misdeclared { wrong } = error else {
        panic!("not what is misdeclared: {text}");
    };
    assert_eq!(wrong[0].site, "layer1.output");
}

#[test]
fn what_holds_is_listed_and_so_is_what_did_not_run() {
    let checked = tiny_net().check(input()).expect("all of it holds");
    let all = [
        "input",
        "output",
        "layer1.input",
        "layer1.output",
        "layer2.input",
        "layer2.output",
    ];
    assert_eq!(checked.sites, all);
    assert!(checked.not_reached.is_empty());

    let own = edit!(tiny_net(), |m: TinyNet| m.layer1.output = 0.0);
    assert_eq!(own.check(input()).expect("edits are no part of it").sites, all);
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq) -> (Batch, Seq))]
struct Square {
    same: Probe<(Batch, Seq)>,
    #[inspect((Batch, Features) -> (Batch, Features))]
    spare: Linear,
}

#[inspectable]
impl Square {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        match x.dims() {
            [_, 2] => self.spare.forward(x),
            _ => self.same.forward(x),
        }
    }
}

#[test]
fn modules_that_an_input_does_not_need_are_not_reached() {
    let net = NnSight::new(Square {
        same: Probe::new(),
        spare: layer(2, 2),
    });
    let checked = net
        .check(Tensor::<2>::ones([2, 3], &Device::flex()))
        .expect("it holds");
    assert_eq!(checked.not_reached, ["spare.input", "spare.output"]);
    let checked = net.check(three_rows()).expect("it holds");
    assert_eq!(checked.not_reached, ["same.input", "same.output"]);
}

/// An input of another size than declared is one of the things that are wrong, if the model runs on it.
#[test]
fn the_models_own_input_is_one_of_them() {
    #[derive(Module, Debug, Inspectable)]
    #[inspect((Batch, Features) -> (Batch, Features))]
    struct Any {
        all: Probe<(Batch, Features)>,
    }
    #[inspectable]
    impl Any {
        fn forward(&self, x: Tensor<2>) -> Tensor<2> {
            self.all.forward(x)
        }
    }
    let net = NnSight::new(Any { all: Probe::new() });
    let error = net.check(Tensor::<2>::ones([1, 7], &Device::flex()));
    let text = error.expect_err("seven features").to_string();
    assert!(
        text.starts_with("4 of the model's declarations do not hold:"),
        "{text}"
    );
    assert!(
        text.contains("\n  input is declared (Batch, Features = 2), here [?, 2], found [1, 7]"),
        "{text}"
    );
}
