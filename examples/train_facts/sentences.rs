//! Facts become sentences: every subject in every phrasing, some of them kept from training.

use crate::random::Random;
use crate::relations::{Relation, relations};

/// One fact in one phrasing.
#[derive(Clone, Debug)]
pub struct Sentence {
    /// The relation's name.
    pub relation: &'static str,
    /// Everything up to the answer, without a space at its end.
    pub prompt: String,
    /// The answer, without the space that joins it to the prompt.
    pub answer: &'static str,
}

impl Sentence {
    /// The whole sentence as the model reads it in training.
    pub fn text(&self) -> String {
        format!("{} {}.", self.prompt, self.answer)
    }
}

/// What the model trains on, and what it is asked afterwards without having read it.
///
/// Of each relation a quarter of the subjects never appears in the last two phrasings. The other
/// subjects teach what these phrasings ask for, other phrasings teach the facts; only a model that
/// keeps the two apart can answer the held-out sentences.
pub struct Corpus {
    /// The sentences to train on.
    pub train: Vec<Sentence>,
    /// Known facts in phrasings that training never showed for them.
    pub held_out: Vec<Sentence>,
}

impl Corpus {
    /// All facts as sentences; the seed chooses which subjects are held out.
    pub fn generate(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut corpus = Self {
            train: Vec::new(),
            held_out: Vec::new(),
        };
        for relation in relations() {
            corpus.add(&relation, &mut random);
        }
        corpus
    }

    /// Every answer of every sentence, with repetitions.
    pub fn answers(&self) -> impl Iterator<Item = &'static str> {
        self.train
            .iter()
            .chain(&self.held_out)
            .map(|sentence| sentence.answer)
    }

    fn add(&mut self, relation: &Relation, random: &mut Random) {
        let mut held_out = vec![false; relation.facts.len()];
        let quarter = held_out.len().div_ceil(4);
        held_out[..quarter].fill(true);
        random.shuffle(&mut held_out);

        let common = relation
            .phrasings
            .len()
            .saturating_sub(Relation::HELD_OUT_PHRASINGS);
        for (&(subject, answer), held_out) in relation.facts.iter().zip(held_out) {
            for (index, phrasing) in relation.phrasings.iter().enumerate() {
                let prompt = capitalised(&phrasing.replace("{}", subject));
                let sentence = Sentence {
                    relation: relation.name,
                    prompt,
                    answer,
                };
                if held_out && index >= common {
                    self.held_out.push(sentence);
                } else {
                    self.train.push(sentence);
                }
            }
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
