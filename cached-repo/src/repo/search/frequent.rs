//! The most frequent texts, in bounded memory (Misra and Gries): a text that makes up more than one in `room` of all is never
//! missing, and no count is too high.

use super::normal::Normalized;
use std::collections::HashMap;

#[derive(Debug)]
pub(super) struct Frequent {
    counts: HashMap<Normalized, u64>,
    room: usize,
}

impl Frequent {
    pub(super) fn new(room: usize) -> Self {
        Self {
            counts: HashMap::new(),
            room: room.max(1),
        }
    }

    pub(super) fn see(&mut self, text: &Normalized) {
        if let Some(count) = self.counts.get_mut(text) {
            *count += 1;
        } else if self.counts.len() < self.room {
            self.counts.insert(text.clone(), 1);
        } else {
            // It takes one of each away, and each was counted before: so it costs no more than counting did.
            self.counts.retain(|_, count| {
                *count -= 1;
                *count > 0
            });
        }
    }

    /// The most frequent ones, the first most of all.
    pub(super) fn top(&self, most: usize) -> Vec<Normalized> {
        let mut texts: Vec<_> = self.counts.iter().collect();
        texts.sort_unstable_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
        let texts = texts.into_iter().take(most);
        texts.map(|(text, _)| text.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::normal::Rules;
    use super::*;

    fn text(word: &str) -> Normalized {
        Rules::default().normalize(word).expect("a text")
    }

    #[test]
    fn what_is_asked_for_often_is_found_among_many_that_are_not() {
        let mut frequent = Frequent::new(16);
        for number in 0..3000 {
            frequent.see(&text(&format!("rare {number}")));
            if number % 2 == 0 {
                frequent.see(&text("often"));
            }
            if number % 4 == 0 {
                frequent.see(&text("sometimes"));
            }
            assert!(frequent.counts.len() <= 16);
        }
        assert_eq!(frequent.top(2), [text("often"), text("sometimes")]);
        assert!(frequent.top(100).len() <= 16);
    }
}
