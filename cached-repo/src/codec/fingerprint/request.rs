//! What a type asks a deserializer for, and the steps that lead further.

use crate::wire::{put_slice, put_varint};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Request {
    Leaf(&'static str),
    /// Whatever the data holds; what the visitor says that it expects.
    Any(String),
    /// The name of a field that is known by no list.
    Name,
    Option,
    List,
    Map,
    Newtype(&'static str),
    Tuple(&'static str, usize),
    Struct(&'static str, Names),
    Enum(&'static str, Names),
    /// The content of a variant.
    Unit,
    Content,
    ContentTuple(usize),
    ContentStruct(Names),
}

pub(super) type Names = &'static [&'static str];

/// One step into the structure.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// What an option, a newtype or a variant holds, or an element of a list.
    Inner,
    Key,
    Value,
    Item(usize),
    Field(&'static str),
    Variant(&'static str),
}

impl Request {
    /// The declared name of a container.
    pub(super) fn name(&self) -> Option<&'static str> {
        match self {
            Self::Newtype(name) | Self::Struct(name, _) | Self::Enum(name, _) => Some(name),
            Self::Tuple(name, _) if !name.is_empty() => Some(name),
            _ => None,
        }
    }

    pub(super) fn steps(&self) -> Vec<Step> {
        match self {
            Self::Leaf(_) | Self::Any(_) | Self::Name | Self::Unit => Vec::new(),
            Self::Option | Self::List | Self::Newtype(_) | Self::Content => vec![Step::Inner],
            Self::Map => vec![Step::Key, Step::Value],
            Self::Tuple(_, length) | Self::ContentTuple(length) => {
                (0..*length).map(Step::Item).collect()
            }
            Self::Struct(_, fields) | Self::ContentStruct(fields) => {
                fields.iter().map(|name| Step::Field(name)).collect()
            }
            Self::Enum(_, variants) => variants.iter().map(|name| Step::Variant(name)).collect(),
        }
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        let text = |out: &mut Vec<u8>, text: &str| put_slice(out, text.as_bytes());
        let named = |out: &mut Vec<u8>, tag: u8, name: &str, names: Names| {
            out.push(tag);
            text(out, name);
            put_varint(out, names.len() as u64);
            names.iter().for_each(|name| text(out, name));
        };
        match self {
            Self::Leaf(kind) => named(out, 0, kind, &[]),
            Self::Any(visitor) => named(out, 1, visitor, &[]),
            Self::Name => out.push(2),
            Self::Option => out.push(3),
            Self::List => out.push(4),
            Self::Map => out.push(5),
            Self::Newtype(name) => named(out, 6, name, &[]),
            Self::Tuple(name, length) => {
                named(out, 7, name, &[]);
                put_varint(out, *length as u64);
            }
            Self::Struct(name, fields) => named(out, 8, name, fields),
            Self::Enum(name, variants) => named(out, 9, name, variants),
            Self::Unit => out.push(10),
            Self::Content => out.push(11),
            Self::ContentTuple(length) => {
                out.push(12);
                put_varint(out, *length as u64);
            }
            Self::ContentStruct(fields) => named(out, 13, "", fields),
        }
    }
}
