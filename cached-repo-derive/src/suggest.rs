//! "Did you mean": the wording that follows an unknown name.

use strsim::damerau_levenshtein;

/// The candidate that `name` is most likely a misspelling of.
pub(crate) fn similar<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let name = plain(name);
    candidates
        .iter()
        .map(|candidate| (damerau_levenshtein(&name, &plain(candidate)), *candidate))
        .filter(|(distance, candidate)| *distance <= tolerance(&name, candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// ``; did you mean `email`?``, or else the whole choice.
pub(crate) fn hint(name: &str, candidates: &[&str]) -> String {
    match similar(name, candidates) {
        Some(candidate) => format!("; did you mean `{candidate}`?"),
        None if candidates.is_empty() => String::new(),
        None => format!("; expected {}", choice(candidates)),
    }
}

/// `` `a`, `b` or `c` ``
pub(crate) fn choice(candidates: &[&str]) -> String {
    let quoted: Vec<String> = candidates.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} or {last}", first.join(", ")),
        None => String::new(),
    }
}

/// `customerId` and `customer_id` are the same mistake away from nothing.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| *letter != '_')
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

/// One letter of three may be wrong, but a word of two letters is another word then.
fn tolerance(name: &str, candidate: &str) -> usize {
    let letters = name.len().max(candidate.len());
    if name == plain(candidate) {
        0
    } else {
        (letters / 3).min(3)
    }
}

#[cfg(test)]
mod tests {
    use super::{hint, similar};

    #[test]
    fn finds_the_nearest() {
        let names = ["prefix", "ttl", "negative_ttl", "tags"];
        assert_eq!(similar("prefx", &names), Some("prefix"));
        assert_eq!(similar("tll", &names), Some("ttl"));
        assert_eq!(similar("negativeTtl", &names), Some("negative_ttl"));
        assert_eq!(similar("colour", &names), None);
    }

    #[test]
    fn does_not_guess_at_short_words() {
        assert_eq!(similar("on", &["id"]), None);
    }

    #[test]
    fn lists_the_choice_if_nothing_is_near() {
        assert_eq!(hint("zzz", &["a", "b", "c"]), "; expected `a`, `b` or `c`");
        assert_eq!(hint("zzz", &[]), "");
    }
}
