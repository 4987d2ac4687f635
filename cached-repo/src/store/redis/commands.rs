//! What each step of a round trip is to the server: one command or one script.

use super::scripts;
use crate::protocol::{CellAnswer, CellOp, Enrolled, Mark};
use crate::stamp::{Stamp, Token};
use crate::store::remote::{Answer, Step, mark};
use redis::{Pipeline, Script, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// Names on the server that belong to a namespace.
#[derive(Debug)]
pub(super) struct Names {
    /// The channel of notices.
    pub(super) notices: String,
    /// The channel on which keys are named whose lease has ended while somebody waited for it.
    pub(super) wakes: String,
    /// The channel of this process alone.
    pub(super) own: String,
    /// The key of the last notice's number.
    pub(super) sequence: String,
}

/// Appends the command of a step.
pub(super) fn add(pipeline: &mut Pipeline, names: &Names, step: &Step<'_>) {
    match step {
        Step::Get(keys) => {
            let command = pipeline.cmd("MGET");
            for key in keys.iter() {
                command.arg(key);
            }
        }
        Step::Mark(key) => {
            pipeline.cmd("GET").arg(&**key);
        }
        Step::Rest(key) => {
            pipeline.cmd("PTTL").arg(*key);
        }
        Step::Apply(key, op) => apply(pipeline, &names.wakes, key, op),
        Step::Time => {
            pipeline.cmd("TIME");
        }
        Step::Publish(notice) => {
            let arguments = [names.notices.as_bytes(), notice];
            call(pipeline, &scripts::NOTIFY, &names.sequence, &arguments);
        }
        Step::Beat => {
            let arguments = [names.own.as_bytes()];
            call(pipeline, &scripts::BEAT, &names.sequence, &arguments);
        }
    }
}

fn call(pipeline: &mut Pipeline, script: &Script, key: &str, arguments: &[&[u8]]) {
    let command = pipeline
        .cmd("EVALSHA")
        .arg(script.get_hash())
        .arg(1)
        .arg(key);
    for argument in arguments {
        command.arg(*argument);
    }
}

/// Appends what an operation is to the server.
pub(super) fn apply<E: AsRef<[u8]>>(
    pipeline: &mut Pipeline,
    wakes: &str,
    key: &str,
    op: &CellOp<E>,
) {
    if let CellOp::LeaseMissing { holder, life } = op {
        // A plain command costs the server a fraction of what a script does.
        let lease = [&[0], holder.as_bytes().as_slice()].concat();
        let set = pipeline.cmd("SET").arg(key).arg(lease);
        set.arg("NX").arg("PX").arg(*life);
    }
    if let Some((script, arguments)) = script(op, wakes) {
        let arguments: Vec<&[u8]> = arguments.iter().map(|argument| &**argument).collect();
        call(pipeline, script, key, &arguments);
    }
}

type Arguments<'a> = Vec<Cow<'a, [u8]>>;

/// The script of an operation with its arguments; `None` if it needs none.
fn script<'a, E: AsRef<[u8]>>(
    op: &'a CellOp<E>,
    wakes: &'a str,
) -> Option<(&'static Script, Arguments<'a>)> {
    let wakes = Cow::Borrowed(wakes.as_bytes());
    Some(match op {
        CellOp::LeaseMissing { .. } => return None,
        CellOp::Lease {
            holder,
            replaceable,
            life,
        } => {
            let replaceable = digits((*replaceable).into());
            (
                &scripts::LEASE,
                vec![bits(holder), digits(*life), replaceable],
            )
        }
        CellOp::Renew { holder, life } => (&scripts::RENEW, vec![bits(holder), digits(*life)]),
        CellOp::Await => (&scripts::AWAIT, Vec::new()),
        CellOp::Fill {
            holder,
            entry,
            life,
        } => {
            let entry = entry.as_ref().into();
            (
                &scripts::FILL,
                vec![bits(holder), entry, digits(*life), wakes],
            )
        }
        CellOp::Replace { old, entry, life } => {
            let entry = entry.as_ref().into();
            (&scripts::REPLACE, vec![bits(old), entry, digits(*life)])
        }
        CellOp::Abandon { holder } => (&scripts::ABANDON, vec![bits(holder), wakes]),
        CellOp::Stamp {
            fresh,
            life,
            server,
        } => {
            let life = digits(life.unwrap_or(0));
            (&scripts::STAMP, vec![stamp(fresh), life, mark_of(server)])
        }
        CellOp::Lock { holder, life } => (&scripts::LOCK, vec![bits(holder), digits(*life), wakes]),
        CellOp::Release { holder } => (&scripts::RELEASE, vec![bits(holder), wakes]),
        CellOp::InvalidateNamespace { fresh, server } => (
            &scripts::INVALIDATE_NAMESPACE,
            vec![stamp(fresh), mark_of(server)],
        ),
        CellOp::Enrol { fresh, server } => (
            &scripts::ENROL,
            vec![stamp(fresh), server.as_bytes().into()],
        ),
    })
}

fn bits(token: &Token) -> Cow<'_, [u8]> {
    token.as_bytes().as_slice().into()
}

fn stamp(stamp: &Stamp) -> Cow<'_, [u8]> {
    stamp.as_bytes().as_slice().into()
}

fn digits(number: u64) -> Cow<'static, [u8]> {
    number.to_string().into_bytes().into()
}

fn mark_of(server: &Option<Arc<str>>) -> Cow<'_, [u8]> {
    server.as_deref().unwrap_or_default().as_bytes().into()
}

/// The server's answer to a step; `None` if it has another form.
pub(super) fn answer(step: &Step<'_>, value: Value) -> Option<Answer> {
    match step {
        Step::Get(keys) => match value {
            Value::Array(values) if values.len() == keys.len() => {
                Some(Answer::Values(values.into_iter().map(bytes).collect()))
            }
            _ => None,
        },
        Step::Mark(_) => Some(Answer::Cell(CellAnswer::Mark(held(&value)))),
        Step::Rest(_) => Some(Answer::Rest(number(&value))),
        Step::Apply(_, op) => Some(Answer::Cell(applied(op, &value))),
        Step::Time => time(&value).map(Answer::Time),
        Step::Publish(_) | Step::Beat => number(&value).map(Answer::Number),
    }
}

/// The server's answer to an operation. One that is not known says that nothing was done.
pub(super) fn applied<E>(op: &CellOp<E>, value: &Value) -> CellAnswer {
    match op {
        CellOp::Lease { .. } => {
            let parts = match value {
                Value::Array(parts) => parts.as_slice(),
                _ => &[],
            };
            let (granted, now) = match parts {
                [granted, time] => (*granted == Value::Int(1), number(time)),
                _ => (false, None),
            };
            CellAnswer::Lease {
                // Without the time of the store no load can be told from an older one.
                granted: granted && now.is_some(),
                now: now.unwrap_or_default(),
            }
        }
        CellOp::Await => CellAnswer::Rest(number(value).unwrap_or_default()),
        CellOp::Stamp { .. } => CellAnswer::Mark(held(value)),
        CellOp::Enrol { .. } => CellAnswer::Enrolled(match value {
            Value::Int(2) => Enrolled::Replaced,
            Value::Int(1) => Enrolled::New,
            _ => Enrolled::Stays,
        }),
        _ => CellAnswer::Done(matches!(value, Value::Okay | Value::Int(1))),
    }
}

/// What the key of a tag holds.
fn held(value: &Value) -> Mark {
    match value {
        Value::BulkString(value) => mark(Some(value)),
        _ => mark(None),
    }
}

/// What a key holds.
pub(super) fn bytes(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        _ => None,
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        _ => None,
    }
}

/// The server's time in microseconds.
fn time(reply: &Value) -> Option<u64> {
    let Value::Array(parts) = reply else {
        return None;
    };
    let [Value::BulkString(seconds), Value::BulkString(micros)] = parts.as_slice() else {
        return None;
    };
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<u64>().ok();
    number(seconds)?
        .checked_mul(1_000_000)?
        .checked_add(number(micros)?)
}
