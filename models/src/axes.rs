//! The axes that all language models share: their sizes come with an input.

nnsight_core::axes! {
    Batch;
    Seq;
    Key;
    Generated;
}
