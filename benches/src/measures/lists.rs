//! Lists, stored whole and as primary keys over the row cache.
//!
//! Lists of one group are the same rows, asked for by different queries. The forms take turns, and the least of all rounds
//! counts. What is held in the process is counted by the addresses of rows; in Redis the server says it.

use crate::Failure;
use crate::harness::Outcome;
use crate::world::World;
use cached_repo::config::Lists;
use cached_repo::query::Cached;
use cached_repo::{CachedQuery, CachedRepo, Consistency, RepoBuilder, cached_schema};
use item::{Column, Entity as Item};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Schema, Select, Set, Value};
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

mod item {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "items")]
    #[cached(prefix = "item")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[cached(index)]
        pub group_id: i64,
        pub changes: i64,
        pub body: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! { Listed { item::Entity } }

/// What the names of these measures begin with.
pub(crate) const NAME: &str = "lists";

/// Lists that show the same rows.
const SAME: i64 = 20;
const ROUNDS: usize = 7;
const FORMS: [Lists; 2] = [Lists::Whole, Lists::Keys];

/// One list: its group, how many rows it has, and how many bytes each.
type Shape = (i64, i64, usize);

/// All sizes, in the process and over Redis.
pub(crate) async fn all(world: &World) -> Result<Vec<Outcome>, Failure> {
    let database = &world.database;
    let schema = Schema::new(database.get_database_backend());
    let table = schema.create_table_from_entity(Item);
    database.execute(&table).await?;
    let index = "CREATE INDEX items_of_group ON items (group_id)";
    database.execute_unprepared(index).await?;
    let mut outcomes = Vec::new();
    let mut group = 0;
    for bytes in [50, 2000] {
        for rows in [1, 10, 100, 1000] {
            group += 1;
            let shape = (group, rows, bytes);
            insert(world, shape).await?;
            for shared in [false, true] {
                outcomes.extend(measure(world, shape, shared).await?);
            }
        }
    }
    Ok(outcomes)
}

async fn insert(world: &World, (group, rows, bytes): Shape) -> Result<(), Failure> {
    let row = |at: i64| item::ActiveModel {
        id: Set(group * 10_000 + at),
        group_id: Set(group),
        changes: Set(0),
        body: Set("x".repeat(bytes)),
    };
    let ids: Vec<i64> = (0..rows).collect();
    for ids in ids.chunks(200) {
        Item::insert_many(ids.iter().map(|at| row(*at)))
            .exec(&world.database)
            .await?;
    }
    Ok(())
}

async fn repo(world: &World, shared: bool, name: &str) -> Result<CachedRepo<Listed>, Failure> {
    let builder: RepoBuilder<Listed> = CachedRepo::builder(world.database.clone());
    if !shared {
        return Ok(builder.build().await?);
    }
    Ok(builder
        .store(world.store.clone())
        .consistency(Consistency::Strict)
        .namespace(world.prefix(name))
        .settle_time(Duration::ZERO)
        .store_timeout(Duration::from_secs(10))
        .value_limit(16 << 20)
        .build()
        .await?)
}

/// The same rows for each number.
fn list(group: i64, number: i64, form: Lists) -> Cached<Select<Item>> {
    Item::find()
        .filter(Column::GroupId.eq(group))
        .filter(Column::Changes.gt(-number))
        .cached()
        .lists(form)
}

async fn measure(world: &World, shape: Shape, shared: bool) -> Result<Vec<Outcome>, Failure> {
    let place = if shared { "Redis" } else { "process" };
    let mut figures: HashMap<&str, Vec<f64>> = HashMap::new();
    for form in FORMS {
        let name = format!("lists-{}-{form:?}", shape.0);
        let repo = repo(world, shared, &name).await?;
        let held = held(world, &repo, shape, form, shared.then_some(&*name)).await?;
        figures.entry("held").or_default().push(held);
        for (what, least) in times(&repo, shape, form).await? {
            figures.entry(what).or_default().push(least);
        }
    }
    let (_, rows, bytes) = shape;
    Ok(["hit", "miss", "changed", "held"]
        .into_iter()
        .filter_map(|what| {
            let name = format!("lists: {what}, {rows} of {bytes} B, {place}");
            Some(Outcome {
                measure: name.leak(),
                unit: if what == "held" { "bytes" } else { "ns" },
                subjects: ["whole", "keys"]
                    .into_iter()
                    .zip(figures.remove(what)?)
                    .collect(),
            })
        })
        .collect())
}

/// A hit; a miss of everything, until it is stored; a read after one row has changed, until it is stored.
async fn times(
    repo: &CachedRepo<Listed>,
    (group, rows, _): Shape,
    form: Lists,
) -> Result<[(&'static str, f64); 3], Failure> {
    let hits = (20_000 / (rows + 10)) as u32;
    let mut least = [f64::MAX; 3];
    let mut note = |at: usize, time: Duration, count: u32| {
        least[at] = least[at].min(time.as_nanos() as f64 / f64::from(count));
    };
    for round in 0..ROUNDS {
        repo.invalidate_entity::<Item>().await?;
        let start = Instant::now();
        black_box(list(group, 1, form).all(repo).await?);
        repo.wait_idle().await;
        note(1, start.elapsed(), 1);
        let prepared = list(group, 1, form).prepare(repo)?;
        prepared.all().await?;
        let start = Instant::now();
        for _ in 0..hits {
            black_box(prepared.all().await?);
        }
        note(0, start.elapsed(), hits);
        let one = Item::update_many()
            .col_expr(Column::Changes, Expr::value(round as i64))
            .filter(Column::Id.eq(group * 10_000));
        one.exec(repo).await?;
        let start = Instant::now();
        black_box(list(group, 1, form).all(repo).await?);
        repo.wait_idle().await;
        note(2, start.elapsed(), 1);
    }
    Ok([("hit", least[0]), ("miss", least[1]), ("changed", least[2])])
}

/// Bytes that all lists of the same rows take.
async fn held(
    world: &World,
    repo: &CachedRepo<Listed>,
    (group, _, bytes): Shape,
    form: Lists,
    namespace: Option<&str>,
) -> Result<f64, Failure> {
    for _ in 0..2 {
        for number in 1..=SAME {
            list(group, number, form).all(repo).await?;
            repo.wait_idle().await;
        }
    }
    if let Some(name) = namespace {
        return in_redis(world, name).await;
    }
    let slot = match form {
        Lists::Keys => size_of::<Value>(),
        _ => size_of::<Arc<dyn std::any::Any>>(),
    };
    let (mut rows, mut slots) = (std::collections::HashSet::new(), 0);
    for number in 1..=SAME {
        for row in list(group, number, form).all(repo).await? {
            slots += slot;
            rows.insert(Arc::as_ptr(&row) as usize);
        }
    }
    let row = size_of::<item::Model>() + 2 * size_of::<usize>() + bytes;
    Ok((rows.len() * row + slots) as f64)
}

async fn in_redis(world: &World, name: &str) -> Result<f64, Failure> {
    let mut redis = world.redis.clone();
    let mut keys = redis::cmd("KEYS");
    let keys: Vec<String> = keys
        .arg(format!("{}:*", world.prefix(name)))
        .query_async(&mut redis)
        .await?;
    let mut sum = 0;
    for key in keys {
        let mut usage = redis::cmd("MEMORY");
        let usage: Option<u64> = usage.arg("USAGE").arg(key).query_async(&mut redis).await?;
        sum += usage.unwrap_or(0);
    }
    Ok(sum as f64)
}
