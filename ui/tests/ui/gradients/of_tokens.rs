// Token ids have no gradient: ask for that of their embeddings.
use burn::nn::Embedding;
use nnsight::prelude::*;

axes! {
    Batch;
    Seq;
    Hidden = 10;
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq): Int -> (Batch, Seq, Hidden))]
struct Words {
    #[inspect((Batch, Seq): Int -> (Batch, Seq, Hidden))]
    table: Embedding,
}

#[inspectable]
impl Words {
    fn forward(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        self.table.forward(ids)
    }
}

fn experiment(net: &NnSight<Words>, ids: Tensor<2, Int>) {
    let _ = trace!(net, ids, |m: Words| {
        m.output.sum().backward();
        (m.input.grad.save(), m.table.input.grad.save())
    });
}

fn main() {}
