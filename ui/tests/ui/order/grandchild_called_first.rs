// A model that calls its embedding before the body that holds it: what enters the body comes later.
include!("../model.rs");

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Hidden) -> (Batch, Hidden))]
pub struct Body {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    embed: Linear,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    proj: Linear,
}

#[inspectable]
impl Body {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.proj.forward(x)
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
pub struct Tied {
    body: Body,
}

#[inspectable]
impl Tied {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.body.embed.forward(x);
        self.body.forward(x)
    }
}

fn both(net: &NnSight<Tied>) {
    let _ = trace!(net, input(), |m: Tied| {
        m.body.input = m.body.embed.output * 2.0;
        m.output.save()
    });
    let _ = trace!(net, input(), |m: Tied| {
        m.body.embed.output = m.body.input * 2.0;
        m.output.save()
    });
}

fn main() {}
