// A token that GPT-2 does not have.
use nnsight::models::gpt2::small::Gpt2;
use nnsight::prelude::*;

fn experiment(lm: &LanguageModel<Gpt2>) {
    let _ = trace!(lm, "The Eiffel Tower is in the city of", |m: Gpt2| {
        let last = m.lm_head.output[0, -1];
        (last.save(), m.lm_head.output[0, -1, 50257].save())
    });
}

fn main() {}
