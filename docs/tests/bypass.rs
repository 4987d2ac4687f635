//! What the guide says about clippy.

const PAGE: &str = include_str!("../guide/bypass.md");
const FILE: &str = include_str!("../clippy/clippy.toml");

#[test]
fn the_guide_shows_the_configuration_that_clippy_was_run_with() {
    let shown = PAGE.contains(&format!("```toml\n{FILE}```"));
    assert!(
        shown,
        "copy `docs/clippy/clippy.toml` into `docs/guide/bypass.md`"
    );
}
