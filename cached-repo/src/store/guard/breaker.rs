//! The circuit breaker as a state machine: it holds no lock, reads no clock and starts no task. `Switch` puts it behind a lock, and
//! the guard carries out its effects.
//!
//! # Rules
//! - Time is cut into intervals. An interval is bad if at least half of the calls that ended in it have timed out. So many bad
//!   intervals in a row open the breaker. Calls that time out together count once: a pause of this process, or of the server, makes all of
//!   them late.
//! - A lost connection opens it at once: further calls would fail as well.
//! - An invalidation that was not delivered opens it at once, whatever was counted: the store holds what it must not serve, until a
//!   new epoch covers it (rule 11).
//! - While it is open, one probe at a time asks the store. The breaker closes after [`ANSWERS`] answers in a row, and only if every
//!   undelivered invalidation is covered by an epoch that began after it.
//! - A probe that is lost with its runtime is noticed: the next call starts another one.

use std::time::Duration;

/// Answers in a row, of the probe, that close the breaker.
pub(super) const ANSWERS: u32 = 3;

/// When the breaker opens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    /// Bad intervals in a row that open it.
    pub(super) threshold: u32,
    /// Length of an interval.
    pub(super) interval: Duration,
}

/// What the breaker is told. Times are those since the guard was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A call was answered, be it with an error.
    Answered(Duration),
    /// A call was not answered in time.
    TimedOut(Duration),
    /// The connection was refused or lost.
    Lost,
    /// An invalidation was not delivered.
    Undelivered,
    /// The store has answered the probe.
    Probed(Probe),
    /// The store has not answered the probe.
    ProbeFailed,
    /// The probe was dropped before its end.
    ProbeLost,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Nothing,
    /// The breaker has opened: start a probe.
    Opened,
    /// Probe again at once.
    ProbeAgain,
    /// The breaker has closed.
    Closed,
}

/// Whether a call may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Send,
    Refuse,
    /// No probe runs any more: refuse, and start one.
    RefuseAndProbe,
}

/// What a probe asks of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    /// Any answer.
    Ask,
    /// To make everything older unusable, for the undelivered invalidations up to this one.
    InvalidateNamespace(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Open { is_probed: bool },
    HalfOpen { answers: u32 },
}

/// The calls that have ended lately.
#[derive(Clone, Copy, Debug, Default)]
struct Interval {
    began: Duration,
    answered: u32,
    failed: u32,
}

impl Interval {
    fn is_empty(&self) -> bool {
        self.answered + self.failed == 0
    }

    fn is_bad(&self) -> bool {
        self.failed > 0 && self.failed >= self.answered
    }
}

/// The breaker, with the invalidations that were not delivered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Breaker {
    policy: Policy,
    state: State,
    interval: Interval,
    /// Bad intervals in a row, without the present one.
    bad: u32,
    /// Invalidations that were not delivered.
    undelivered: u64,
    /// How many of them were made good.
    covered: u64,
    opened: u64,
    namespace_resets: u64,
}

impl Breaker {
    pub(super) fn new(policy: Policy) -> Self {
        Self {
            policy,
            state: State::Closed,
            interval: Interval::default(),
            bad: 0,
            undelivered: 0,
            covered: 0,
            opened: 0,
            namespace_resets: 0,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.state != State::Closed
    }

    /// Whether an invalidation was not delivered and is not made good yet.
    pub(super) fn has_undelivered(&self) -> bool {
        self.undelivered > self.covered
    }

    /// How often the breaker has opened.
    pub(super) fn opened(&self) -> u64 {
        self.opened
    }

    /// How often a new epoch has covered undelivered invalidations.
    pub(super) fn namespace_resets(&self) -> u64 {
        self.namespace_resets
    }

    /// Whether a call may be sent now.
    pub(super) fn admit(mut self) -> (Self, Admission) {
        let admission = match self.state {
            State::Closed => Admission::Send,
            State::Open { is_probed: true } | State::HalfOpen { .. } => Admission::Refuse,
            State::Open { is_probed: false } => {
                self.state = State::Open { is_probed: true };
                Admission::RefuseAndProbe
            }
        };
        (self, admission)
    }

    /// What the probe is to ask now.
    pub(super) fn probe(&self) -> Probe {
        match self.has_undelivered() {
            true => Probe::InvalidateNamespace(self.undelivered),
            false => Probe::Ask,
        }
    }

    pub(super) fn on(mut self, event: Event) -> (Self, Effect) {
        let effect = match event {
            Event::Undelivered => {
                self.undelivered += 1;
                self.open()
            }
            Event::Lost => self.open(),
            // Late outcomes of calls that were sent before it opened say nothing about the store as it is now.
            Event::Answered(_) | Event::TimedOut(_) if self.is_open() => Effect::Nothing,
            Event::Answered(at) => {
                self.roll(at);
                self.interval.answered += 1;
                Effect::Nothing
            }
            Event::TimedOut(at) => self.time_out(at),
            Event::Probed(probe) => self.probed(probe),
            Event::ProbeFailed => {
                self.state = State::Open { is_probed: true };
                Effect::Nothing
            }
            Event::ProbeLost => {
                self.state = State::Open { is_probed: false };
                Effect::Nothing
            }
        };
        (self, effect)
    }

    fn open(&mut self) -> Effect {
        if self.is_open() {
            return Effect::Nothing;
        }
        self.state = State::Open { is_probed: true };
        self.opened += 1;
        Effect::Opened
    }

    fn time_out(&mut self, at: Duration) -> Effect {
        self.roll(at);
        self.interval.failed += 1;
        match self.interval.is_bad() && self.bad + 1 >= self.policy.threshold {
            true => self.open(),
            false => Effect::Nothing,
        }
    }

    /// Ends the present interval if its time is over.
    fn roll(&mut self, at: Duration) {
        let is_over = at.saturating_sub(self.interval.began) >= self.policy.interval;
        if !self.interval.is_empty() && !is_over {
            return;
        }
        if self.interval.is_bad() {
            self.bad += 1;
        } else {
            self.bad = 0;
        }
        self.interval = Interval {
            began: at,
            ..Interval::default()
        };
    }

    fn probed(&mut self, probe: Probe) -> Effect {
        if let Probe::InvalidateNamespace(up_to) = probe {
            self.covered = self.covered.max(up_to);
            self.namespace_resets += 1;
        }
        let answers = match self.state {
            State::HalfOpen { answers } => answers + 1,
            State::Open { .. } | State::Closed => 1,
        };
        if answers < ANSWERS || self.has_undelivered() {
            self.state = State::HalfOpen { answers };
            return Effect::ProbeAgain;
        }
        self.state = State::Closed;
        self.interval = Interval::default();
        self.bad = 0;
        Effect::Closed
    }
}
