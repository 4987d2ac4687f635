//! A worker: a process with readers and writers, which notes what they do.

use super::clock::{now, sleep_until};
use super::courier::{Courier, Role};
use super::history::{Answer, Line, Read};
use super::model::{LOGINS, PETS, Question, SHELVES, TEAMS};
use super::options::Options;
use super::subject::{Place, Subject, Subjects};
use super::writer::{self, Writer};
use fastrand::Rng;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The word that makes the program a worker.
pub const COMMAND: &str = "worker";

/// How often counters are noted: a worker that is killed has no later chance.
const COUNT: Duration = Duration::from_millis(200);

/// The file that has the worker with these notes end in the middle of its next write.
pub(super) fn end(notes: &Path) -> PathBuf {
    notes.with_extension("end")
}

/// What a worker is told.
#[derive(Clone, Debug)]
pub struct Task {
    /// Which process this is.
    pub index: u32,
    /// How many before it were killed.
    pub generation: u32,
    /// Where it notes what happens.
    pub notes: PathBuf,
    /// When its writers stop.
    pub stop_writing: u64,
    /// When its readers stop.
    pub stop_reading: u64,
    /// Where its subject works.
    pub place: Place,
}

impl Task {
    /// As words of a command line; `options` are those that the run was started with.
    #[must_use]
    pub fn words(&self, options: &[String]) -> Vec<String> {
        let mut words = vec![
            COMMAND.to_owned(),
            self.index.to_string(),
            self.generation.to_string(),
            self.notes.display().to_string(),
            self.stop_writing.to_string(),
            self.stop_reading.to_string(),
            self.place.database.clone(),
            self.place.store.clone().unwrap_or_default(),
            self.place.namespace.clone(),
        ];
        words.extend_from_slice(options);
        words
    }

    /// From the words after [`COMMAND`].
    ///
    /// # Errors
    /// They are none that [`Task::words`] makes.
    pub fn parse(words: &[String]) -> Result<Self, String> {
        let [
            index,
            generation,
            notes,
            writing,
            reading,
            database,
            store,
            namespace,
            options @ ..,
        ] = words
        else {
            return Err(format!("`{COMMAND}` is for the program itself"));
        };
        let number = |word: &String| word.parse::<u64>().map_err(|error| error.to_string());
        let small = |word: &String| word.parse::<u32>().map_err(|error| error.to_string());
        Ok(Self {
            index: small(index)?,
            generation: small(generation)?,
            notes: PathBuf::from(notes),
            stop_writing: number(writing)?,
            stop_reading: number(reading)?,
            place: Place {
                database: database.clone(),
                store: Some(store.clone()).filter(|store| !store.is_empty()),
                namespace: namespace.clone(),
                end: end(Path::new(notes)),
                options: Options::parse(options)?,
            },
        })
    }

    /// Chance of one task: another one in each process, generation and role.
    pub(super) fn random(&self, role: u32) -> Rng {
        let own = u64::from(self.index) << 40 | u64::from(self.generation) << 20 | u64::from(role);
        Rng::with_seed(self.place.options.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ own)
    }
}

/// Where a worker notes what happens. What was noted survives it.
#[derive(Debug)]
pub(super) struct Notes(Mutex<io::BufWriter<File>>);

impl Notes {
    fn create(path: &Path) -> io::Result<Self> {
        Ok(Self(Mutex::new(io::BufWriter::new(File::create(path)?))))
    }

    /// Notes something that nothing else relies on: it may be lost with the process.
    fn add(&self, line: &Line) {
        self.write(line, false);
    }

    /// Notes something before anything else happens.
    pub(super) fn keep(&self, line: &Line) {
        self.write(line, true);
    }

    fn write(&self, line: &Line, flush: bool) {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file.write_all(line.encode().as_bytes());
        let written = written.and_then(|()| if flush { file.flush() } else { Ok(()) });
        written.expect("the folder of the run takes notes");
    }
}

/// Works until the end.
///
/// # Errors
/// What is missing, for people.
pub async fn work(subjects: Subjects, task: Task) -> Result<(), String> {
    let options = &task.place.options;
    let build = subjects
        .find(&options.subject)
        .ok_or("the subject is unknown")?;
    let notes =
        Notes::create(&task.notes).map_err(|error| format!("{}: {error}", task.notes.display()))?;
    let notes = Arc::new(notes);
    let subject: Arc<dyn Subject> = build(task.place.clone()).await?.into();
    let task = Arc::new(task);
    let mut tasks = Vec::new();
    for number in 0..task.place.options.writers {
        let writer = Writer::new(Arc::clone(&subject), Arc::clone(&notes), &task, number).await?;
        tasks.push(tokio::spawn(writer.run(task.stop_writing)));
    }
    for role in [Role::Carrier, Role::Labeler] {
        let courier = Courier::new(Arc::clone(&subject), Arc::clone(&notes), &task, role).await?;
        tasks.push(tokio::spawn(courier.run(task.stop_writing)));
    }
    for number in 0..task.place.options.readers {
        let random = task.random(100 + number);
        let reader = read(
            Arc::clone(&subject),
            Arc::clone(&notes),
            Arc::clone(&task),
            random,
        );
        tasks.push(tokio::spawn(reader));
    }
    let counter = tokio::spawn(count(Arc::clone(&subject), Arc::clone(&notes)));
    for task in tasks {
        task.await.map_err(|error| error.to_string())?;
    }
    counter.abort();
    for hits in subject.hits() {
        notes.add(&Line::Hits(hits));
    }
    notes.keep(&Line::Done);
    Ok(())
}

async fn count(subject: Arc<dyn Subject>, notes: Arc<Notes>) {
    loop {
        tokio::time::sleep(COUNT).await;
        for hits in subject.hits() {
            notes.add(&Line::Hits(hits));
        }
    }
}

async fn read(subject: Arc<dyn Subject>, notes: Arc<Notes>, task: Arc<Task>, mut random: Rng) {
    let rows = task.place.options.rows;
    while now() < task.stop_reading {
        if random.u8(..8) == 0 {
            leave(&*subject, draw(&mut random, rows), &mut random).await;
        }
        ask(&*subject, &notes, draw(&mut random, rows)).await;
        pace(&mut random, task.stop_reading).await;
    }
}

/// Reads, and notes what comes of it.
pub(super) async fn ask(subject: &dyn Subject, notes: &Notes, question: Question) {
    let begin = now();
    let answered = tokio::time::timeout(writer::GIVE_UP, subject.read(&question)).await;
    let (answer, hit) = match answered {
        Ok(Ok(answered)) => (Answer::Rows(answered.rows), answered.hit),
        Ok(Err(text)) => (Answer::Error(text), None),
        Err(_) => (Answer::Hung, None),
    };
    notes.add(&Line::Read(Read {
        begin,
        end: now(),
        question,
        answer,
        hit,
        process: 0,
    }));
}

/// Reads, and is gone before the answer, unless that comes at once: what it has begun goes on without it, or is dropped.
async fn leave(subject: &dyn Subject, question: Question, random: &mut Rng) {
    let patience = Duration::from_micros(random.u64(..2_000));
    let _ = tokio::time::timeout(patience, subject.read(&question)).await;
}

/// Bursts of reads, and pauses: readers that never pause would leave no time for anybody else.
async fn pace(random: &mut Rng, stop: u64) {
    if random.u8(..4) == 0 {
        tokio::task::yield_now().await;
    } else {
        sleep_until(stop.min(now() + random.u64(..1_000_000))).await;
    }
}

fn draw(random: &mut Rng, rows: u32) -> Question {
    let index = random.u32(..rows);
    let three = [index, (index + 1) % rows, (index + 5) % rows];
    match random.u8(..30) {
        0..3 => Question::Counter(index),
        3 => Question::Counters(three),
        4..7 => Question::Account(index),
        7..10 => Question::Login(index, random.u8(..LOGINS)),
        10 => Question::Team(random.u8(..TEAMS)),
        11 => Question::Trunk(index),
        12 => Question::Branch(index),
        13..15 => Question::Leaf(index),
        15 => Question::Keeper(index),
        16 => Question::Pet(index * PETS + random.u32(..PETS)),
        17..19 => Question::Collar(index * PETS * PETS + random.u32(..PETS * PETS)),
        19 => Question::Pets(index),
        20 => Question::Query(random.u8(..TEAMS)),
        21 => Question::Range(three),
        22 => Question::Join(index),
        23 => Question::Parcel(index),
        24..26 => Question::Shelf(random.u8(..SHELVES)),
        26..29 => Question::Parcels,
        _ => Question::Block(three),
    }
}

/// The questions that together ask for all that the database holds.
#[must_use]
pub fn everything(rows: u32) -> Vec<Question> {
    let mut all = Vec::new();
    for index in 0..rows {
        all.extend([Question::Counter(index), Question::Account(index)]);
        all.extend([
            Question::Trunk(index),
            Question::Branch(index),
            Question::Leaf(index),
        ]);
        all.extend([Question::Keeper(index), Question::Parcel(index)]);
    }
    all.extend((0..rows * PETS).map(Question::Pet));
    all.extend((0..rows * PETS * PETS).map(Question::Collar));
    all
}
