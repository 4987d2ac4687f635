//! How much of a sequence of reads a bounded cache answers, by what it chooses to forget.
//!
//! The first subject is the choice that nobody can beat, because it knows the future: it forgets what is asked for last of all
//! (L. A. Belady, "A study of replacement algorithms for a virtual-storage computer", IBM Systems Journal 5(2), 1966).

use crate::Failure;
use crate::harness::Outcome;
use crate::user::Entity as User;
use crate::world::World;
use fastrand::Rng;
use moka::policy::EvictionPolicy;
use std::collections::{BTreeSet, HashMap};

/// Entries in each cache.
const CAPACITY: usize = 2_000;
/// Rows that are read.
const ROWS: usize = 20_000;
/// Reads in a sequence; those of the first half only warm up.
const READS: usize = 200_000;
const SEED: u64 = 1966;

/// What the names of these measures begin with.
pub(crate) const NAME: &str = "hit_ratio";

type Sequence = Vec<i64>;

/// All sequences.
pub(crate) async fn all(world: &World) -> Result<Vec<Outcome>, Failure> {
    let mut random = Rng::with_seed(SEED);
    let sequences = [
        ("hit_ratio: Zipf", zipf(&mut random)),
        ("hit_ratio: Zipf and scans", with_scans(zipf(&mut random))),
        ("hit_ratio: Zipf that moves", moving(zipf(&mut random))),
        ("hit_ratio: loop", loops()),
    ];
    let mut outcomes = Vec::new();
    for (measure, sequence) in sequences {
        let lru = EvictionPolicy::lru();
        let tiny_lfu = EvictionPolicy::tiny_lfu();
        outcomes.push(Outcome {
            measure,
            unit: "% hits",
            subjects: vec![
                ("knows the future", foresight(&sequence)),
                ("cached-repo", cached_repo(world, &sequence).await?),
                ("moka, TinyLFU", moka(tiny_lfu, &sequence).await),
                ("moka, LRU", moka(lru, &sequence).await),
            ],
        });
    }
    Ok(outcomes)
}

/// Few rows are asked for often, most of them seldom: the row of rank n with a probability in proportion to 1/n.
fn zipf(random: &mut Rng) -> Sequence {
    let mut sums = Vec::with_capacity(ROWS);
    let mut sum = 0.0;
    for rank in 1..=ROWS {
        sum += 1.0 / rank as f64;
        sums.push(sum);
    }
    let mut draw = || {
        let at = random.f64() * sum;
        sums.partition_point(|sum| *sum < at).min(ROWS - 1)
    };
    // Ranks are spread over the ids: 7919 and 20,000 have no common divisor.
    let spread = |rank: usize| (rank * 7919 % ROWS + 1) as i64;
    (0..READS).map(|_| spread(draw())).collect()
}

/// Every so often somebody reads many rows once: a report, an export.
fn with_scans(sequence: Sequence) -> Sequence {
    let parts = sequence.chunks(10_000).enumerate();
    let scan = |part: usize| {
        (0..CAPACITY * 2).map(move |at| ((part * CAPACITY * 2 + at) % ROWS + 1) as i64)
    };
    parts
        .flat_map(|(part, reads)| reads.iter().copied().chain(scan(part)))
        .collect()
}

/// What is asked for often changes four times.
fn moving(sequence: Sequence) -> Sequence {
    let step = READS / 4;
    let moved = |(at, id): (usize, i64)| (id as usize + at / step * 4_999) % ROWS + 1;
    let reads = sequence.into_iter().enumerate();
    reads.map(|read| moved(read) as i64).collect()
}

/// Half as many rows again as there is room for, one after the other: the worst for whoever forgets the oldest.
fn loops() -> Sequence {
    (0..READS)
        .map(|at| (at % (CAPACITY * 3 / 2) + 1) as i64)
        .collect()
}

/// Counts the hits of the second half, in percent.
#[derive(Default)]
struct Tally {
    reads: usize,
    counted: usize,
    hits: usize,
}

impl Tally {
    fn note(&mut self, of: usize, is_hit: bool) {
        self.reads += 1;
        if self.reads > of / 2 {
            self.counted += 1;
            self.hits += usize::from(is_hit);
        }
    }

    fn percent(&self) -> f64 {
        self.hits as f64 / self.counted as f64 * 100.0
    }
}

fn foresight(sequence: &Sequence) -> f64 {
    let mut next = vec![usize::MAX; sequence.len()];
    let mut seen = HashMap::new();
    for (at, id) in sequence.iter().enumerate().rev() {
        next[at] = seen.insert(*id, at).unwrap_or(usize::MAX);
    }
    let mut tally = Tally::default();
    let mut held: BTreeSet<(usize, i64)> = BTreeSet::new();
    for (at, id) in sequence.iter().enumerate() {
        let is_hit = held.remove(&(at, *id));
        tally.note(sequence.len(), is_hit);
        held.insert((next[at], *id));
        if held.len() > CAPACITY {
            held.pop_last();
        }
    }
    tally.percent()
}

async fn cached_repo(world: &World, sequence: &Sequence) -> Result<f64, Failure> {
    let repo = world.small_repo(CAPACITY).await?;
    let hits = || -> u64 {
        let stats = repo.stats();
        stats.entities.iter().map(|entity| entity.hits).sum()
    };
    let mut tally = Tally::default();
    for id in sequence {
        let before = hits();
        User::find_cached(*id).one(&repo).await?;
        tally.note(sequence.len(), hits() > before);
    }
    Ok(tally.percent())
}

async fn moka(policy: EvictionPolicy, sequence: &Sequence) -> f64 {
    let cache = moka::future::Cache::builder()
        .max_capacity(CAPACITY as u64)
        .eviction_policy(policy)
        .build();
    let mut tally = Tally::default();
    for id in sequence {
        let is_hit = cache.get(id).await.is_some();
        tally.note(sequence.len(), is_hit);
        if !is_hit {
            cache.insert(*id, ()).await;
        }
        // It puts its work off; here it is to be judged by its choice, and not by its delay.
        cache.run_pending_tasks().await;
    }
    tally.percent()
}
