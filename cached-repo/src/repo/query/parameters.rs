//! What a cached block is given, and what it answers with.

use sea_orm::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The parameters of a [cached block](crate::CachedRepo::read_cached): a tuple of up to eight values, or a list of [`Value`]s.
///
/// `Kind` tells tuples from lists and is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the parameters of a cached block",
    label = "neither a tuple nor a list of values",
    note = "write a tuple, `(customer_id, \"eu\")`, one of a single value, `(customer_id,)`, a list, `[customer_id.into()]`, or `[]` \
            if there are none"
)]
pub trait BlockParameters<Kind> {
    /// The values, in their order.
    #[doc(hidden)]
    fn into_parameters(self) -> Vec<Value>;
}

/// The `Kind` of lists.
#[derive(Debug)]
pub struct List;

/// The `Kind` of tuples.
#[derive(Debug)]
pub struct Tuple;

#[diagnostic::do_not_recommend]
impl<I: IntoIterator<Item = Value>> BlockParameters<List> for I {
    fn into_parameters(self) -> Vec<Value> {
        self.into_iter().collect()
    }
}

macro_rules! tuples {
    ($(($($type:ident $value:ident),+))*) => {$(
        impl<$($type: Into<Value>),+> BlockParameters<Tuple> for ($($type,)+) {
            fn into_parameters(self) -> Vec<Value> {
                let ($($value,)+) = self;
                vec![$($value.into()),+]
            }
        }
    )*};
}

tuples! {
    (A a)
    (A a, B b)
    (A a, B b, C c)
    (A a, B b, C c, D d)
    (A a, B b, C c, D d, E e)
    (A a, B b, C c, D d, E e, F f)
    (A a, B b, C c, D d, E e, F f, G g)
    (A a, B b, C c, D d, E e, F f, G g, H h)
}

/// What a [cached block](crate::CachedRepo::read_cached) answers with: anything that serde stores and brings back.
#[diagnostic::on_unimplemented(
    message = "a cached block cannot answer with `{Self}`, because it cannot be stored",
    label = "the answer of this block lacks `serde::Serialize` or `serde::Deserialize`",
    note = "put `#[derive(serde::Serialize, serde::Deserialize)]` on the type of the answer, or answer with numbers, texts, tuples \
            and lists of them"
)]
pub trait BlockAnswer: Serialize + DeserializeOwned + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> BlockAnswer for T {}
