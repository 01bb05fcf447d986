// Layer 12 of GPT-2 small, which has 12.
use nnsight::models::gpt2::small::Gpt2;
use nnsight::prelude::*;

fn experiment(lm: &LanguageModel<Gpt2>) {
    let _ = trace!(lm, "The Eiffel Tower is in the city of", |m: Gpt2| {
        m.transformer.h[12].mlp.output = 0.0;
        m.lm_head.output.save()
    });
}

fn main() {}
