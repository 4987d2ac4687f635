//! `#[cached(..)]` on the struct.

use super::cached_items;
use super::consistency::{Consistency, consistency};
use super::duration::milliseconds;
use super::edge::{self, Edge};
use super::fraction::fraction;
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
    pub(crate) jitter: Option<f64>,
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
    pub(crate) refresh_ahead: Option<f64>,
    pub(crate) early_refresh: Option<f64>,
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
    jitter: Once<f64>,
    stale_while_revalidate: Once<u64>,
    stale_if_error: Once<u64>,
    refresh_ahead: Once<f64>,
    early_refresh: Once<f64>,
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
            Some("jitter") => self.jitter.set(cx, path, number(item, &JITTER, cx)),
            Some("stale_while_revalidate") => {
                let span = lifetime(item, "5m", cx);
                self.stale_while_revalidate.set(cx, path, span);
            }
            Some("stale_if_error") => {
                let span = lifetime(item, "1d", cx);
                self.stale_if_error.set(cx, path, span);
            }
            Some("refresh_ahead") => {
                let fraction = number(item, &AHEAD, cx);
                self.refresh_ahead.set(cx, path, fraction);
            }
            Some("early_refresh") => {
                let beta = number(item, &EAGER, cx);
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

/// What a number may be.
struct Bounds {
    example: &'static str,
    /// Zero does nothing: it would have to be left out.
    zero: bool,
    range: RangeInclusive<f64>,
    /// The range, as a message shows it.
    shown: &'static str,
}

/// Fractions of a lifetime that may be cut at random.
const JITTER: Bounds = Bounds {
    example: "\"10%\"",
    zero: true,
    range: 0.0..=0.5,
    shown: "`0%` to `50%`",
};
/// Fractions of a lifetime after which an entry may be loaded again.
const AHEAD: Bounds = Bounds {
    example: "\"80%\"",
    zero: false,
    range: 0.0..=0.99,
    shown: "more than `0%`, up to `99%`",
};
/// Factors by which readers may be early.
const EAGER: Bounds = Bounds {
    example: "1.0",
    zero: false,
    range: 0.0..=10.0,
    shown: "more than 0, up to 10",
};

fn number(item: &Item, bounds: &Bounds, cx: &Ctxt) -> Option<f64> {
    let name = item.name()?;
    let example = format!("{name} = {}", bounds.example);
    let (text, tokens) = item.number(cx, &example)?;
    match fraction(&text, &format!("`{example}`")) {
        Ok(number) if number == 0.0 && !bounds.zero => cx.error(
            tokens,
            format!("`{name}` must be more than zero; leave it out to use the configured one"),
        ),
        Ok(number) if bounds.range.contains(&number) => return Some(number),
        Ok(_) => cx.error(
            tokens,
            format!("`{text}` is out of range; expected {}", bounds.shown),
        ),
        Err(message) => cx.error(tokens, message),
    }
    None
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
