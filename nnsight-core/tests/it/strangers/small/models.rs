//! Models that are built, called and declared in other ways each.

use super::{Place, Sizes, Small, around};
use crate::strangers::mutations::Random;
use burn::nn::{Embedding, EmbeddingConfig, Gelu, LayerNorm, LayerNormConfig, Linear, LinearConfig, Relu};
use burn::prelude::*;
use nnsight::{Inspectable, Probe, axes, inspectable};

axes! {
    Batch;
    Seq;
    Width;
    // Nothing says how long it is.
    Inner;
    Features = 2;
    Hidden = 3;
    Classes = 2;
    Vocab = 4;
}

fn linear(from: usize, to: usize, random: &mut Random, device: &Device) -> Linear {
    let bias = random.below(2) == 0;
    LinearConfig::new(from, to).with_bias(bias).init(device)
}

fn floats(rows: usize, width: usize, sizes: Sizes, random: &mut Random, device: &Device) -> Tensor<2> {
    let numbers = (0..rows * width).map(|_| random.of(&[-1.5, 0.0, 0.5, 1.0, 2.0, 30.0]));
    let data = TensorData::new(numbers.collect::<Vec<f32>>(), [rows, width]);
    Tensor::<2>::from_data(data, device).cast(sizes.dtype)
}

/// Layers of constant sizes, one after the other.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Classes))]
pub struct Stack {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    first: Linear,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    relu: Relu,
    #[inspect((Batch, Hidden) -> (Batch, Classes))]
    last: Linear,
}

#[inspectable]
impl Stack {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.last.forward(self.relu.forward(self.first.forward(x)))
    }
}

impl Small for Stack {
    fn make(_: Sizes, random: &mut Random, device: &Device) -> Self {
        Stack {
            first: linear(2, 3, random, device),
            relu: Relu::new(),
            last: linear(3, 2, random, device),
        }
    }
    fn places(&self) -> Vec<Place> {
        let inside = [around("first", []), around("relu", []), around("last", [])];
        around("", inside)
    }
    fn input(rows: usize, sizes: Sizes, random: &mut Random, device: &Device) -> Tensor<2> {
        floats(rows, 2, sizes, random, device)
    }
}

/// A list of any length, also none, as wide as its input.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
pub struct Listed {
    #[inspect((Batch, Width) -> (Batch, Width))]
    h: Vec<Linear>,
    #[inspect((Batch, Width) -> (Batch, Width))]
    norm: LayerNorm,
}

#[inspectable]
impl Listed {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let mut x = x;
        for layer in &self.h {
            x = layer.forward(x);
        }
        self.norm.forward(x)
    }
}

impl Listed {
    /// Without layers.
    pub fn of_width(width: usize) -> Self {
        Listed {
            h: vec![],
            norm: LayerNormConfig::new(width).init(&Device::flex()),
        }
    }
}

impl Small for Listed {
    fn make(sizes: Sizes, random: &mut Random, device: &Device) -> Self {
        let layers = 0..random.below(4);
        Listed {
            h: layers
                .map(|_| linear(sizes.width, sizes.width, random, device))
                .collect(),
            norm: LayerNormConfig::new(sizes.width).init(device),
        }
    }
    fn places(&self) -> Vec<Place> {
        let layers = (0..self.h.len()).map(|i| around(&format!("h.{i}"), []));
        around("", layers.chain([around("norm", [])]))
    }
    fn input(rows: usize, sizes: Sizes, random: &mut Random, device: &Device) -> Tensor<2> {
        floats(rows, sizes.width, sizes, random, device)
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
pub struct Mlp {
    #[inspect((Batch, Width) -> (Batch, Inner))]
    pub up: Linear,
    #[inspect((Batch, Inner) -> (Batch, Inner))]
    gelu: Gelu,
    #[inspect((Batch, Inner) -> (Batch, Width))]
    down: Linear,
}

#[inspectable]
impl Mlp {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.down.forward(self.gelu.forward(self.up.forward(x)))
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
pub struct Block {
    #[inspect((Batch, Width) -> (Batch, Width))]
    norm: Option<LayerNorm>,
    mlp: Mlp,
}

#[inspectable]
impl Block {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let mut h = x.clone();
        if let Some(norm) = &self.norm {
            h = norm.forward(h);
        }
        x + self.mlp.forward(h)
    }
}

/// Modules in modules in a list, some of which are not there.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
pub struct Nested {
    pub blocks: Vec<Block>,
    pub last: Option<Mlp>,
}

#[inspectable]
impl Nested {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let mut x = x;
        for block in &self.blocks {
            x = block.forward(x);
        }
        match &self.last {
            Some(last) => last.forward(x),
            None => x * 2.0,
        }
    }
}

impl Mlp {
    pub fn make(sizes: Sizes, random: &mut Random, device: &Device) -> Self {
        Mlp {
            up: linear(sizes.width, sizes.inner, random, device),
            gelu: Gelu::new(),
            down: linear(sizes.inner, sizes.width, random, device),
        }
    }
    fn places(path: &str) -> Vec<Place> {
        let inside = ["up", "gelu", "down"].map(|name| around(&format!("{path}.{name}"), []));
        around(path, inside)
    }
}

impl Small for Nested {
    fn make(sizes: Sizes, random: &mut Random, device: &Device) -> Self {
        let blocks = 0..1 + random.below(2);
        let block = |_| {
            let norm = LayerNormConfig::new(sizes.width).init(device);
            Block {
                norm: (random.below(2) == 0).then_some(norm),
                mlp: Mlp::make(sizes, random, device),
            }
        };
        let blocks = blocks.map(block).collect();
        let last = Mlp::make(sizes, random, device);
        Nested {
            blocks,
            last: (random.below(2) == 0).then_some(last),
        }
    }
    fn places(&self) -> Vec<Place> {
        let block = |(i, block): (usize, &Block)| {
            let path = format!("blocks.{i}");
            let norm = block.norm.iter().map(|_| around(&format!("{path}.norm"), []));
            let mlp = Mlp::places(&format!("{path}.mlp"));
            around(&path, norm.chain([mlp]).collect::<Vec<_>>())
        };
        let blocks = self.blocks.iter().enumerate().map(block);
        let last = self.last.iter().map(|_| Mlp::places("last"));
        around("", blocks.chain(last))
    }
    fn input(rows: usize, sizes: Sizes, random: &mut Random, device: &Device) -> Tensor<2> {
        floats(rows, sizes.width, sizes, random, device)
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
pub struct Pair {
    #[inspect((Batch, Width) -> (Batch, Width))]
    a: Linear,
    #[inspect((Batch, Width) -> (Batch, Width))]
    b: Linear,
}

#[inspectable]
impl Pair {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.b.forward(self.a.forward(x) + 1.0)
    }
}

/// A grandchild first, and another once more when its parent is done.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
pub struct Grandparent {
    pair: Pair,
    /// Called where there is one row.
    #[inspect((Batch, Width) -> (Batch, Width))]
    perhaps: Linear,
}

#[inspectable]
impl Grandparent {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.pair.b.forward(x);
        let x = self.pair.forward(x);
        let x = self.pair.a.forward(x);
        if x.dims()[0] == 1 {
            return self.perhaps.forward(x);
        }
        x
    }
}

impl Small for Grandparent {
    fn make(sizes: Sizes, random: &mut Random, device: &Device) -> Self {
        let mut layer = || linear(sizes.width, sizes.width, random, device);
        Grandparent {
            pair: Pair {
                a: layer(),
                b: layer(),
            },
            perhaps: layer(),
        }
    }
    fn places(&self) -> Vec<Place> {
        let (a, b) = (|| around("pair.a", []), || around("pair.b", []));
        let pair = around("pair", [a(), b()]);
        around("", [b(), pair, a(), around("perhaps", [])])
    }
    fn input(rows: usize, sizes: Sizes, random: &mut Random, device: &Device) -> Tensor<2> {
        floats(rows, sizes.width, sizes, random, device)
    }
}

/// Whole numbers and booleans in, whole numbers out.
#[derive(Module, Debug, Inspectable)]
#[inspect(((Batch, Seq): Int, (Batch, Seq): Bool) -> (Batch, Seq): Int)]
pub struct Tokens {
    #[inspect((Batch, Seq): Int -> (Batch, Seq, Width))]
    table: Embedding,
    kept: Probe<(Batch, Seq), Bool>,
    #[inspect((Batch, Seq, Width) -> (Batch, Seq, Vocab))]
    head: Linear,
    best: Probe<(Batch, Seq), Int>,
}

#[inspectable]
impl Tokens {
    pub fn forward(&self, ids: Tensor<2, Int>, kept: Tensor<2, Bool>) -> Tensor<2, Int> {
        let kept = self.kept.forward(kept);
        // As a tokenizer would see to it.
        let x = self.table.forward(ids.clamp(0, 3));
        let x = x.mask_fill(kept.bool_not().unsqueeze_dim::<3>(2), 0.0);
        let logits = self.head.forward(x);
        self.best.forward(logits.argmax(2).squeeze_dim::<2>(2))
    }
}

impl Small for Tokens {
    fn make(sizes: Sizes, random: &mut Random, device: &Device) -> Self {
        Tokens {
            table: EmbeddingConfig::new(4, sizes.width).init(device),
            kept: Probe::new(),
            head: linear(sizes.width, 4, random, device),
            best: Probe::new(),
        }
    }
    fn places(&self) -> Vec<Place> {
        around("", ["kept", "table", "head", "best"].map(|path| around(path, [])))
    }
    fn input(
        rows: usize,
        sizes: Sizes,
        random: &mut Random,
        device: &Device,
    ) -> (Tensor<2, Int>, Tensor<2, Bool>) {
        let count = rows * sizes.seq;
        let ids: Vec<i32> = (0..count).map(|_| random.below(4) as i32).collect();
        let kept: Vec<bool> = (0..count).map(|_| random.below(3) > 0).collect();
        let shape = [rows, sizes.seq];
        let ids = Tensor::from_data(TensorData::new(ids, shape), device);
        (ids, Tensor::from_data(TensorData::new(kept, shape), device))
    }
}

/// Two tensors out of one.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> ((Batch, Width), (Batch, Width)))]
pub struct Fork {
    #[inspect((Batch, Width) -> (Batch, Width))]
    pair: (Linear, Linear),
}

#[inspectable]
impl Fork {
    pub fn forward(&self, x: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        (self.pair.0.forward(x.clone()), self.pair.1.forward(x))
    }
}

/// One out of two.
#[derive(Module, Debug, Inspectable)]
#[inspect(((Batch, Width), (Batch, Width)) -> (Batch, Width))]
pub struct Join {
    difference: Probe<(Batch, Width)>,
}

#[inspectable]
impl Join {
    pub fn forward(&self, a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
        self.difference.forward(a - b)
    }
}

/// Several tensors between modules, and out of the model.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> ((Batch, Width), (Batch, Width)))]
pub struct Forked {
    fork: Fork,
    join: Join,
}

#[inspectable]
impl Forked {
    pub fn forward(&self, x: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let (a, b) = self.fork.forward(x);
        (self.join.forward(a.clone(), b), a)
    }
}

impl Small for Forked {
    fn make(sizes: Sizes, random: &mut Random, device: &Device) -> Self {
        let mut layer = || linear(sizes.width, sizes.width, random, device);
        Forked {
            fork: Fork {
                pair: (layer(), layer()),
            },
            join: Join {
                difference: Probe::new(),
            },
        }
    }
    fn places(&self) -> Vec<Place> {
        let fork = around(
            "fork",
            ["fork.pair.0", "fork.pair.1"].map(|path| around(path, [])),
        );
        let join = around("join", [around("join.difference", [])]);
        around("", [fork, join])
    }
    fn input(rows: usize, sizes: Sizes, random: &mut Random, device: &Device) -> Tensor<2> {
        floats(rows, sizes.width, sizes, random, device)
    }
}

/// What is attached to each of them.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
pub struct Sae {
    #[inspect((Batch, Width) -> (Batch, Inner))]
    encoder: Linear,
    latents: Probe<(Batch, Inner)>,
    #[inspect((Batch, Inner) -> (Batch, Width))]
    decoder: Linear,
}

#[inspectable]
impl Sae {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let latents = self.latents.forward(self.encoder.forward(x));
        self.decoder.forward(latents)
    }
}

impl Sae {
    pub fn make(sizes: Sizes, random: &mut Random, device: &Device) -> Self {
        Sae {
            encoder: linear(sizes.width, sizes.inner, random, device),
            latents: Probe::new(),
            decoder: linear(sizes.inner, sizes.width, random, device),
        }
    }
    /// What lies in it.
    pub fn inside() -> [&'static str; 3] {
        ["sae.encoder", "sae.latents", "sae.decoder"]
    }
}
