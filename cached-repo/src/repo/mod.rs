//! stub
use crate::__private::KeyOf;
use crate::schema::CachedEntity;
use sea_orm::Value;
/// by key
#[derive(Debug)]
pub struct FindOne<E>(std::marker::PhantomData<E>);
/// many
#[derive(Debug)]
pub struct FindMany<E>(std::marker::PhantomData<E>);
/// unique
#[derive(Debug)]
pub struct FindByUnique<E>(std::marker::PhantomData<E>);
/// index
#[derive(Debug)]
pub struct FindByIndex<E>(std::marker::PhantomData<E>);
impl<E: CachedEntity> FindOne<E> {
    pub(crate) fn new(_: KeyOf<E>) -> Self {
        Self(std::marker::PhantomData)
    }
}
impl<E: CachedEntity> FindMany<E> {
    pub(crate) fn new<I>(_: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<KeyOf<E>>,
    {
        Self(std::marker::PhantomData)
    }
}
impl<E: CachedEntity> FindByUnique<E> {
    pub(crate) fn new(_: usize, _: Vec<Value>) -> Self {
        Self(std::marker::PhantomData)
    }
}
impl<E: CachedEntity> FindByIndex<E> {
    pub(crate) fn new(_: usize, _: Vec<Value>) -> Self {
        Self(std::marker::PhantomData)
    }
}
