//! Modules with a state, and those that take and give structs.
//!
//! A recurrent module is declared with its sequence alone, `(Batch, Seq, In) -> (..)`, or with its state,
//! `((Batch, Seq, In), LstmPort<(Batch, Hidden)>) -> (..)`.

use super::{declared, runs};
use burn::nn::attention::{CrossAttention, MhaInput, MhaOutput, MultiHeadAttention};
use burn::nn::transformer::{
    TransformerDecoder, TransformerDecoderInput, TransformerEncoder, TransformerEncoderInput,
};
use burn::nn::{BiGru, BiLstm, BiRnn, Gru, Lstm, LstmState, Rnn, RnnState};
use burn::tensor::{Bool, Tensor};

runs! {
    Lstm: [] Tensor<3> => (Tensor<3>, LstmState<2>), |module, x| module.forward(x, None);
    Lstm: [] (Tensor<3>, LstmState<2>) => (Tensor<3>, LstmState<2>), |module, (x, state)| module.forward(x, Some(state));
    BiLstm: [] Tensor<3> => (Tensor<3>, LstmState<3>), |module, x| module.forward(x, None);
    BiLstm: [] (Tensor<3>, LstmState<3>) => (Tensor<3>, LstmState<3>), |module, (x, state)| module.forward(x, Some(state));
    Rnn: [] Tensor<3> => (Tensor<3>, RnnState<2>), |module, x| module.forward(x, None);
    Rnn: [] (Tensor<3>, RnnState<2>) => (Tensor<3>, RnnState<2>), |module, (x, state)| module.forward(x, Some(state));
    BiRnn: [] Tensor<3> => (Tensor<3>, RnnState<3>), |module, x| module.forward(x, None);
    BiRnn: [] (Tensor<3>, RnnState<3>) => (Tensor<3>, RnnState<3>), |module, (x, state)| module.forward(x, Some(state));
    Gru: [] Tensor<3> => Tensor<3>, |module, x| module.forward(x, None);
    Gru: [] (Tensor<3>, Tensor<2>) => Tensor<3>, |module, (x, state)| module.forward(x, Some(state));
    BiGru: [] Tensor<3> => (Tensor<3>, Tensor<3>), |module, x| module.forward(x, None);
    BiGru: [] (Tensor<3>, Tensor<3>) => (Tensor<3>, Tensor<3>), |module, (x, state)| module.forward(x, Some(state));
    MultiHeadAttention: [] MhaInput => MhaOutput, |module, input| module.forward(input);
    CrossAttention: [] (Tensor<3>, Tensor<3>) => Tensor<3>, |module, (x, context)| module.forward(x, context, None);
    CrossAttention: [] (Tensor<3>, Tensor<3>, Tensor<2, Bool>) => Tensor<3>,
        |module, (x, context, mask)| module.forward(x, context, Some(mask));
    TransformerEncoder: [] TransformerEncoderInput => Tensor<3>, |module, input| module.forward(input);
    TransformerDecoder: [] TransformerDecoderInput => Tensor<3>, |module, input| module.forward(input);
}
declared!(LeafSites, None: Lstm, BiLstm, Rnn, BiRnn, Gru, BiGru);
declared!(LeafSites, InTraining: MultiHeadAttention, TransformerEncoder, TransformerDecoder);
declared!(LeafSitesMany, InTraining: CrossAttention);
