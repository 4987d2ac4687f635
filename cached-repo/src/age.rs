//! How entries age. Time alone is judged here: whether anything was invalidated is another question, and is asked first.
//!
//! ```text
//! loaded            refresh ahead     end of life        stale while revalidate    stale if error
//!   |--- served ----------|--- served, ----|--- served, -----------|--- served if the -----|--- not served
//!                             loaded anew      loaded anew             load fails
//! ```
//!
//! The two stale spans are those of RFC 5861, and both begin at the end of life.

use std::time::Duration;

/// What is allowed beyond an entry's life, and done before its end. All zero: nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Aging {
    /// How long after its life an entry is served while it is loaded anew.
    pub(crate) stale_while_revalidate: Duration,
    /// How long after its life an entry is served if the load fails.
    pub(crate) stale_if_error: Duration,
    /// Share of its life after which it is loaded anew.
    pub(crate) refresh_ahead: f64,
    /// How eagerly a reader loads anew at random, the nearer the end and the dearer the load: beta of XFetch. A. Vattani,
    /// F. Chierichetti, K. Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", PVLDB 8 (8), 2015.
    pub(crate) early_refresh: f64,
}

/// What one call asks for instead of what the entity says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct AgingChoice {
    pub(crate) stale_while_revalidate: Option<Duration>,
    pub(crate) stale_if_error: Option<Duration>,
    pub(crate) refresh_ahead: Option<f64>,
    pub(crate) early_refresh: Option<f64>,
}

impl AgingChoice {
    /// Nothing.
    pub(crate) const NONE: Self = Self {
        stale_while_revalidate: None,
        stale_if_error: None,
        refresh_ahead: None,
        early_refresh: None,
    };
}

/// An entry's times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Age {
    /// Since it was stored.
    pub(crate) passed: Duration,
    /// How long it is fresh, in all.
    pub(crate) life: Duration,
    /// What its load took.
    pub(crate) cost: Duration,
}

/// The time that an entry is given when it is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Life {
    /// How long it is fresh from now on.
    pub(crate) ttl: Duration,
    pub(crate) aging: Aging,
    /// What its load took.
    pub(crate) cost: Duration,
    /// How old it is already: a copy is.
    pub(crate) passed: Duration,
}

/// What is done with an entry that is current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AgeDecision {
    Serve,
    /// It is fresh; served, and loaded anew behind the reader.
    RefreshAhead,
    /// Its life is over; served, and loaded anew behind the reader.
    Revalidate,
    /// Loaded anew; served only if that fails.
    LoadOrServe,
    /// As if it were not there.
    Load,
}

/// The largest `-ln(draw)` that is reckoned with: a draw goes beyond it once in nine million times.
const MAX_EAGERNESS: f64 = 16.0;

impl Aging {
    /// Whether there is nothing to judge: an entry is served until its end.
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// How long an entry is kept after its life.
    pub(crate) fn grace(&self) -> Duration {
        self.stale_while_revalidate.max(self.stale_if_error)
    }

    /// How long after it was stored an entry is served without a second thought.
    pub(crate) fn quiet(&self, life: Duration, cost: Duration) -> Duration {
        let mut quiet = life;
        if self.refresh_ahead > 0.0 {
            quiet = quiet.min(life.mul_f64(self.refresh_ahead));
        }
        if self.early_refresh > 0.0 {
            quiet = quiet.min(life.saturating_sub(self.lead(cost, MAX_EAGERNESS)));
        }
        quiet
    }

    /// What to do with an entry of this age. `draw` is a number at random, between 0 and 1.
    pub(crate) fn judge(&self, age: Age, draw: f64) -> AgeDecision {
        let Some(over) = age.passed.checked_sub(age.life) else {
            return match self.is_early(age, draw) {
                true => AgeDecision::RefreshAhead,
                false => AgeDecision::Serve,
            };
        };
        if over < self.stale_while_revalidate {
            AgeDecision::Revalidate
        } else if over < self.stale_if_error {
            AgeDecision::LoadOrServe
        } else {
            AgeDecision::Load
        }
    }

    fn is_early(&self, age: Age, draw: f64) -> bool {
        let is_due = self.refresh_ahead > 0.0 && age.passed >= age.life.mul_f64(self.refresh_ahead);
        let is_eager = self.early_refresh > 0.0 && {
            let eagerness = (-draw.max(f64::MIN_POSITIVE).ln()).min(MAX_EAGERNESS);
            age.passed + self.lead(age.cost, eagerness) >= age.life
        };
        is_due || is_eager
    }

    /// XFetch: how long before its end an entry is taken for one that has ended.
    fn lead(&self, cost: Duration, eagerness: f64) -> Duration {
        Duration::try_from_secs_f64(cost.as_secs_f64() * self.early_refresh * eagerness)
            .unwrap_or(Duration::MAX)
    }
}

impl AgingChoice {
    /// What the call asks for, and for the rest what the entity says.
    pub(crate) fn or(&self, entity: &Aging) -> Aging {
        Aging {
            stale_while_revalidate: (self.stale_while_revalidate)
                .unwrap_or(entity.stale_while_revalidate),
            stale_if_error: self.stale_if_error.unwrap_or(entity.stale_if_error),
            refresh_ahead: self.refresh_ahead.unwrap_or(entity.refresh_ahead),
            early_refresh: self.early_refresh.unwrap_or(entity.early_refresh),
        }
    }
}

impl Life {
    /// A life without more.
    pub(crate) fn plain(ttl: Duration) -> Self {
        Self {
            ttl,
            ..Self::default()
        }
    }

    /// How long the entry is kept from now on.
    pub(crate) fn kept(&self) -> Duration {
        self.ttl.saturating_add(self.aging.grace())
    }

    /// How long it is served without a second thought from now on.
    pub(crate) fn quiet(&self) -> Duration {
        self.aging.quiet(self.ttl, self.cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn age(passed: u32) -> Age {
        Age {
            passed: SECOND * passed,
            life: SECOND * 100,
            cost: SECOND,
        }
    }

    #[test]
    fn an_entry_goes_through_its_spans_in_order() {
        let aging = Aging {
            stale_while_revalidate: SECOND * 10,
            stale_if_error: SECOND * 50,
            refresh_ahead: 0.8,
            early_refresh: 0.0,
        };
        let at = |passed| aging.judge(age(passed), 0.5);
        assert_eq!(at(79), AgeDecision::Serve);
        assert_eq!(at(80), AgeDecision::RefreshAhead);
        assert_eq!(at(99), AgeDecision::RefreshAhead);
        assert_eq!(at(100), AgeDecision::Revalidate);
        assert_eq!(at(109), AgeDecision::Revalidate);
        assert_eq!(at(110), AgeDecision::LoadOrServe);
        assert_eq!(at(149), AgeDecision::LoadOrServe);
        assert_eq!(at(150), AgeDecision::Load);
        assert_eq!(aging.grace(), SECOND * 50);
        assert_eq!(aging.quiet(SECOND * 100, SECOND), SECOND * 80);
    }

    #[test]
    fn without_anything_an_entry_is_served_to_its_end_and_no_longer() {
        let aging = Aging::default();
        assert!(aging.is_none());
        assert_eq!(aging.judge(age(99), 0.0), AgeDecision::Serve);
        assert_eq!(aging.judge(age(100), 0.0), AgeDecision::Load);
        assert_eq!(aging.quiet(SECOND * 100, SECOND), SECOND * 100);
    }

    #[test]
    fn the_share_of_readers_that_load_early_is_that_of_the_paper() {
        let aging = Aging {
            early_refresh: 2.0,
            ..Aging::default()
        };
        // `passed - cost * beta * ln(draw) >= life`, for draws spread evenly: a share of exp(-rest / (cost * beta)).
        for rest in [1_u32, 2, 5, 10] {
            let draws = (0..100_000).map(|draw| (f64::from(draw) + 0.5) / 100_000.0);
            let early = draws
                .filter(|draw| aging.judge(age(100 - rest), *draw) == AgeDecision::RefreshAhead);
            let share = early.count() as f64 / 100_000.0;
            let expected = (-f64::from(rest) / 2.0).exp();
            assert!(
                (share - expected).abs() < 1e-4,
                "{rest}: {share}, {expected}"
            );
        }
        assert_eq!(aging.quiet(SECOND * 100, SECOND), SECOND * 68);
        assert_eq!(aging.judge(age(68), 1e-9), AgeDecision::RefreshAhead);
        assert_eq!(aging.judge(age(67), 1e-9), AgeDecision::Serve);
    }

    #[test]
    fn a_call_decides_before_the_entity() {
        let entity = Aging {
            stale_if_error: SECOND,
            refresh_ahead: 0.5,
            ..Aging::default()
        };
        let choice = AgingChoice {
            refresh_ahead: Some(0.0),
            stale_while_revalidate: Some(SECOND),
            ..AgingChoice::default()
        };
        let both = Aging {
            stale_while_revalidate: SECOND,
            stale_if_error: SECOND,
            ..Aging::default()
        };
        assert_eq!(choice.or(&entity), both);
    }
}
