//! When which fault comes: drawn from a seed, and nothing else.

use super::options::FaultKind;
use fastrand::Rng;
use std::time::Duration;

/// A fault to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What.
    pub kind: FaultKind,
    /// How long after the start.
    pub at: Duration,
    /// How long.
    pub length: Duration,
    /// Which process, for faults of one.
    pub process: u32,
    /// Whether a cut network resets connections, rather than holding everything back.
    pub resets: bool,
}

/// Time from one fault to the next, if there is enough of it.
const PERIOD: Duration = Duration::from_secs(5);
/// Nothing is done to anybody in this time at the beginning.
const WARM_UP: Duration = Duration::from_millis(1500);
/// Longest fault.
pub const LONGEST: Duration = Duration::from_secs(3);

/// A fault in each period, each kind once before any comes again; at most half of each period is fault, the rest is calm.
#[must_use]
pub fn schedule(kinds: &[FaultKind], total: Duration, processes: u32, seed: u64) -> Vec<Planned> {
    let count = match u32::try_from(kinds.len()) {
        Ok(kinds) if kinds > 0 => kinds,
        _ => return Vec::new(),
    };
    let mut random = Rng::with_seed(seed);
    let time = total.saturating_sub(WARM_UP);
    let periods = u32::try_from(time.as_millis() / PERIOD.as_millis()).unwrap_or(u32::MAX);
    let periods = periods.max(count);
    let period = time / periods;
    let mut bag: Vec<FaultKind> = Vec::new();
    let mut planned = Vec::new();
    for number in 0..periods {
        if bag.is_empty() {
            bag = kinds.to_vec();
            random.shuffle(&mut bag);
        }
        let Some(kind) = bag.pop() else { continue };
        let room = period / 2;
        let length = room.min(LONGEST).mul_f64(0.6 + 0.4 * random.f64());
        let slack = (room - length).mul_f64(random.f64());
        planned.push(Planned {
            kind,
            at: WARM_UP + period * number + slack,
            length,
            process: random.u32(..processes),
            resets: false,
        });
    }
    let cuts = planned
        .iter_mut()
        .filter(|fault| fault.kind == FaultKind::CutNetwork);
    // By turns.
    let first = random.bool();
    cuts.enumerate()
        .for_each(|(turn, fault)| fault.resets = first ^ (turn % 2 == 1));
    planned
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [FaultKind; 5] = [
        FaultKind::KillStore,
        FaultKind::FreezeStore,
        FaultKind::CutNetwork,
        FaultKind::KillWriter,
        FaultKind::PauseProcess,
    ];

    #[test]
    fn one_seed_gives_one_schedule() {
        let of = |seed| schedule(&ALL, Duration::from_secs(60), 4, seed);
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
    }

    #[test]
    fn faults_come_one_after_another_with_calm_between_and_each_comes() {
        for (seed, seconds) in (0..200).zip([8, 10, 30, 120].into_iter().cycle()) {
            let planned = schedule(&ALL, Duration::from_secs(seconds), 4, seed);
            for kind in ALL {
                assert!(
                    planned.iter().any(|fault| fault.kind == kind),
                    "seed {seed}: {planned:?}"
                );
            }
            for pair in planned.windows(2) {
                let calm = pair[1].at.checked_sub(pair[0].at + pair[0].length);
                assert!(calm >= Some(pair[0].length / 2), "seed {seed}: {planned:?}");
            }
            let last = planned.last().expect("there are faults");
            assert!(
                last.at + last.length < Duration::from_secs(seconds),
                "seed {seed}: {planned:?}"
            );
            assert!(
                planned
                    .iter()
                    .all(|fault| fault.length <= LONGEST && fault.process < 4)
            );
        }
        assert_eq!(schedule(&[], Duration::from_secs(8), 4, 1), []);
    }
}
