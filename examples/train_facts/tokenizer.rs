//! A byte-level BPE like GPT-2's, trained on our own sentences.

use std::collections::BTreeSet;

use tokenizers::decoders::DecoderWrapper;
use tokenizers::models::bpe::{BPE, BpeTrainerBuilder};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{
    AddedToken, NormalizerWrapper, PostProcessorWrapper, PreTokenizerWrapper, Result, Tokenizer,
    TokenizerBuilder,
};

use crate::sentences::{Corpus, Sentence};

/// Ends a text, and fills up the shorter rows of a batch.
pub const END_OF_TEXT: &str = "<|endoftext|>";

const VOCABULARY: usize = 1400;

/// How often each answer is shown to the trainer on top of the corpus: often enough that every
/// answer, with the space before it, is merged into one token before the vocabulary is full.
const ANSWER_REPEATS: usize = 500;

/// Trains the tokenizer; the same corpus gives the same tokenizer.
///
/// # Errors
/// Whatever the `tokenizers` crate reports.
pub fn train(corpus: &Corpus) -> Result<Tokenizer> {
    let byte_level = ByteLevel::default().add_prefix_space(false);
    let mut tokenizer = TokenizerBuilder::<
        BPE,
        NormalizerWrapper,
        PreTokenizerWrapper,
        PostProcessorWrapper,
        DecoderWrapper,
    >::new()
    .with_model(BPE::default())
    .with_pre_tokenizer(Some(byte_level.into()))
    .with_post_processor(Some(byte_level.trim_offsets(false).into()))
    .with_decoder(Some(byte_level.into()))
    .build()?;

    let mut trainer = BpeTrainerBuilder::new()
        .vocab_size(VOCABULARY)
        .min_frequency(2)
        .show_progress(false)
        .special_tokens(vec![AddedToken::from(END_OF_TEXT, true)])
        // All bytes, so that any text can be encoded.
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .build();

    let sentences = corpus.train.iter().chain(&corpus.held_out).map(Sentence::text);
    let answers: BTreeSet<&str> = corpus.answers().collect();
    let answers = answers
        .into_iter()
        .map(|answer| format!(" {answer}").repeat(ANSWER_REPEATS));
    let texts: Vec<String> = sentences.chain(answers).collect();
    tokenizer.train(&mut trainer, texts.into_iter())?;
    Ok(tokenizer.into())
}

/// The token ids of a text.
///
/// # Errors
/// Whatever the `tokenizers` crate reports.
pub fn encode(tokenizer: &Tokenizer, text: &str) -> Result<Vec<i64>> {
    let encoding = tokenizer.encode(text, false)?;
    Ok(encoding.get_ids().iter().map(|&id| i64::from(id)).collect())
}

/// The id of [`END_OF_TEXT`].
pub fn end_of_text(tokenizer: &Tokenizer) -> i64 {
    // The trainer numbers special tokens first.
    i64::from(tokenizer.token_to_id(END_OF_TEXT).unwrap_or(0))
}
