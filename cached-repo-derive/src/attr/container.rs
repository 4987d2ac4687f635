//! `#[cached(..)]` on the struct.

use super::cached_items;
use super::consistency::{Consistency, consistency};
use super::duration::{milliseconds, thousandths};
use super::edge::{self, Edge};
use super::independent::{Independent, independent};
use super::item::Item;
use super::lists::{Lists, lists};
use super::once::Once;
use super::place::Place;
use super::schema_options::{Relations, checked};
use super::template::{self, Part};
use crate::ctxt::Ctxt;
use std::ops::RangeInclusive;
use syn::{Attribute, LitStr};

/// What the struct says.
#[derive(Default)]
pub(crate) struct Container {
    /// `None` if it is left out.
    pub(crate) prefix: Option<LitStr>,
    /// Whether a prefix was given, be it a wrong one.
    pub(crate) prefix_given: bool,
    /// Milliseconds.
    pub(crate) ttl: Option<u64>,
    /// Milliseconds.
    pub(crate) negative_ttl: Option<u64>,
    /// Thousandths.
    pub(crate) jitter: Option<u16>,
    pub(crate) aging: Aging,
    pub(crate) tags: Vec<Tag>,
    pub(crate) dependents: Vec<Edge>,
    pub(crate) depends_on: Vec<Edge>,
    pub(crate) independent: Vec<Independent>,
    /// `None` if it is left out.
    pub(crate) relations: Option<Relations>,
    /// `None` if it is left out.
    pub(crate) consistency: Option<Consistency>,
    pub(crate) batch: bool,
    /// `None` if it is left out.
    pub(crate) lists: Option<Lists>,
}

/// What is allowed beyond a lifetime, and done before its end.
#[derive(Default)]
pub(crate) struct Aging {
    /// Milliseconds.
    pub(crate) stale_while_revalidate: Option<u64>,
    /// Milliseconds.
    pub(crate) stale_if_error: Option<u64>,
    /// Thousandths.
    pub(crate) refresh_ahead: Option<u16>,
    /// Thousandths.
    pub(crate) early_refresh: Option<u16>,
}

/// A tag as written, and taken apart.
pub(crate) struct Tag {
    pub(crate) template: LitStr,
    pub(crate) parts: Vec<Part>,
}

#[derive(Default)]
struct Given {
    prefix: Once<LitStr>,
    ttl: Once<u64>,
    negative_ttl: Once<u64>,
    jitter: Once<u16>,
    stale_while_revalidate: Once<u64>,
    stale_if_error: Once<u64>,
    refresh_ahead: Once<u16>,
    early_refresh: Once<u16>,
    tags: Once<Vec<Tag>>,
    dependents: Once<Vec<Edge>>,
    depends_on: Once<Vec<Edge>>,
    independent: Once<Vec<Independent>>,
    relations: Once<Relations>,
    consistency: Once<Consistency>,
    batch: Once<()>,
    lists: Once<Lists>,
}

impl Container {
    pub(crate) fn parse(attrs: &[Attribute], cx: &Ctxt) -> Self {
        let mut given = Given::default();
        for item in cached_items(attrs, "ttl = \"1h\"", cx) {
            given.take(&item, cx);
        }
        Self {
            prefix_given: given.prefix.was_given(),
            prefix: given.prefix.get(),
            ttl: given.ttl.get(),
            negative_ttl: given.negative_ttl.get(),
            jitter: given.jitter.get(),
            aging: Aging {
                stale_while_revalidate: given.stale_while_revalidate.get(),
                stale_if_error: given.stale_if_error.get(),
                refresh_ahead: given.refresh_ahead.get(),
                early_refresh: given.early_refresh.get(),
            },
            tags: given.tags.get().unwrap_or_default(),
            dependents: given.dependents.get().unwrap_or_default(),
            depends_on: given.depends_on.get().unwrap_or_default(),
            independent: given.independent.get().unwrap_or_default(),
            relations: given.relations.get(),
            consistency: given.consistency.get(),
            batch: given.batch.get().is_some(),
            lists: given.lists.get(),
        }
    }
}

impl Given {
    fn take(&mut self, item: &Item, cx: &Ctxt) {
        let path = &item.path;
        match item.name().as_deref() {
            Some("prefix") => self.prefix.set(cx, path, prefix(item, cx)),
            Some("ttl") => self.ttl.set(cx, path, lifetime(item, "1h", cx)),
            Some("negative_ttl") => self.negative_ttl.set(cx, path, lifetime(item, "30s", cx)),
            Some("jitter") => {
                self.jitter
                    .set(cx, path, share(item, "jitter = \"10%\"", JITTER, cx))
            }
            Some("stale_while_revalidate") => {
                let span = lifetime(item, "5m", cx);
                self.stale_while_revalidate.set(cx, path, span);
            }
            Some("stale_if_error") => {
                let span = lifetime(item, "1d", cx);
                self.stale_if_error.set(cx, path, span);
            }
            Some("refresh_ahead") => {
                let share = share(item, "refresh_ahead = \"80%\"", AHEAD, cx);
                self.refresh_ahead.set(cx, path, share);
            }
            Some("early_refresh") => {
                let beta = share(item, "early_refresh = \"100%\"", EAGER, cx);
                self.early_refresh.set(cx, path, beta);
            }
            Some("tags") => self.tags.set(cx, path, tags(item, TAGS, cx)),
            Some("dependents") => {
                let example = "dependents(super::order::Entity(via = customer_id))";
                self.dependents.set(cx, path, edge::list(item, example, cx));
            }
            Some("depends_on") => {
                let example = "depends_on(super::user::Entity(via = user_id))";
                self.depends_on.set(cx, path, edge::list(item, example, cx));
            }
            Some("independent") => self.independent.set(cx, path, independent(item, cx)),
            Some("relations") => self.relations.set(cx, path, checked(item, cx)),
            Some("consistency") => self.consistency.set(cx, path, consistency(item, cx)),
            Some("batch") => self.batch.set(cx, path, item.bare(cx).then_some(())),
            Some("lists") => self.lists.set(cx, path, lists(item, cx)),
            _ => Place::Struct.reject(item, cx),
        }
    }
}

fn prefix(item: &Item, cx: &Ctxt) -> Option<LitStr> {
    let text = item.string(cx, "prefix = \"user\"")?;
    match valid_prefix(&text.value()) {
        Ok(()) => Some(text),
        Err(wrong) => {
            cx.error(
                &text,
                format!(
                    "prefix `{}` {wrong}; use 1 to 64 letters, digits, `_` and `-`",
                    text.value()
                ),
            );
            None
        }
    }
}

/// The rule for the first part of every key, and what is wrong with this one.
pub(crate) fn valid_prefix(prefix: &str) -> Result<(), String> {
    if prefix.is_empty() {
        return Err("is empty".into());
    }
    if let Some(wrong) = prefix
        .chars()
        .find(|letter| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')))
    {
        return Err(format!("contains `{}`", wrong.escape_debug()));
    }
    if prefix.len() > 64 {
        return Err(format!("has {} characters", prefix.len()));
    }
    Ok(())
}

fn lifetime(item: &Item, example: &str, cx: &Ctxt) -> Option<u64> {
    let name = item.name()?;
    let text = item.string(cx, &format!("{name} = \"{example}\""))?;
    match milliseconds(&text.value()) {
        Ok(0) => cx.error(
            &text,
            format!("`{name}` must be longer than zero; leave it out to use the configured one"),
        ),
        Ok(length) => return Some(length),
        Err(message) => cx.error(&text, message),
    }
    None
}

/// Thousandths of a lifetime that may be cut at random.
const JITTER: RangeInclusive<u16> = 0..=500;
/// Thousandths of a lifetime after which an entry may be loaded anew.
const AHEAD: RangeInclusive<u16> = 1..=990;
/// Thousandths of the time of a load by which readers may be early.
const EAGER: RangeInclusive<u16> = 1..=10_000;

fn share(item: &Item, example: &str, range: RangeInclusive<u16>, cx: &Ctxt) -> Option<u16> {
    let text = item.string(cx, example)?;
    thousandths(&text.value(), range)
        .map_err(|message| cx.error(&text, message))
        .ok()
}

const TAGS: &str = "tags(\"users\", \"tenant:{tenant_id}\")";

/// The tags of an entity, or of a schema.
pub(super) fn tags(item: &Item, example: &str, cx: &Ctxt) -> Option<Vec<Tag>> {
    let mut tags: Vec<Tag> = Vec::new();
    for part in item.list(cx, example)? {
        let Ok(template) = syn::parse2::<LitStr>(part.clone()) else {
            cx.error(&part, "expected a tag in quotes: write `tags(\"users\")`");
            continue;
        };
        if tags
            .iter()
            .any(|tag| tag.template.value() == template.value())
        {
            cx.error(
                &template,
                format!("tag `{}` is listed twice; remove one", template.value()),
            );
            continue;
        }
        match template::parse(&template.value()) {
            Ok(parts) => tags.push(Tag { template, parts }),
            Err(message) => cx.error(&template, message),
        }
    }
    Some(tags)
}
