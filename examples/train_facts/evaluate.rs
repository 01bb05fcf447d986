//! Asks the model: does it give the first token of the right answer?

use burn::tensor::{Device, Int, Tensor, TensorData};
use tokenizers::{Result, Tokenizer};

use crate::model::Gpt2;
use crate::sentences::Sentence;
use crate::tokenizer::{encode, end_of_text};

const BATCH: usize = 128;

/// The most likely next token after each prompt.
///
/// # Errors
/// Whatever the `tokenizers` crate reports.
pub fn next_tokens(
    model: &Gpt2,
    tokenizer: &Tokenizer,
    prompts: &[&str],
    device: &Device,
) -> Result<Vec<i64>> {
    let mut answers = Vec::with_capacity(prompts.len());
    for prompts in prompts.chunks(BATCH) {
        let rows = prompts.iter().map(|prompt| encode(tokenizer, prompt));
        let rows: Vec<Vec<i64>> = rows.collect::<Result<_>>()?;
        answers.extend(next_of_rows(model, &rows, end_of_text(tokenizer), device));
    }
    Ok(answers)
}

/// What follows each row of ids. Rows are filled up at their end, where a causal model does not look.
fn next_of_rows(model: &Gpt2, rows: &[Vec<i64>], fill: i64, device: &Device) -> Vec<i64> {
    let seq = rows.iter().map(Vec::len).max().unwrap_or(0);
    let ids: Vec<i64> = rows
        .iter()
        .flat_map(|row| {
            row.iter()
                .copied()
                .chain(std::iter::repeat_n(fill, seq - row.len()))
        })
        .collect();
    let ids = Tensor::<2, Int>::from_data(TensorData::new(ids, [rows.len(), seq]), device);
    let best: Vec<i64> = model
        .forward(ids)
        .argmax(2)
        .into_data()
        .convert::<i64>()
        .iter()
        .collect();
    rows.iter()
        .enumerate()
        .map(|(index, row)| best[index * seq + row.len().saturating_sub(1)])
        .collect()
}

/// Right answers out of all, in the order of the relations.
pub struct Score {
    /// The relation's name.
    pub relation: &'static str,
    /// Sentences whose answer's first token the model gives.
    pub right: usize,
    /// Sentences asked.
    pub asked: usize,
}

/// The score of each relation.
///
/// # Errors
/// Whatever the `tokenizers` crate reports.
pub fn scores(
    model: &Gpt2,
    tokenizer: &Tokenizer,
    sentences: &[Sentence],
    device: &Device,
) -> Result<Vec<Score>> {
    let prompts: Vec<&str> = sentences
        .iter()
        .map(|sentence| sentence.prompt.as_str())
        .collect();
    let given = next_tokens(model, tokenizer, &prompts, device)?;
    let mut scores: Vec<Score> = Vec::new();
    for (sentence, given) in sentences.iter().zip(given) {
        let answer = encode(tokenizer, &format!(" {}", sentence.answer))?;
        if scores
            .last()
            .is_none_or(|score| score.relation != sentence.relation)
        {
            scores.push(Score {
                relation: sentence.relation,
                right: 0,
                asked: 0,
            });
        }
        if let Some(score) = scores.last_mut() {
            score.asked += 1;
            score.right += usize::from(answer.first() == Some(&given));
        }
    }
    Ok(scores)
}
