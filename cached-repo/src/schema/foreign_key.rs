//! Columns that hold keys of other entities.

use std::marker::PhantomData;

/// `Self` is the type of a column that holds a key of type `K`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the `via` column has type `{Self}`, but the referenced key has type `{K}`",
    label = "expected `{K}` or `Option<{K}>`",
    note = "a `via` column stores the key of the entity it depends on; use `references = <column>` if it points at another unique column"
)]
pub trait ForeignKeyOf<K> {}
#[diagnostic::do_not_recommend]
impl<K> ForeignKeyOf<K> for K {}
#[diagnostic::do_not_recommend]
impl<K> ForeignKeyOf<K> for Option<K> {}

/// A column of type `F`, without a value.
#[doc(hidden)]
#[derive(Debug)]
pub struct Column<F>(PhantomData<F>);

impl<F> Column<F> {
    /// The column that this function reads.
    pub const fn read_by<M>(_read: fn(M) -> F) -> Self {
        Self(PhantomData)
    }
}

/// `Self` are the columns that hold a composite key of type `K`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the `via` columns do not fit the referenced key, whose type is `{K}`",
    label = "expected columns of the types `{K}`",
    note = "list one column for each column of the primary key, in its order: `via(a, b)`; each may be an `Option`"
)]
pub trait ForeignKeysOf<K> {}

macro_rules! foreign_keys {
    ($($column:ident $key:ident),*) => {
        #[diagnostic::do_not_recommend]
        impl<$($column: ForeignKeyOf<$key>, $key),*> ForeignKeysOf<($($key,)*)> for ($(Column<$column>,)*) {}
    };
}

foreign_keys!(A P, B Q);
foreign_keys!(A P, B Q, C R);
foreign_keys!(A P, B Q, C R, D S);
foreign_keys!(A P, B Q, C R, D S, E T);
foreign_keys!(A P, B Q, C R, D S, E T, F U);
foreign_keys!(A P, B Q, C R, D S, E T, F U, G V);
foreign_keys!(A P, B Q, C R, D S, E T, F U, G V, H W);
foreign_keys!(A P, B Q, C R, D S, E T, F U, G V, H W, I X);
foreign_keys!(A P, B Q, C R, D S, E T, F U, G V, H W, I X, J Y);
foreign_keys!(A P, B Q, C R, D S, E T, F U, G V, H W, I X, J Y, K Z);
foreign_keys!(A P, B Q, C R, D S, E T, F U, G V, H W, I X, J Y, K Z, L AA);
