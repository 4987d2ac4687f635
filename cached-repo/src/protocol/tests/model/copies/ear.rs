//! The connection on which notices arrive: how it is made, what comes over it, and how its loss is noticed.

use super::rules::{Protocol, Rule};
use super::world::{Name, World};

/// One connection after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ear {
    pub(super) at: At,
    /// Number of the last notice.
    last: u64,
    /// Whether notices are carried out, and the loss of the connection is told.
    pub(super) is_armed: bool,
    /// The start of the store that the connection leads to; `None` if it is broken, noticed or not.
    pub(super) leads_to: Option<u8>,
    /// What is on its way, in order.
    pub(super) queue: Vec<Message>,
    /// A notice that was carried out, but for its number.
    half: Option<Message>,
    /// Whether something did not arrive, and nobody can have noticed yet.
    pub(super) has_gap: bool,
}

/// Where the connection stands: before the step that is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum At {
    /// Connect and subscribe. A number: the last one was asked for beforehand, which is against the rules.
    Subscribe(Option<u64>),
    /// Ask for the number of the last notice.
    Number,
    /// Wait for the answer.
    Answer,
    /// Carry out notices from now on.
    Arm(u64),
    /// Tell the copies.
    Tell(u64),
    /// Nothing is left to do.
    Listen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Message {
    Notice {
        number: u64,
        sender: usize,
        name: Name,
        content: NoticeContent,
    },
    /// A beat, and how many commits were announced before it.
    Beat { number: u64, announced: u8 },
    /// The answer to the question for the last number.
    Number(u64),
}

/// What a notice tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum NoticeContent {
    /// So many commits.
    Commits(u8),
    /// The commit of this thread, if it takes effect at all.
    Doubt(usize),
}

impl Message {
    /// Whether it ends copies of this version, in a process other than the sender's.
    fn ends(&self, version: u8, listener: usize) -> bool {
        match self {
            Self::Notice {
                content: NoticeContent::Commits(commits),
                sender,
                ..
            } => *commits > version && *sender != listener,
            Self::Beat { announced, .. } => *announced > version,
            Self::Notice { .. } | Self::Number(_) => false,
        }
    }
}

impl Ear {
    /// One that has been listening for long, up to this number; or one that has not begun.
    pub(super) fn new(last: Option<u64>) -> Self {
        Self {
            at: last.map_or(At::Subscribe(None), |_| At::Listen),
            last: last.unwrap_or(0),
            is_armed: last.is_some(),
            leads_to: last.map(|_| 0),
            queue: Vec::new(),
            half: None,
            has_gap: false,
        }
    }

    /// The server sends something, if the connection leads there.
    pub(super) fn send(&mut self, message: Message, generation: u8) {
        if self.leads_to == Some(generation) {
            self.queue.push(message);
        }
    }

    pub(super) fn has_news(&self) -> bool {
        self.half.is_some() || !self.queue.is_empty()
    }

    /// Whether it is known, or will be, that copies of this version are out of date; or that nobody can know.
    pub(super) fn excuses(&self, version: u8, listener: usize, generation: u8) -> bool {
        let lost = self.is_armed && self.leads_to != Some(generation);
        let mut queue = self.queue.iter();
        lost || self.has_gap || queue.any(|message| message.ends(version, listener))
    }
}

impl Protocol {
    /// Whether the connection can be brought a step further.
    pub(super) fn can_arm(&self, world: &World, number: usize) -> bool {
        let process = &world.processes[number];
        let ear = &process.ear;
        let connected = ear.leads_to == Some(world.store.generation);
        let possible = match ear.at {
            At::Subscribe(_) => !process.cut,
            At::Number => connected,
            At::Arm(_) | At::Tell(_) => true,
            At::Answer | At::Listen => false,
        };
        possible && process.alive && self.copies(number)
    }

    /// One step on the way to a connection that listens.
    pub(super) fn arm(&self, world: &mut World, number: usize) {
        let (generation, now) = (world.store.generation, world.now);
        let last = world.store.sequence.last();
        let process = &mut world.processes[number];
        let ear = &mut process.ear;
        let early = self.lacks(Rule::SubscribeBeforeHearing);
        match ear.at {
            At::Subscribe(None) if early || self.lacks(Rule::SubscribeBeforeNumber) => {
                ear.at = At::Subscribe(Some(last));
                if early {
                    process.copies.hear(last, now);
                }
            }
            At::Subscribe(known) => {
                ear.leads_to = Some(generation);
                ear.at = known.map_or(At::Number, At::Arm);
            }
            At::Number => {
                // Behind all notices up to it: the server sends in order.
                ear.send(Message::Number(last), generation);
                ear.at = At::Answer;
            }
            At::Arm(answer) => {
                // What arrives from now on must not be passed over.
                ear.last = answer.max(ear.last);
                ear.is_armed = true;
                ear.at = At::Tell(answer);
            }
            At::Tell(answer) => {
                ear.at = At::Listen;
                let is_lost = !ear.is_armed;
                process.copies.hear(answer, now);
                if is_lost {
                    process.copies.deafen();
                }
            }
            At::Answer | At::Listen => {}
        }
    }

    /// The loss of the connection is noticed.
    pub(super) fn deafen(&self, world: &mut World, number: usize) {
        let process = &mut world.processes[number];
        let ear = &mut process.ear;
        let was_armed = ear.is_armed;
        if matches!(ear.at, At::Tell(_)) {
            // Who is about to tell the copies does not stop for it.
            ear.is_armed = false;
        } else {
            *ear = Ear::new(None);
        }
        if !was_armed || self.lacks(Rule::DeafForgets) {
            return;
        }
        if self.lacks(Rule::DeafMakesNone) {
            process.copies.forget();
        } else {
            process.copies.deafen();
        }
    }

    /// One step of what arrives. A notice takes two: others read in between.
    pub(super) fn hear(&self, world: &mut World, number: usize) {
        let ear = &mut world.processes[number].ear;
        let swapped = self.lacks(Rule::NumberAfterRelease);
        if let Some(message) = ear.half.take() {
            return self.carry_out(world, number, message, swapped);
        }
        let message = ear.queue.remove(0);
        let last = ear.last;
        match message {
            Message::Number(answer) => ear.at = At::Arm(answer),
            Message::Beat {
                number: sent,
                announced,
            } => {
                if last != sent && !self.lacks(Rule::BeatIsCompared) {
                    self.miss(world, number, sent);
                }
                let process = &mut world.processes[number];
                process.carried = announced.max(process.carried);
            }
            Message::Notice { number: sent, .. } => {
                ear.last = sent;
                if !ear.is_armed {
                    // What this process copies begins later than this.
                    return;
                }
                if last + 1 != sent && !self.lacks(Rule::GapIsMissed) {
                    self.miss(world, number, sent);
                    world.count(number, message);
                    return;
                }
                ear.half = Some(message);
                self.carry_out(world, number, message, !swapped);
            }
        }
    }

    /// One half of what a notice asks for.
    fn carry_out(&self, world: &mut World, number: usize, message: Message, releases: bool) {
        let now = world.now;
        let copies = &mut world.processes[number].copies;
        let Message::Notice {
            number: sent,
            sender,
            name,
            ..
        } = message
        else {
            return;
        };
        if !releases {
            return copies.note(sent);
        }
        // What it tells of its own writes was carried out when they were.
        if sender != number && !self.lacks(Rule::NoticeReleases) {
            copies.release(&[name], None, now);
        }
        world.count(number, message);
    }

    fn miss(&self, world: &mut World, number: usize, sent: u64) {
        world.missed = true;
        let process = &mut world.processes[number];
        process.ear.last = sent;
        process.ear.has_gap = false;
        if process.ear.is_armed {
            process.copies.forget();
            process.copies.note(sent);
        }
    }
}

impl World {
    /// From now on a process owes its readers what a notice has told of.
    fn count(&mut self, number: usize, message: Message) {
        let Message::Notice { content, .. } = message else {
            return;
        };
        let commits = match content {
            NoticeContent::Commits(commits) => commits,
            NoticeContent::Doubt(thread) => {
                let thread = &mut self.threads[thread];
                if let Some(pending) = &mut thread.pending {
                    pending.carried |= 1 << number;
                }
                thread.late
            }
        };
        let process = &mut self.processes[number];
        process.carried = commits.max(process.carried);
    }
}
