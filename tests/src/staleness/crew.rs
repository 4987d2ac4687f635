//! The worker processes of one run, each with a way of its own to Redis and to the database.

use super::clock::{nanos, now, sleep_until};
use super::faults::Planned;
use super::history::Fault;
use super::options::{FaultKind, Options};
use super::servers::Servers;
use super::subject::Place;
use super::worker::{Task, end};
use std::path::{Path, PathBuf};
use std::time::Duration;
use testkit::{Proxy, Subprocess};

/// How long a database may take to do what a killed process had asked of it.
const DRAIN: Duration = Duration::from_secs(20);

/// How long a process that is to be killed may take to come to the middle of a write.
const WRITE: Duration = Duration::from_secs(1);

/// How often something is looked at that tells nothing by itself.
const LOOK: Duration = Duration::from_millis(5);

struct Worker {
    process: Option<Subprocess>,
    task: Task,
    store: Option<Proxy>,
    database: Option<Proxy>,
}

pub(super) struct Crew {
    program: PathBuf,
    /// What the run was started with.
    words: Vec<String>,
    folder: PathBuf,
    workers: Vec<Worker>,
    /// Files of all workers, killed ones included; those of killed ones are marked.
    pub(super) notes: Vec<(PathBuf, bool)>,
}

/// When a run begins and ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) start: u64,
    pub(super) stop_writing: u64,
    pub(super) stop_reading: u64,
}

impl Crew {
    pub(super) async fn start(
        options: &Options,
        words: &[String],
        servers: &Servers,
        folder: &Path,
        times: Times,
    ) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut crew = Self {
            program,
            words: words.to_vec(),
            folder: folder.to_owned(),
            workers: Vec::new(),
            notes: Vec::new(),
        };
        for index in 0..options.processes {
            let store = proxy(servers.redis.as_ref().map(testkit::Redis::port)).await?;
            let database = proxy(servers.database_port()).await?;
            let url = |proxy: &Proxy| format!("redis://127.0.0.1:{}", proxy.port());
            let place = Place {
                database: database.as_ref().map_or_else(
                    || servers.database.clone(),
                    |proxy| servers.database_by(proxy.port()),
                ),
                store: store.as_ref().map(url),
                namespace: "staleness".to_owned(),
                end: PathBuf::new(),
                options: options.clone(),
            };
            let task = Task {
                index,
                generation: 0,
                notes: PathBuf::new(),
                stop_writing: times.stop_writing,
                stop_reading: times.stop_reading,
                place,
            };
            crew.workers.push(Worker {
                process: None,
                task,
                store,
                database,
            });
            crew.spawn(index)?;
        }
        Ok(crew)
    }

    fn spawn(&mut self, index: u32) -> Result<(), String> {
        let worker = &mut self.workers[index as usize];
        worker.task.notes = self
            .folder
            .join(format!("worker-{index}-{}", worker.task.generation));
        self.notes.push((worker.task.notes.clone(), false));
        let words = worker.task.words(&self.words);
        let started = tokio::task::block_in_place(|| Subprocess::start(&self.program, &words));
        worker.process = Some(started.map_err(|error| error.to_string())?);
        Ok(())
    }

    /// Does what is planned, and undoes it.
    pub(super) async fn suffer(
        &mut self,
        fault: Planned,
        servers: &mut Servers,
    ) -> Result<Fault, String> {
        let begin = now();
        let over = begin + nanos(fault.length);
        let said = |error: testkit::ServerError| error.to_string();
        let process = fault.process;
        let what = match fault.kind {
            FaultKind::KillStore | FaultKind::FreezeStore => {
                let redis = servers.redis.as_mut().ok_or("there is no Redis")?;
                if fault.kind == FaultKind::KillStore {
                    tokio::task::block_in_place(|| redis.kill());
                    sleep_until(over).await;
                    tokio::task::block_in_place(|| redis.restart()).map_err(said)?;
                    "the store was killed, and came back empty".to_owned()
                } else {
                    tokio::task::block_in_place(|| redis.freeze()).map_err(said)?;
                    sleep_until(over).await;
                    tokio::task::block_in_place(|| redis.thaw()).map_err(said)?;
                    "the store was frozen".to_owned()
                }
            }
            FaultKind::CutNetwork => {
                let proxy = self.workers[process as usize]
                    .store
                    .as_ref()
                    .ok_or("there is no Redis")?;
                let how = if fault.resets {
                    proxy.reset();
                    "cut off from the store by resets"
                } else {
                    proxy.hold();
                    "cut off from the store in silence"
                };
                sleep_until(over).await;
                proxy.heal();
                format!("process {process} was {how}")
            }
            FaultKind::KillWriter => {
                self.kill(process).await?;
                sleep_until(over).await;
                self.workers[process as usize].task.generation += 1;
                self.spawn(process)?;
                format!("process {process} was killed in a write, and replaced")
            }
            FaultKind::PauseProcess => {
                let paused = self.workers[process as usize]
                    .process
                    .as_ref()
                    .ok_or("it is not running")?;
                tokio::task::block_in_place(|| paused.pause()).map_err(said)?;
                sleep_until(over).await;
                tokio::task::block_in_place(|| paused.resume()).map_err(said)?;
                format!("process {process} was paused")
            }
        };
        Ok(Fault {
            begin,
            end: now(),
            what,
        })
    }

    /// Kills a process in the middle of a write, between its locks and their release if the subject has such; somewhere, if it does
    /// not write.
    async fn kill(&mut self, index: u32) -> Result<(), String> {
        let worker = &mut self.workers[index as usize];
        std::fs::write(end(&worker.task.notes), "").map_err(|error| error.to_string())?;
        let limit = now() + nanos(WRITE);
        while let Some(process) = &mut worker.process
            && !process.has_exited()
            && now() < limit
        {
            tokio::time::sleep(LOOK).await;
        }
        let process = worker.process.take();
        tokio::task::block_in_place(|| drop(process));
        let own = self
            .notes
            .iter_mut()
            .find(|(notes, _)| *notes == worker.task.notes);
        if let Some((_, killed)) = own {
            *killed = true;
        }
        self.drained(index).await
    }

    /// Returns when the database has done all that a process, now dead, had asked of it: only then may others write its slots.
    async fn drained(&self, index: u32) -> Result<(), String> {
        let Some(proxy) = &self.workers[index as usize].database else {
            return Ok(());
        };
        let limit = now() + nanos(DRAIN);
        while proxy.connections() > 0 {
            if now() > limit {
                return Err(format!(
                    "the database keeps connections of process {index}, which is dead"
                ));
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Waits until all workers have ended, at most until a moment.
    pub(super) async fn join(&mut self, limit: u64) -> Result<(), String> {
        for index in 0..self.workers.len() {
            while let Some(process) = &mut self.workers[index].process
                && !process.has_exited()
            {
                if now() > limit {
                    return Err(format!("process {index} does not end"));
                }
                tokio::time::sleep(LOOK).await;
            }
        }
        for worker in &self.workers {
            self.drained(worker.task.index).await?;
        }
        Ok(())
    }

    /// What the processes wrote to their terminals.
    pub(super) fn last_words(&self) -> String {
        let processes = self
            .workers
            .iter()
            .filter_map(|worker| worker.process.as_ref());
        processes
            .map(Subprocess::last_words)
            .filter(|words| !words.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }
}

async fn proxy(port: Option<u16>) -> Result<Option<Proxy>, String> {
    match port {
        Some(port) => Proxy::start(port)
            .await
            .map(Some)
            .map_err(|error| error.to_string()),
        None => Ok(None),
    }
}
