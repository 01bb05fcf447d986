//! What a person reads when something goes wrong.

use crate::support::*;
use std::panic::AssertUnwindSafe;

fn refused() -> nnsight::Error {
    let wide = Tensor::<2>::zeros([4, 9], &Device::flex());
    let kept = trace!(tiny_net(), wide, |m: TinyNet| m.output.save());
    kept.expect_err("the net takes two features")
}

/// `fn main() -> nnsight::Result<()>` prints `{:?}` of the error it ends with, and so does `unwrap`.
#[test]
fn an_error_reads_as_its_sentence_wherever_it_is_shown() {
    let error = refused();
    let sentence = "the model's input is declared (Batch, Features = 2), found a tensor of sizes [4, 9]";
    assert_eq!(error.to_string(), sentence);
    assert_eq!(format!("{error:?}"), sentence);
    let boxed: Box<dyn std::error::Error> = Box::new(error.clone());
    assert_eq!(format!("{boxed:?}"), sentence);
    let unwrapped = std::panic::catch_unwind(AssertUnwindSafe(|| failed(error).expect("a trace")));
    let unwrapped = unwrapped.expect_err("it panics");
    let said = unwrapped.downcast_ref::<String>().expect("a text");
    assert_eq!(said, &format!("a trace: {sentence}"));
}

#[test]
fn the_fields_of_an_error_can_be_shown_as_well() {
    let fields = format!("{:#?}", refused());
    assert!(fields.starts_with("Input {\n    port: \"\","), "{fields}");
    assert!(fields.contains("conflict: false"), "{fields}");
}

/// What an error is made of reads as a sentence too.
#[test]
fn a_nested_error_reads_as_its_sentence() {
    let kept = trace!(tiny_net(), input(), |m: TinyNet| {
        let two = m.layer1.output.at((0..1, ..)).rename::<(Batch, Hidden)>();
        (two + m.layer1.output).save()
    });
    let nnsight::Error::Op { source, .. } = kept.expect_err("one row and two") else {
        panic!("the addition is refused");
    };
    assert_eq!(format!("{source:?}"), source.to_string());
    assert!(format!("{source:#?}").starts_with("WrongSizes {"), "{source:#?}");
}

/// What a trace that failed gives.
fn failed(error: Error) -> nnsight::Result<()> {
    Err(error)
}
