//! What threads can do to an entry, in every order (loom): a fill, and a write that commits and invalidates what the entry depends on.

use crate::key::{Key, Space};
use crate::stamp::Token;
use loom::sync::Arc;
use loom::thread;

#[expect(dead_code, reason = "the store uses more of it than races do")]
#[expect(clippy::duplicate_mod, reason = "here it is behind loom's locks")]
#[path = "../cells.rs"]
mod cells;
#[expect(dead_code, reason = "the store uses more of it than races do")]
#[expect(clippy::duplicate_mod, reason = "here its locks are loom's")]
#[path = "../fence.rs"]
mod fence;
#[expect(dead_code, reason = "the store uses more of it than races do")]
#[expect(clippy::duplicate_mod, reason = "here it is behind loom's locks")]
#[path = "../fencing.rs"]
mod fencing;

/// What threads share, explored by loom.
mod sync {
    pub(super) use loom::sync::atomic::{AtomicU64, AtomicUsize};
    pub(super) use loom::sync::{Mutex, MutexGuard};
}

use fencing::{Fencing, Stamps};
use loom::sync::atomic::Ordering;
use sync::{AtomicU64, Mutex};

const ENTITY: u16 = 0;

/// A row's key.
fn row() -> Key {
    Key::integer(Space::Row, ENTITY, 0, 7)
}

/// A tag of the row.
fn tag() -> Key {
    Key::integer(Space::Edge, ENTITY, 0, 3)
}

/// Fencing, or the same with a step out of order.
trait Subject: Send + Sync + 'static {
    fn fencing(&self) -> &Fencing;

    fn stamps(&self, began: u64) -> Option<Stamps> {
        let (table, tag) = (Key::table(ENTITY), tag());
        self.fencing().stamps(ENTITY, &[&table, &tag], began, 0)
    }

    fn release(&self, name: &Key, writer: Token, remove: &dyn Fn(&Key)) {
        let names = std::slice::from_ref(name);
        self.fencing().release(names, writer, 0, remove);
    }
}

/// Fencing as it is.
struct AsItIs(Fencing);

impl Subject for AsItIs {
    fn fencing(&self) -> &Fencing {
        &self.0
    }
}

/// Fencing that gives a tag its new stamp before it notes the invalidation.
struct CellFirst(Fencing);

impl Subject for CellFirst {
    fn fencing(&self) -> &Fencing {
        &self.0
    }

    fn release(&self, name: &Key, _: Token, _: &dyn Fn(&Key)) {
        let number = self.0.fence().next();
        self.0.cells().change(name, number);
        self.0.fence().pass(name, number, || {});
    }
}

/// Fencing that removes an entry without noting that.
struct Unfenced(Fencing);

impl Subject for Unfenced {
    fn fencing(&self) -> &Fencing {
        &self.0
    }

    fn release(&self, name: &Key, _: Token, remove: &dyn Fn(&Key)) {
        remove(name);
    }
}

/// A row in the database, and its entry.
struct Scene<S> {
    subject: S,
    committed: AtomicU64,
    entry: Mutex<Option<(u64, Stamps)>>,
}

impl<S: Subject> Scene<S> {
    fn new(subject: S) -> Self {
        Self {
            subject,
            committed: AtomicU64::new(0),
            entry: Mutex::new(None),
        }
    }

    fn entry(&self) -> sync::MutexGuard<'_, Option<(u64, Stamps)>> {
        self.entry.lock().expect("nobody panics")
    }

    /// A reader that misses: permit, load, fill.
    fn miss(&self) {
        let (key, tag) = (row(), tag());
        let Some(began) = self.subject.fencing().begin([&key, &tag].into_iter(), 0) else {
            return;
        };
        let loaded = self.committed.load(Ordering::SeqCst);
        if let Some(stamps) = self.subject.stamps(began) {
            let insert = || *self.entry() = Some((loaded, stamps));
            self.subject.fencing().fill(&key, began, 0, insert);
        }
    }

    /// A write of the next version that invalidates this name.
    fn write(&self, name: &Key, locks: bool) {
        let writer = Token::unique();
        let remove = |_: &Key| *self.entry() = None;
        if locks {
            let names = std::slice::from_ref(name);
            self.subject.fencing().lock(names, writer, u64::MAX, remove);
        }
        let version = self.committed.fetch_add(1, Ordering::SeqCst) + 1;
        self.subject.release(name, writer, &remove);
        // A read that begins now.
        assert!(
            self.served().is_none_or(|served| served >= version),
            "a stale read"
        );
    }

    /// What a hit serves.
    fn served(&self) -> Option<u64> {
        let entry = self.entry().clone()?;
        let is_current = self.subject.fencing().is_current(ENTITY, &entry.1);
        is_current.then_some(entry.0)
    }
}

/// One reader that misses, and writers that invalidate these names.
fn explore<S: Subject>(subject: fn(Fencing) -> S, names: &[fn() -> Key], locks: bool) {
    let mut orders = loom::model::Builder::new();
    orders.preemption_bound = Some(3);
    let names = names.to_vec();
    orders.check(move || {
        let scene = Arc::new(Scene::new(subject(Fencing::new(1, 1))));
        let writers: Vec<_> = names
            .iter()
            .map(|name| {
                let (scene, name) = (Arc::clone(&scene), *name);
                thread::spawn(move || scene.write(&name(), locks))
            })
            .collect();
        scene.miss();
        writers
            .into_iter()
            .for_each(|writer| writer.join().expect("no stale read"));
        let committed = scene.committed.load(Ordering::SeqCst);
        assert!(
            scene.served().is_none_or(|served| served == committed),
            "a stale read"
        );
    });
}

fn table() -> Key {
    Key::table(ENTITY)
}

#[test]
fn no_order_of_a_fill_and_a_write_leaves_a_stale_entry() {
    for name in [row, tag, table] {
        explore(AsItIs, &[name], false);
        explore(AsItIs, &[name], true);
    }
}

#[test]
fn no_order_of_a_fill_and_two_writes_leaves_a_stale_entry() {
    explore(AsItIs, &[row, tag], true);
}

#[test]
#[should_panic]
fn a_stamp_that_changes_before_the_fence_leaves_a_stale_entry() {
    explore(CellFirst, &[tag], false);
}

#[test]
#[should_panic]
fn an_entry_that_is_removed_past_the_fence_comes_back() {
    explore(Unfenced, &[row], false);
}
