//! Columns of a composite key, one by one.

/// `Self` is a composite key of `COLUMNS` columns, the one at `AT` of type `Column`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`via` has {COLUMNS} columns, but the referenced key is of type `{Self}`",
    label = "expected one column for each part of `{Self}`",
    note = "list one column for each column of the primary key, in its order: `via(a, b)`"
)]
pub trait KeyColumns<const COLUMNS: usize, const AT: usize> {
    /// Type of that column.
    type Column;
}

/// One impl for each position in a tuple of these types.
macro_rules! key_columns {
    ($count:literal: $($all:ident)*; $($at:literal $one:ident)*) => {
        key_columns!(@each $count ($($all,)*) $($at $one)*);
    };
    (@each $count:literal $tuple:tt) => {};
    (@each $count:literal ($($all:ident,)*) $at:literal $one:ident $($rest:tt)*) => {
        impl<$($all),*> KeyColumns<$count, $at> for ($($all,)*) {
            type Column = $one;
        }
        key_columns!(@each $count ($($all,)*) $($rest)*);
    };
}

key_columns!(2: A B; 0 A 1 B);
key_columns!(3: A B C; 0 A 1 B 2 C);
key_columns!(4: A B C D; 0 A 1 B 2 C 3 D);
key_columns!(5: A B C D E; 0 A 1 B 2 C 3 D 4 E);
key_columns!(6: A B C D E F; 0 A 1 B 2 C 3 D 4 E 5 F);
key_columns!(7: A B C D E F G; 0 A 1 B 2 C 3 D 4 E 5 F 6 G);
key_columns!(8: A B C D E F G H; 0 A 1 B 2 C 3 D 4 E 5 F 6 G 7 H);
key_columns!(9: A B C D E F G H I; 0 A 1 B 2 C 3 D 4 E 5 F 6 G 7 H 8 I);
key_columns!(10: A B C D E F G H I J; 0 A 1 B 2 C 3 D 4 E 5 F 6 G 7 H 8 I 9 J);
key_columns!(11: A B C D E F G H I J K; 0 A 1 B 2 C 3 D 4 E 5 F 6 G 7 H 8 I 9 J 10 K);
key_columns!(12: A B C D E F G H I J K L; 0 A 1 B 2 C 3 D 4 E 5 F 6 G 7 H 8 I 9 J 10 K 11 L);
