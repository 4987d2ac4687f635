//! Types inside of types.

use syn::{GenericArgument, PathArguments, PathSegment, Type};

/// `T` of `Option<T>`.
pub(crate) fn argument(segment: &PathSegment) -> Option<&Type> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        },
        _ => None,
    }
}
