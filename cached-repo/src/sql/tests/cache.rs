//! The map of kept analyses.

use super::{
    super::{Analyses, Analysis},
    M, P, S, show,
};

#[test]
fn a_text_is_analyzed_once() {
    let analyses = Analyses::new();
    let sql = "UPDATE t SET a = ? WHERE id = ?";
    let first = analyses.get(S, sql);
    let second = analyses.get(S, sql);
    assert!(std::ptr::eq::<Analysis>(&*first, &*second));
    assert_eq!(analyses.len(), 1);
}

#[test]
fn backends_are_kept_apart() {
    let analyses = Analyses::new();
    let sql = "DELETE FROM Users WHERE id = ?";
    assert_eq!(show(&analyses.get(S, sql)), "-Users [id](#0)");
    assert_eq!(show(&analyses.get(M, sql)), "-Users [id](#0)");
    assert_eq!(show(&analyses.get(P, sql)), "*users");
    assert_eq!(analyses.len(), 3);
}

#[test]
fn common_reads_and_long_texts_are_not_kept() {
    let analyses = Analyses::new();
    assert_eq!(*analyses.get(P, "SELECT 1"), Analysis::Read);
    let long = format!("DELETE FROM t WHERE a = '{}'", "x".repeat(20_000));
    assert!(show(&analyses.get(P, &long)).starts_with("-t [a]"));
    assert_eq!(analyses.len(), 0);
}

#[test]
fn the_map_is_bounded() {
    let analyses = Analyses::with_capacity(100);
    for id in 0..1_000 {
        let sql = format!("DELETE FROM t WHERE id = {id}");
        assert_eq!(show(&analyses.get(P, &sql)), format!("-t [id]({id})"));
    }
    assert!(analyses.len() <= 200, "{}", analyses.len());
}
