//! Rows with the rows that SeaORM has loaded with them: `ModelEx`, stored without serde, which forgets some of its states.
//!
//! | part | bytes |
//! |---|---|
//! | row | its shape and its relations', a row of [`crate::codec`], relations in the order of the fields |
//! | relation to one row | 0 not loaded; 1 loaded, and there is none; 2 loaded, and the row |
//! | relation to many rows | 0 not loaded; 1 loaded, count, rows |
//!
//! A related entity that is not cached has no form. Then what is loaded of it cannot be stored, and nothing else is in the way.

use super::form::{Form, Unfit};
use crate::codec::{decode_row, encode_row};
use crate::error::Error;
use crate::port::SeeRow;
use crate::schema::CachedEntity;
use crate::wire::{put_slice, put_varint, take_byte, take_count};
use sea_orm::prelude::{BelongsTo, HasMany, HasOne};
use sea_orm::{EntityTrait, ModelTrait};
use std::marker::PhantomData;

type Model<E> = <E as EntityTrait>::Model;
type ModelEx<E> = <E as EntityTrait>::ModelEx;

const UNLOADED: u8 = 0;
const LOADED: u8 = 1;
const FOUND: u8 = 2;

/// An entity whose relations the derive has seen; implemented by `#[derive(CachedEntity)]` in the dense format.
pub trait CachedTree: CachedEntity {
    /// Changes when its relations do.
    const RELATIONS: u64;

    /// Appends the relations of a row.
    fn put_relations(model: &ModelEx<Self>, out: &mut Vec<u8>) -> Result<(), Unfit>;

    /// A row with its relations.
    fn take_relations(model: Model<Self>, bytes: &mut &[u8]) -> Result<ModelEx<Self>, Unfit>;

    /// Shows the rows of its relations.
    fn see_relations(model: &ModelEx<Self>, row: &mut SeeRow<'_>);
}

/// How rows of one entity are stored with what was loaded with them.
#[derive(Debug)]
pub struct TreeForm<E: EntityTrait> {
    put: fn(&E::ModelEx, &mut Vec<u8>) -> Result<(), Unfit>,
    take: fn(&mut &[u8]) -> Result<E::ModelEx, Unfit>,
    see: fn(&E::ModelEx, &mut SeeRow<'_>),
}

/// Asks whether an entity has a form: `Tree::<order::Entity>::FORM`. The answer is the inherent constant if there is one,
/// that of [`Treeless`] otherwise.
#[derive(Debug)]
pub struct Tree<E>(PhantomData<E>);

/// What [`Tree`] answers for entities that are not cached, or do not show their relations.
pub trait Treeless {
    /// The entity.
    type Entity: EntityTrait;
    /// None.
    const FORM: Option<TreeForm<Self::Entity>> = None;
}

impl<E: EntityTrait> Treeless for Tree<E> {
    type Entity = E;
}

impl<E: CachedTree> Tree<E> {
    /// How its rows are stored.
    pub const FORM: Option<TreeForm<E>> = Some(TreeForm {
        put: put::<E>,
        take: take::<E>,
        see: see::<E>,
    });
}

const fn shape<E: CachedTree>() -> u64 {
    E::META.shape.rotate_left(1) ^ E::RELATIONS
}

fn put<E: CachedTree>(model: &ModelEx<E>, out: &mut Vec<u8>) -> Result<(), Unfit> {
    out.extend_from_slice(&shape::<E>().to_le_bytes());
    let columns = E::COLUMNS.iter();
    let values: Vec<_> = columns.map(|column| model.get(*column)).collect();
    encode_row(&values, out)?;
    E::put_relations(model, out)
}

fn take<E: CachedTree>(bytes: &mut &[u8]) -> Result<ModelEx<E>, Unfit> {
    let (head, rest) = bytes.split_first_chunk().ok_or(Unfit)?;
    if u64::from_le_bytes(*head) != shape::<E>() {
        return Err(Unfit);
    }
    *bytes = rest;
    let row = decode_row(bytes)?;
    E::take_relations(E::from_values(row).ok_or(Unfit)?, bytes)
}

fn see<E: CachedTree>(model: &ModelEx<E>, row: &mut SeeRow<'_>) {
    let columns = E::COLUMNS.iter();
    row(
        E::IDENT.id,
        columns.map(|column| model.get(*column)).collect(),
    );
    E::see_relations(model, row);
}

/// A row of `E` with what was loaded with it.
#[derive(Debug)]
pub(super) struct TreeOf<E>(PhantomData<fn() -> E>);

impl<E> Form for TreeOf<E>
where
    E: CachedTree<ModelEx: Send + Sync + 'static>,
{
    type Value = ModelEx<E>;

    fn name(out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(b"tree");
        put_slice(out, E::IDENT.path.as_bytes());
        out.extend_from_slice(&shape::<E>().to_le_bytes());
        Ok(())
    }

    fn put(value: &Self::Value, out: &mut Vec<u8>) -> Result<(), Unfit> {
        put::<E>(value, out)
    }

    fn take(bytes: &mut &[u8]) -> Result<Self::Value, Unfit> {
        take::<E>(bytes)
    }

    fn see(value: &Self::Value, row: &mut SeeRow<'_>) {
        see::<E>(value, row);
    }
}

type FormOf<E> = Option<TreeForm<E>>;

/// Appends a row, if there is a form for it.
fn put_one<E: EntityTrait>(
    model: &E::ModelEx,
    form: &FormOf<E>,
    out: &mut Vec<u8>,
) -> Result<(), Unfit> {
    (form.as_ref().ok_or(Unfit)?.put)(model, out)
}

fn take_one<E: EntityTrait>(form: &FormOf<E>, bytes: &mut &[u8]) -> Result<E::ModelEx, Unfit> {
    (form.as_ref().ok_or(Unfit)?.take)(bytes)
}

fn see_one<E: EntityTrait>(model: &E::ModelEx, form: &FormOf<E>, row: &mut SeeRow<'_>) {
    if let Some(form) = form {
        (form.see)(model, row);
    }
}

/// Whether it was loaded, and what was found.
type State<T> = Option<Option<T>>;

fn put_state<E: EntityTrait>(
    state: State<&E::ModelEx>,
    form: &FormOf<E>,
    out: &mut Vec<u8>,
) -> Result<(), Unfit> {
    match state {
        None => out.push(UNLOADED),
        Some(None) => out.push(LOADED),
        Some(Some(model)) => {
            out.push(FOUND);
            put_one(model, form, out)?;
        }
    }
    Ok(())
}

fn take_state<E: EntityTrait>(
    form: &FormOf<E>,
    bytes: &mut &[u8],
) -> Result<State<Box<E::ModelEx>>, Unfit> {
    match take_byte(bytes)? {
        UNLOADED => Ok(None),
        LOADED => Ok(Some(None)),
        FOUND => Ok(Some(Some(Box::new(take_one(form, bytes)?)))),
        _ => Err(Unfit),
    }
}

/// The functions of one way to write a relation to one row.
macro_rules! to_one {
    (
        $kind:ident, $holder:ty, $put:ident, $take:ident, $see:ident,
        |$loaded:ident| $shown:expr, |$found:ident| $made:expr
    ) => {
        #[doc = concat!("Appends a `", stringify!($holder), "`.")]
        pub fn $put<E: EntityTrait>(
            field: &$holder,
            form: &FormOf<E>,
            out: &mut Vec<u8>,
        ) -> Result<(), Unfit> {
            let state = match field {
                $kind::Unloaded => None,
                $kind::Loaded($loaded) => Some($shown),
            };
            put_state(state, form, out)
        }

        #[doc = concat!("A `", stringify!($holder), "`.")]
        pub fn $take<E: EntityTrait>(
            form: &FormOf<E>,
            bytes: &mut &[u8],
        ) -> Result<$holder, Unfit> {
            Ok(match take_state(form, bytes)? {
                None => $kind::Unloaded,
                Some($found) => $kind::Loaded($made),
            })
        }

        #[doc = concat!("Shows the rows in a `", stringify!($holder), "`.")]
        pub fn $see<E: EntityTrait>(field: &$holder, form: &FormOf<E>, row: &mut SeeRow<'_>) {
            if let $kind::Loaded($loaded) = field
                && let Some(model) = $shown
            {
                see_one(model, form, row);
            }
        }
    };
}

to_one! {
    HasOne, HasOne<E>, put_has_one, take_has_one, see_has_one, |loaded| loaded.as_deref(), |found| found
}

to_one! {
    BelongsTo, BelongsTo<E>, put_belongs_to, take_belongs_to, see_belongs_to, |loaded| Some(&**loaded), |found| found.ok_or(Unfit)?
}

to_one! {
    BelongsTo, BelongsTo<Option<E>>, put_belongs_to_option, take_belongs_to_option, see_belongs_to_option,
    |loaded| loaded.as_deref(), |found| found
}

/// Appends a `HasMany<E>`.
pub fn put_has_many<E: EntityTrait>(
    field: &HasMany<E>,
    form: &FormOf<E>,
    out: &mut Vec<u8>,
) -> Result<(), Unfit> {
    let HasMany::Loaded(models) = field else {
        out.push(UNLOADED);
        return Ok(());
    };
    out.push(LOADED);
    put_varint(out, models.len() as u64);
    models
        .iter()
        .try_for_each(|model| put_one(model, form, out))
}

/// A `HasMany<E>`.
pub fn take_has_many<E: EntityTrait>(
    form: &FormOf<E>,
    bytes: &mut &[u8],
) -> Result<HasMany<E>, Unfit> {
    match take_byte(bytes)? {
        UNLOADED => Ok(HasMany::Unloaded),
        LOADED => {
            let count = take_count(bytes, 1)?;
            let models = (0..count).map(|_| take_one(form, bytes));
            Ok(HasMany::Loaded(models.collect::<Result<_, _>>()?))
        }
        _ => Err(Unfit),
    }
}

/// Shows the rows in a `HasMany<E>`.
pub fn see_has_many<E: EntityTrait>(field: &HasMany<E>, form: &FormOf<E>, row: &mut SeeRow<'_>) {
    if let HasMany::Loaded(models) = field {
        models.iter().for_each(|model| see_one(model, form, row));
    }
}
