//! The forms in which what queries find is stored.
//!
//! | form | bytes |
//! |---|---|
//! | [`Plain`] | len, MessagePack with the names of fields |
//! | [`ModelOf`] | a row of [`crate::codec`] |
//! | [`Maybe`] | 0; or 1 and the value |
//! | [`Many`] | count, values |
//! | tuple | one after the other |
//! | [`TreeOf`](super::tree::TreeOf) | a row and its relations |
//!
//! # Rules
//! - A form names itself in the key of the entry ([`Form::name`]): types that are not the same do not meet, and a type that has changed
//!   is another one (rule 12). A model names its shape, everything else the [fingerprint](crate::codec) of its type.
//! - Bytes that do not fit are a miss.

use crate::codec::{decode_row, encode_row, fingerprint};
use crate::error::{Error, ErrorKind};
use crate::port::{self, DecodeError, EncodeError, SeeRow};
use crate::schema::{CachedEntity, Row};
use crate::wire::{put_slice, put_varint, take_byte, take_count, take_slice};
use sea_orm::EntityTrait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::{Any, type_name};
use std::marker::PhantomData;
use std::sync::Arc;

/// How values of one type are stored.
pub trait Form: 'static {
    /// The type.
    type Value: Send + Sync + 'static;

    /// Appends what tells this form from every other.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] if the structure of a type does not show.
    #[doc(hidden)]
    fn name(out: &mut Vec<u8>) -> Result<(), Error>;

    #[doc(hidden)]
    fn put(value: &Self::Value, out: &mut Vec<u8>) -> Result<(), Unfit>;

    #[doc(hidden)]
    fn take(bytes: &mut &[u8]) -> Result<Self::Value, Unfit>;

    #[doc(hidden)]
    fn see(_value: &Self::Value, _row: &mut SeeRow<'_>) {}
}

/// The value, or the bytes, do not fit.
#[derive(Clone, Copy, Debug)]
pub struct Unfit;

impl<E: std::error::Error> From<E> for Unfit {
    fn from(_: E) -> Self {
        Self
    }
}

/// What the engine is to know of a form.
pub(super) fn form<F: Form>() -> port::Form {
    port::Form {
        encode: encode::<F>,
        decode: decode::<F>,
        rows: rows::<F>,
    }
}

fn encode<F: Form>(value: &(dyn Any + Send + Sync)) -> Result<Vec<u8>, EncodeError> {
    let value = value.downcast_ref::<F::Value>().ok_or(EncodeError)?;
    let mut out = Vec::new();
    F::put(value, &mut out).map_err(|_| EncodeError)?;
    Ok(out)
}

fn decode<F: Form>(mut bytes: &[u8]) -> Result<Row, DecodeError> {
    let value = F::take(&mut bytes).map_err(|_| DecodeError)?;
    match bytes.is_empty() {
        true => Ok(Arc::new(value)),
        false => Err(DecodeError),
    }
}

fn rows<F: Form>(value: &(dyn Any + Send + Sync), row: &mut SeeRow<'_>) {
    if let Some(value) = value.downcast_ref::<F::Value>() {
        F::see(value, row);
    }
}

/// A type that serde knows.
#[derive(Debug)]
pub struct Plain<T>(PhantomData<fn() -> T>);

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Form for Plain<T> {
    type Value = T;

    fn name(out: &mut Vec<u8>) -> Result<(), Error> {
        let fingerprint = fingerprint::<T>().map_err(|unshaped| {
            let message = "the answer cannot be stored, because it does not show when its type has changed: put it into a struct with \
                           a version in its name, as in `#[serde(rename = \"report@1\")]`, and raise that with each change";
            Error::new(ErrorKind::Query, message)
                .with("type", type_name::<T>())
                .with("reason", unshaped.why())
        })?;
        out.push(b'=');
        out.extend_from_slice(&fingerprint);
        Ok(())
    }

    fn put(value: &T, out: &mut Vec<u8>) -> Result<(), Unfit> {
        put_slice(out, &rmp_serde::to_vec_named(value)?);
        Ok(())
    }

    fn take(bytes: &mut &[u8]) -> Result<T, Unfit> {
        Ok(rmp_serde::from_slice(take_slice(bytes)?)?)
    }
}

/// A row of an entity: as rows are stored, without serde.
#[derive(Debug)]
pub struct ModelOf<E>(PhantomData<fn() -> E>);

impl<E: CachedEntity> Form for ModelOf<E> {
    type Value = <E as EntityTrait>::Model;

    fn name(out: &mut Vec<u8>) -> Result<(), Error> {
        put_slice(out, E::IDENT.path.as_bytes());
        out.extend_from_slice(&E::META.shape.to_le_bytes());
        Ok(())
    }

    fn put(value: &Self::Value, out: &mut Vec<u8>) -> Result<(), Unfit> {
        Ok(encode_row(&E::to_values(value), out)?)
    }

    fn take(bytes: &mut &[u8]) -> Result<Self::Value, Unfit> {
        E::from_values(decode_row(bytes)?).ok_or(Unfit)
    }

    fn see(value: &Self::Value, row: &mut SeeRow<'_>) {
        row(E::IDENT.id, E::to_values(value));
    }
}

/// A value that may be absent.
#[derive(Debug)]
pub struct Maybe<F>(PhantomData<fn() -> F>);

impl<F: Form> Form for Maybe<F> {
    type Value = Option<F::Value>;

    fn name(out: &mut Vec<u8>) -> Result<(), Error> {
        out.push(b'?');
        F::name(out)
    }

    fn put(value: &Self::Value, out: &mut Vec<u8>) -> Result<(), Unfit> {
        out.push(value.is_some().into());
        value.as_ref().map_or(Ok(()), |value| F::put(value, out))
    }

    fn take(bytes: &mut &[u8]) -> Result<Self::Value, Unfit> {
        match take_byte(bytes)? {
            0 => Ok(None),
            1 => F::take(bytes).map(Some),
            _ => Err(Unfit),
        }
    }

    fn see(value: &Self::Value, row: &mut SeeRow<'_>) {
        value.iter().for_each(|value| F::see(value, row));
    }
}

/// A list of values.
#[derive(Debug)]
pub struct Many<F>(PhantomData<fn() -> F>);

impl<F: Form> Form for Many<F> {
    type Value = Vec<F::Value>;

    fn name(out: &mut Vec<u8>) -> Result<(), Error> {
        out.push(b'*');
        F::name(out)
    }

    fn put(value: &Self::Value, out: &mut Vec<u8>) -> Result<(), Unfit> {
        put_varint(out, value.len() as u64);
        value.iter().try_for_each(|value| F::put(value, out))
    }

    fn take(bytes: &mut &[u8]) -> Result<Self::Value, Unfit> {
        let count = take_count(bytes, 1)?;
        (0..count).map(|_| F::take(bytes)).collect()
    }

    fn see(value: &Self::Value, row: &mut SeeRow<'_>) {
        value.iter().for_each(|value| F::see(value, row));
    }
}

macro_rules! tuples {
    ($(($($form:ident $value:ident),+))*) => {$(
        impl<$($form: Form),+> Form for ($($form,)+) {
            type Value = ($($form::Value,)+);

            fn name(out: &mut Vec<u8>) -> Result<(), Error> {
                out.push(b'(');
                $($form::name(out)?;)+
                out.push(b')');
                Ok(())
            }

            fn put(value: &Self::Value, out: &mut Vec<u8>) -> Result<(), Unfit> {
                let ($($value,)+) = value;
                $($form::put($value, out)?;)+
                Ok(())
            }

            fn take(bytes: &mut &[u8]) -> Result<Self::Value, Unfit> {
                Ok(($($form::take(bytes)?,)+))
            }

            fn see(value: &Self::Value, row: &mut SeeRow<'_>) {
                let ($($value,)+) = value;
                $($form::see($value, row);)+
            }
        }
    )*};
}

tuples! {
    (A a, B b)
    (A a, B b, C c)
    (A a, B b, C c, D d)
    (A a, B b, C c, D d, E e)
    (A a, B b, C c, D d, E e, F f)
}

#[cfg(test)]
mod tests;
