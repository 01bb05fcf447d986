//! Sentences become batches: short texts of one to three sentences, in a random order.

use std::cmp::Reverse;

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use tokenizers::{Result, Tokenizer};

use crate::model::Gpt2;
use crate::random::Random;
use crate::sentences::Sentence;
use crate::tokenizer::{encode, end_of_text};
use crate::train::Settings;

/// An endless stream of batches.
pub struct Texts {
    sentences: Vec<Encoded>,
    end_of_text: i64,
    longest: usize,
    batch: usize,
    random: Random,
    epoch: Vec<Vec<Vec<i64>>>,
}

/// A sentence's tokens, as the first of a text and as a later one, which has a space before it.
struct Encoded {
    first: Vec<i64>,
    later: Vec<i64>,
}

impl Texts {
    /// Encodes every sentence. No text gets longer than the model's positions.
    ///
    /// # Errors
    /// Whatever the `tokenizers` crate reports.
    pub fn new(
        sentences: &[Sentence],
        tokenizer: &Tokenizer,
        positions: usize,
        settings: Settings,
    ) -> Result<Self> {
        let encoded = |sentence: &Sentence| {
            let text = sentence.text();
            let later = encode(tokenizer, &format!(" {text}"))?;
            Ok(Encoded {
                first: encode(tokenizer, &text)?,
                later,
            })
        };
        Ok(Self {
            sentences: sentences.iter().map(encoded).collect::<Result<_>>()?,
            end_of_text: end_of_text(tokenizer),
            longest: positions,
            batch: settings.batch,
            random: Random::new(settings.seed),
            epoch: Vec::new(),
        })
    }

    /// The next texts; a new order begins when every sentence was seen.
    pub fn next_batch(&mut self, device: &Device) -> Batch {
        while self.epoch.is_empty() {
            self.epoch = self.new_epoch();
        }
        let texts = self.epoch.pop().unwrap_or_default();
        Batch::new(&texts, self.end_of_text, device)
    }

    /// Every sentence once: texts of one to three sentences, in batches of about equal lengths, so
    /// that little is filled up.
    fn new_epoch(&mut self) -> Vec<Vec<Vec<i64>>> {
        self.random.shuffle(&mut self.sentences);
        let mut texts = Vec::new();
        let mut rest = self.sentences.as_slice();
        while let Some((first, after)) = rest.split_first() {
            // Half of the texts are one sentence, a quarter two, a quarter three.
            let more = [0, 0, 1, 2][self.random.below(4)].min(after.len());
            let mut text = first.first.clone();
            text.extend(after[..more].iter().flat_map(|sentence| &sentence.later));
            text.push(self.end_of_text);
            text.truncate(self.longest + 1);
            texts.push(text);
            rest = &after[more..];
        }
        texts.sort_by_key(|text| Reverse(text.len()));
        let mut batches: Vec<_> = texts.chunks(self.batch).map(<[_]>::to_vec).collect();
        self.random.shuffle(&mut batches);
        batches
    }
}

/// Texts side by side, the shorter ones filled up at their end.
pub struct Batch {
    ids: Tensor<2, Int>,
    /// The next token of each position, flat.
    targets: Tensor<1, Int>,
    /// 1 where the target is part of a text, flat.
    counts: Tensor<1>,
}

impl Batch {
    fn new(texts: &[Vec<i64>], end_of_text: i64, device: &Device) -> Self {
        let seq = texts
            .iter()
            .map(|text| text.len().saturating_sub(1))
            .max()
            .unwrap_or(0);
        let (mut ids, mut targets, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        for text in texts {
            for position in 0..seq {
                let target = text.get(position + 1);
                ids.push(text.get(position).copied().unwrap_or(end_of_text));
                targets.push(target.copied().unwrap_or(end_of_text));
                counts.push(if target.is_some() { 1.0 } else { 0.0 });
            }
        }
        let flat = [texts.len() * seq];
        Self {
            ids: Tensor::from_data(TensorData::new(ids, [texts.len(), seq]), device),
            targets: Tensor::from_data(TensorData::new(targets, flat), device),
            counts: Tensor::from_data(TensorData::new::<f32, _>(counts, flat), device),
        }
    }

    /// The mean cross entropy of the next token.
    pub fn loss(self, model: &Gpt2) -> Tensor<1> {
        let logits = model.forward(self.ids).flatten::<2>(0, 1);
        let of_targets = log_softmax(logits, 1).gather(1, self.targets.unsqueeze_dim(1));
        let total = (of_targets.squeeze_dim::<1>(1) * self.counts.clone()).sum();
        total.neg() / self.counts.sum()
    }
}
