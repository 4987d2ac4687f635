//! One case for each message of the macros. `TRYBUILD=overwrite` writes the expected outputs anew: read them aloud.

#[test]
fn messages() {
    trybuild::TestCases::new().compile_fail("tests/ui/*/*.rs");
}
