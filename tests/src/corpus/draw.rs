//! What chance says: parameters from small ranges, so that the same come back.

use fastrand::Rng;
use sea_orm::prelude::{Date, Decimal};
use sea_orm::{DbBackend, Statement, Value};
use std::fmt::Display;

/// Draws parameters, and remembers what it has drawn. The same seed draws the same.
#[derive(Debug)]
pub struct Draw {
    rng: Rng,
    said: Vec<String>,
}

/// Draws a number between two others, both included.
macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident: $kind:ty, $range:expr;)*) => {$(
        $(#[$doc])*
        pub fn $name(&mut self) -> $kind {
            let drawn: $kind = self.between($range.0, $range.1) as $kind;
            self.say(stringify!($name), drawn)
        }
    )*};
}

/// Draws one of some texts.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $texts:expr;)*) => {$(
        $(#[$doc])*
        pub fn $name(&mut self) -> String {
            let drawn = self.rng.choice($texts).map_or("", |text| text);
            self.say(stringify!($name), drawn.to_owned())
        }
    )*};
}

impl Draw {
    /// From a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            said: Vec::new(),
        }
    }

    /// What was drawn so far, with names.
    #[must_use]
    pub fn said(&self) -> String {
        self.said.join(" ")
    }

    fn say<T: Display>(&mut self, name: &str, drawn: T) -> T {
        self.said.push(format!("{name}={drawn}"));
        drawn
    }

    /// Nothing that is worth telling by itself.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        self.rng.i64(least..=most)
    }

    numbers! {
        /// The key of a customer.
        customer: i64, (1, 9);
        /// The key of an order.
        order: i64, (1, 24);
        /// The key of a product.
        product: i64, (1, 12);
        /// The key of a category.
        category: i64, (1, 7);
        /// The key of a warehouse.
        warehouse: i64, (1, 4);
        /// The key of a tag.
        tag: i64, (1, 5);
        /// Stars of a review.
        stars: i32, (1, 5);
        /// Position in an order, or in a list.
        position: i32, (1, 3);
        /// How many.
        quantity: i32, (0, 9);
        /// How many rows at most.
        limit: i64, (1, 5);
        /// How many rows are passed over.
        offset: i64, (0, 3);
    }

    texts! {
        /// The status of an order.
        status: ["open", "paid", "sent", "back"];
        /// Where a customer or a warehouse is.
        region: ["north", "south", "west"];
        /// The beginning of a name.
        word: ["Ada", "Bob", "Cyd"];
        /// A pattern.
        pattern: ["%a%", "B%", "%d", "%1%"];
    }

    /// True or false.
    pub fn flag(&mut self) -> bool {
        let drawn = self.rng.bool();
        self.say("flag", drawn)
    }

    /// A multiple of a quarter, so that sums are exact whatever the database makes of it.
    pub fn price(&mut self) -> Decimal {
        let drawn = Decimal::new(self.between(1, 12) * 125, 2);
        self.say("price", drawn)
    }

    /// The same, for columns of floating point.
    pub fn weight(&mut self) -> f64 {
        let quarters = i32::try_from(self.between(1, 8)).unwrap_or_default();
        self.say("weight", f64::from(quarters) / 4.0)
    }

    /// A day.
    pub fn day(&mut self) -> Date {
        let day = u32::try_from(self.between(1, 9)).unwrap_or(1);
        let drawn = Date::from_ymd_opt(2026, 3, day).unwrap_or_default();
        self.say("day", drawn)
    }

    /// Sometimes nothing, else what the function draws.
    pub fn maybe<T>(&mut self, draw: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.rng.u8(..4) == 0 {
            self.said.push("none".to_owned());
            return None;
        }
        Some(draw(self))
    }

    /// One to three of what the function draws.
    pub fn some<T>(&mut self, mut draw: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.between(1, 3)).map(|_| draw(self)).collect()
    }

    /// A number that picks one of so many.
    pub fn pick(&mut self, count: usize) -> usize {
        self.rng.usize(..count)
    }

    /// A parameter by the name of what draws it; `name?` is sometimes NULL.
    ///
    /// # Panics
    /// Nobody draws it.
    pub fn value(&mut self, kind: &str) -> Value {
        if let Some(kind) = kind.strip_suffix('?') {
            let drawn = self.maybe(|draw| draw.value(kind));
            return drawn.unwrap_or_else(|| null(kind));
        }
        match kind {
            "customer" => self.customer().into(),
            "order" => self.order().into(),
            "product" => self.product().into(),
            "category" => self.category().into(),
            "warehouse" => self.warehouse().into(),
            "tag" => self.tag().into(),
            "stars" => self.stars().into(),
            "position" => self.position().into(),
            "quantity" => self.quantity().into(),
            "limit" => self.limit().into(),
            "offset" => self.offset().into(),
            "status" => self.status().into(),
            "region" => self.region().into(),
            "word" => self.word().into(),
            "pattern" => self.pattern().into(),
            "flag" => self.flag().into(),
            "price" | "weight" => self.weight().into(),
            "day" => self.day().into(),
            _ => panic!("nobody draws `{kind}`"),
        }
    }

    /// A statement of a text with `{kind}` where parameters belong.
    pub fn statement(&mut self, backend: DbBackend, text: &str) -> Statement {
        let mut values = Vec::new();
        let sql = self.replaced(text, |value| {
            values.push(value);
            match backend {
                DbBackend::Postgres => format!("${}", values.len()),
                _ => "?".to_owned(),
            }
        });
        Statement::from_sql_and_values(backend, sql, values)
    }

    /// The same with the parameters in the text.
    pub fn text(&mut self, text: &str) -> String {
        self.replaced(text, |value| literal(&value))
    }

    fn replaced(&mut self, text: &str, mut mark: impl FnMut(Value) -> String) -> String {
        let mut parts = text.split('{');
        let mut sql = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (kind, rest) = part.split_once('}').unwrap_or((part, ""));
            sql.push_str(&mark(self.value(kind)));
            sql.push_str(rest);
        }
        sql
    }
}

/// NULL of the type that is drawn under this name.
fn null(kind: &str) -> Value {
    match kind {
        "status" | "region" | "word" | "pattern" => Value::String(None),
        _ => Value::BigInt(None),
    }
}

/// What all databases understand.
fn literal(value: &Value) -> String {
    match value {
        Value::BigInt(Some(number)) => number.to_string(),
        Value::Int(Some(number)) => number.to_string(),
        Value::Double(Some(number)) => format!("{number:?}"),
        Value::Bool(Some(flag)) => flag.to_string(),
        Value::String(Some(text)) => format!("'{text}'"),
        Value::ChronoDate(Some(day)) => format!("'{day}'"),
        _ => "NULL".to_owned(),
    }
}
