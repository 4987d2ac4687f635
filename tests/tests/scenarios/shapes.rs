//! What lies in the store is not to be trusted: other releases, damage, and keys with any bytes.

use cached_repo::{CachedRepo, tag};
use redis::AsyncCommands;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use std::collections::HashMap;
use tests::over::{create_table, repo_over};
use tests::rows::{add_note, note_of, set_note};
use tests::shapes::{First, Second, first, second};
use tests::shop::{Note, Shop};
use tests::{Database, Store, World};

async fn server() -> redis::aio::MultiplexedConnection {
    let shared = testkit::shared::redis().unwrap_or_else(|error| panic!("{error}"));
    let client = redis::Client::open(shared.url()).expect("the address is right");
    let connection = client.get_multiplexed_async_connection().await;
    connection.expect("the server is there")
}

async fn world() -> World {
    World::new(Database::Sqlite, Store::Redis).await
}

/// All keys of the world's namespace.
async fn keys(world: &World) -> Vec<Vec<u8>> {
    let mut connection = server().await;
    let pattern = format!("{}:*", world.namespace());
    let mut found = Vec::new();
    let mut keys = connection
        .scan_match::<_, Vec<u8>>(pattern)
        .await
        .expect("scanned");
    while let Some(key) = keys.next_item().await {
        found.push(key.expect("a key"));
    }
    found
}

async fn both_releases() -> (World, CachedRepo<First>, CachedRepo<Second>) {
    let world = world().await;
    create_table(&world.raw, second::Entity).await;
    let (one, two) = (repo_over(&world).await, repo_over(&world).await);
    for (id, login) in [(1, "ada"), (2, "grace")] {
        let account = second::ActiveModel {
            id: Set(id),
            login: Set(login.to_owned()),
            team: Set(7),
            note: Set(Some(format!("of {login}"))),
        };
        account.insert(&two).await.expect("inserted");
    }
    (world, one, two)
}

async fn old_login(repo: &CachedRepo<First>) -> String {
    let row = first::Entity::find_cached(1).one(repo).await.expect("read");
    repo.wait_idle().await;
    row.expect("there").login.clone()
}

async fn new_row(repo: &CachedRepo<Second>) -> second::Model {
    let row = second::Entity::find_cached(1)
        .one(repo)
        .await
        .expect("read");
    repo.wait_idle().await;
    second::Model::clone(&row.expect("there"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_releases_with_other_columns_each_read_their_own_shape() {
    let (_world, one, two) = both_releases().await;
    for _ in 0..3 {
        assert_eq!(old_login(&one).await, "ada");
        assert_eq!(new_row(&two).await.note.as_deref(), Some("of ada"));
        let team = first::Entity::find_cached_by_team(7)
            .all(&one)
            .await
            .expect("read");
        assert_eq!(team.len(), 2);
        one.wait_idle().await;
        let team = second::Entity::find_cached_by_team(7)
            .all(&two)
            .await
            .expect("read");
        assert_eq!(team[1].note.as_deref(), Some("of grace"));
        two.wait_idle().await;
        let by_login = first::Entity::find_cached_by_login("ada".to_owned())
            .one(&one)
            .await;
        assert_eq!(by_login.expect("read").expect("there").id, 1);
        one.wait_idle().await;
        let by_login = second::Entity::find_cached_by_login("ada".to_owned())
            .one(&two)
            .await;
        assert_eq!(
            by_login.expect("read").expect("there").note.as_deref(),
            Some("of ada")
        );
        two.wait_idle().await;
    }
    for stats in [one.stats(), two.stats()] {
        assert_eq!(
            stats.entity("account").expect("there").undecodable,
            0,
            "{stats:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_of_one_release_is_seen_by_the_other() {
    let (_world, one, two) = both_releases().await;
    assert_eq!(new_row(&two).await.login, "ada");
    let mut change = first::Model {
        id: 1,
        login: "ada".to_owned(),
        team: 7,
    }
    .into_active_model();
    change.login = Set("lovelace".to_owned());
    change.update(&one).await.expect("updated");
    assert_eq!(new_row(&two).await.login, "lovelace");
    assert_eq!(old_login(&one).await, "lovelace");
    let by_login = second::Entity::find_cached_by_login("ada".to_owned())
        .one(&two)
        .await;
    assert!(by_login.expect("read").is_none());
    second::Entity::delete_by_id(1)
        .exec(&two)
        .await
        .expect("deleted");
    assert!(
        first::Entity::find_cached(1)
            .one(&one)
            .await
            .expect("read")
            .is_none()
    );
}

/// Overwrites the stored row with something made from it; the next read must be a counted miss, and the one after a hit.
async fn poisoned(what: &str, poison: impl Fn(&[u8]) -> Vec<u8>, counted: bool) {
    let world = world().await;
    add_note(&world.repo, "n", "there").await;
    note_of(&world.repo, "n").await;
    world.settle().await;
    let mut connection = server().await;
    let key = format!("{}:r:note:=n", world.namespace());
    let sound: Vec<u8> = connection.get(&key).await.expect("read");
    assert!(!sound.is_empty(), "the row is stored under the key");
    let _: () = connection.set(&key, poison(&sound)).await.expect("set");
    let before = world.stats("note");
    assert_eq!(
        note_of(&world.repo, "n").await.as_deref(),
        Some("there"),
        "{what}"
    );
    world.settle().await;
    let after = world.stats("note");
    assert_eq!(
        after.undecodable - before.undecodable,
        u64::from(counted),
        "{what}: {after:?}"
    );
    assert_eq!(after.misses - before.misses, 1, "{what}: {after:?}");
    assert_eq!(
        note_of(&world.repo, "n").await.as_deref(),
        Some("there"),
        "{what}"
    );
    assert_eq!(
        world.stats("note").hits - after.hits,
        1,
        "{what}: it is healed"
    );
    assert_eq!(world.repo.stats().store.outages, 0, "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_was_cut_short_is_a_counted_miss_and_is_healed() {
    for length in [1, 2, 3, 10, 27, 60] {
        poisoned(
            &format!("the first {length} bytes"),
            |sound| sound[..length].to_vec(),
            true,
        )
        .await;
    }
    poisoned(
        "all but one byte",
        |sound| sound[..sound.len() - 1].to_vec(),
        true,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_with_a_flipped_bit_is_a_counted_miss_and_is_healed() {
    let flip = |sound: &[u8], at: usize| {
        let mut bytes = sound.to_vec();
        bytes[at] ^= 4;
        bytes
    };
    for at in [3, 11, 20, 30, 70] {
        poisoned(&format!("byte {at}"), |sound| flip(sound, at), true).await;
    }
    poisoned("the last byte", |sound| flip(sound, sound.len() - 1), true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_of_another_format_or_codec_is_a_counted_miss_and_is_healed() {
    let with = |sound: &[u8], at: usize| {
        let mut bytes = sound.to_vec();
        bytes[at] = 99;
        bytes
    };
    poisoned("another format", |sound| with(sound, 1), true).await;
    poisoned("another codec", |sound| with(sound, 2), true).await;
    poisoned("more at the end", |sound| [sound, b"more"].concat(), true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_in_place_of_a_row_is_a_counted_miss_and_is_healed() {
    poisoned("nothing", |_| Vec::new(), true).await;
    poisoned("text", |_| b"garbage".to_vec(), true).await;
    poisoned("one byte", |_| vec![1], true).await;
    poisoned("a stamp", |_| [&[3][..], &[7; 16], b"0"].concat(), true).await;
    poisoned("an unknown kind", |_| vec![255; 40], true).await;
    poisoned("four megabytes", |_| vec![1; 4 << 20], true).await;
    poisoned(
        "a huge count",
        |sound| [&sound[..27], &[255; 9], &[1; 40]].concat(),
        true,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_in_place_of_a_tag_voids_what_carries_it_and_is_healed() {
    let world = world().await;
    for id in ["n", "m"] {
        add_note(&world.repo, id, &format!("body of {id}")).await;
        note_of(&world.repo, id).await;
    }
    world.settle().await;
    let mut connection = server().await;
    let key = format!("{}:table:note", world.namespace());
    let stamp: Vec<u8> = connection.get(&key).await.expect("read");
    // Damaged tags void all entries under them, and nothing fails.
    for poison in [
        Vec::new(),
        b"garbage".to_vec(),
        stamp[..5].to_vec(),
        vec![3],
    ] {
        let _: () = connection.set(&key, poison).await.expect("set");
        for id in ["n", "m"] {
            let read = note_of(&world.repo, id).await;
            assert_eq!(read, Some(format!("body of {id}")));
            world.settle().await;
        }
        let before = world.stats("note").hits;
        note_of(&world.repo, "n").await;
        assert_eq!(world.stats("note").hits - before, 1, "it is healed");
    }
    set_note(&world.repo, "n", "new").await;
    assert_eq!(note_of(&world.repo, "n").await.as_deref(), Some("new"));
}

fn nasty_texts(random: &mut fastrand::Rng) -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "*",
        "?",
        "[a]",
        "{a}",
        "{}",
        "a:b",
        "a,b",
        "a%2Cb",
        "%",
        "~",
        "=",
        "b1",
        "42",
        "-1",
        "\n",
        "\r\n",
        "a\tb",
        "\u{1F980}",
        "e\u{301}",
        "\u{e9}",
        "*?[]{}:\n\\\"'",
        "r:note:=n",
        "../..",
        "\u{202e}",
        "NULL",
    ]
    .map(str::to_owned)
    .into();
    texts.push("x".repeat(10_000));
    texts.push(format!("{}y", "x".repeat(9_999)));
    texts.extend((0..60).map(|_| {
        (0..random.usize(1..40))
            .map(|_| random.char('\u{1}'..'\u{ffff}'))
            .collect()
    }));
    texts.sort();
    texts.dedup();
    texts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_of_any_text_round_trip_and_none_reaches_another() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let world = world().await;
    let texts = nasty_texts(&mut fastrand::Rng::with_seed(seed));
    let mut bodies: HashMap<&str, String> = HashMap::new();
    for (number, text) in texts.iter().enumerate() {
        add_note(&world.raw, text, &number.to_string()).await;
        bodies.insert(text, number.to_string());
    }
    for _ in 0..2 {
        for text in &texts {
            assert_eq!(
                note_of(&world.repo, text).await.as_ref(),
                bodies.get(&**text),
                "{seed}: {text:?}"
            );
        }
        world.settle().await;
    }
    assert_eq!(world.stats("note").hits, texts.len() as u64);
    // One after the other is written, and none but it is invalidated.
    for text in texts.iter().step_by(5) {
        set_note(&world.repo, text, "new").await;
        bodies.insert(text, "new".to_owned());
    }
    let before = world.stats("note");
    let many = Note::find_cached_many(texts.iter().cloned())
        .all(&world.repo)
        .await
        .expect("read");
    for (text, note) in texts.iter().zip(many) {
        assert_eq!(
            note.map(|note| note.body.clone()).as_ref(),
            bodies.get(&**text),
            "{seed}: {text:?}"
        );
    }
    let misses = world.stats("note").misses - before.misses;
    assert_eq!(misses, texts.len().div_ceil(5) as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_in_the_store_are_made_of_harmless_characters_alone() {
    let world = world().await;
    let texts = nasty_texts(&mut fastrand::Rng::with_seed(7));
    for text in &texts {
        note_of(&world.repo, text).await;
        world.settle().await;
        let tagged = Note::find_cached(text.clone()).tag(tag!(Shop, "any:{}", &**text));
        tagged.one(&world.repo).await.expect("read");
    }
    world.settle().await;
    let keys = keys(&world).await;
    assert!(keys.len() > 2 * texts.len(), "{}", keys.len());
    for key in keys {
        let harmless = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-@:,%=~".contains(byte);
        assert!(
            key.iter().all(harmless),
            "{:?}",
            String::from_utf8_lossy(&key)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_leaves_no_lock_and_a_read_no_lease() {
    let world = world().await;
    add_note(&world.repo, "n", "there").await;
    note_of(&world.repo, "n").await;
    note_of(&world.repo, "absent").await;
    set_note(&world.repo, "n", "new").await;
    note_of(&world.repo, "n").await;
    world.settle().await;
    let mut connection = server().await;
    for key in keys(&world).await {
        let value: Vec<u8> = connection.get(&key).await.expect("read");
        let key = String::from_utf8_lossy(&key).into_owned();
        assert!(
            matches!(value.first(), Some(1 | 3)) || key.ends_with(":sequence"),
            "{key} holds {value:?}"
        );
    }
    let _: &CachedRepo<Shop> = &world.repo;
}
