//! What must not compile: `tests/ui/<idea>/*.rs` with the messages a person has read, in `.stderr`.
//!
//! The suite holds no case that compiles, so trybuild runs `cargo check`: everything here shows in an editor.

#[test]
fn mistakes_are_caught_by_the_compiler() {
    trybuild::TestCases::new().compile_fail("tests/ui/*/*.rs");
}
