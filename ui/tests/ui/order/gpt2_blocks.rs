// A late block written into an early one.
use nnsight::models::gpt2::small::Gpt2;
use nnsight::prelude::*;

fn experiment(lm: &LanguageModel<Gpt2>) {
    let _ = trace!(lm, "The Eiffel Tower is in the city of", |m: Gpt2| {
        m.transformer.h[3].output = m.transformer.h[-1].attn.output;
        m.lm_head.output.save()
    });
}

fn main() {}
