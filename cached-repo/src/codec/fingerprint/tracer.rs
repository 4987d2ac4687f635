//! The deserializer that follows one path.

use super::dummy::Dummy;
use super::request::{Names, Request, Step};
use serde::de::value::{Error, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, IntoDeserializer, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};

/// One run of a type's `Deserialize`.
pub(super) struct Run<'a> {
    /// What is left of the path.
    pub(super) path: &'a [Step],
    /// How each value is made up that stands before its end.
    pub(super) ways: &'a mut Vec<usize>,
    /// How many there have been.
    pub(super) made_up: usize,
    pub(super) found: Option<Request>,
}

pub(super) struct Tracer<'a, 'b>(pub(super) &'a mut Run<'b>);

/// A run ends by an error, which nobody reads.
fn end<T>() -> Result<T, Error> {
    Err(Error::custom("the end of the path"))
}

impl Tracer<'_, '_> {
    /// The next step; none at the end of the path, where the request is noted.
    fn next(&mut self, request: impl FnOnce() -> Request) -> Option<Step> {
        let run = &mut *self.0;
        match run.path.split_first() {
            Some((step, rest)) => {
                run.path = rest;
                Some(*step)
            }
            None => {
                run.found.get_or_insert_with(request);
                None
            }
        }
    }

    fn note<T>(mut self, request: Request) -> Result<T, Error> {
        self.next(|| request);
        end()
    }

    fn leaf<T>(self, kind: &'static str) -> Result<T, Error> {
        self.note(Request::Leaf(kind))
    }

    fn dummy(&mut self) -> Dummy {
        let run = &mut *self.0;
        if run.ways.len() == run.made_up {
            run.ways.push(0);
        }
        let way = run.ways[run.made_up];
        run.made_up += 1;
        Dummy { way, depth: 0 }
    }

    fn tuple<'de, V: Visitor<'de>>(
        mut self,
        request: Request,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.next(|| request) {
            Some(Step::Item(at)) => visitor.visit_seq(Items {
                tracer: Some(self),
                before: at,
            }),
            _ => end(),
        }
    }

    fn fields<'de, V: Visitor<'de>>(
        mut self,
        request: Request,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.next(|| request) {
            Some(step @ Step::Field(_)) => visitor.visit_map(Entry {
                tracer: Some(self),
                step,
            }),
            _ => end(),
        }
    }
}

macro_rules! leaves {
    ($($method:ident $kind:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            self.leaf($kind)
        }
    )*};
}

impl<'de> Deserializer<'de> for Tracer<'_, '_> {
    type Error = Error;

    /// As the format in which values are stored.
    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let expected: &dyn Expected = &visitor;
        let request = Request::Any(expected.to_string());
        self.note(request)
    }

    leaves! {
        deserialize_bool "bool";
        deserialize_i8 "i8";
        deserialize_i16 "i16";
        deserialize_i32 "i32";
        deserialize_i64 "i64";
        deserialize_i128 "i128";
        deserialize_u8 "u8";
        deserialize_u16 "u16";
        deserialize_u32 "u32";
        deserialize_u64 "u64";
        deserialize_u128 "u128";
        deserialize_f32 "f32";
        deserialize_f64 "f64";
        deserialize_char "char";
        deserialize_str "text";
        deserialize_string "text";
        deserialize_bytes "bytes";
        deserialize_byte_buf "bytes";
        deserialize_unit "unit";
        deserialize_ignored_any "ignored";
    }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        match self.next(|| Request::Option) {
            Some(Step::Inner) => visitor.visit_some(self),
            _ => end(),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: V,
    ) -> Result<V::Value, Error> {
        self.note(Request::Struct(name, &[]))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.next(|| Request::Newtype(name)) {
            Some(Step::Inner) => visitor.visit_newtype_struct(self),
            _ => end(),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        match self.next(|| Request::List) {
            Some(Step::Inner) => visitor.visit_seq(Items {
                tracer: Some(self),
                before: 0,
            }),
            _ => end(),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.tuple(Request::Tuple("", length), visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.tuple(Request::Tuple(name, length), visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        match self.next(|| Request::Map) {
            Some(step @ (Step::Key | Step::Value)) => visitor.visit_map(Entry {
                tracer: Some(self),
                step,
            }),
            _ => end(),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: Names,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.fields(Request::Struct(name, fields), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        variants: Names,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.next(|| Request::Enum(name, variants)) {
            Some(Step::Variant(name)) => visitor.visit_enum(Variant { tracer: self, name }),
            _ => end(),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        self.note(Request::Name)
    }
}

/// The element that the path leads to, behind elements that are made up.
struct Items<'a, 'b> {
    tracer: Option<Tracer<'a, 'b>>,
    before: usize,
}

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        match (&mut self.tracer, self.before) {
            (Some(tracer), 1..) => {
                self.before -= 1;
                seed.deserialize(tracer.dummy()).map(Some)
            }
            _ => match self.tracer.take() {
                Some(tracer) => seed.deserialize(tracer).map(Some),
                None => end(),
            },
        }
    }
}

/// The field, or the part of a map, that the path leads to.
struct Entry<'a, 'b> {
    tracer: Option<Tracer<'a, 'b>>,
    step: Step,
}

impl<'de> MapAccess<'de> for Entry<'_, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        match (self.step, &mut self.tracer) {
            (Step::Field(name), Some(_)) => {
                let name: StrDeserializer<'static, Error> = name.into_deserializer();
                seed.deserialize(name).map(Some)
            }
            (Step::Value, Some(tracer)) => seed.deserialize(tracer.dummy()).map(Some),
            _ => match self.tracer.take() {
                Some(tracer) => seed.deserialize(tracer).map(Some),
                None => end(),
            },
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        match self.tracer.take() {
            Some(tracer) => seed.deserialize(tracer),
            None => end(),
        }
    }
}

/// The variant that the path leads to.
struct Variant<'a, 'b> {
    tracer: Tracer<'a, 'b>,
    name: &'static str,
}

impl<'de, 'a, 'b> EnumAccess<'de> for Variant<'a, 'b> {
    type Error = Error;
    type Variant = Tracer<'a, 'b>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Tracer<'a, 'b>), Error> {
        let name: StrDeserializer<'static, Error> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self.tracer))
    }
}

impl<'de> VariantAccess<'de> for Tracer<'_, '_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        self.note(Request::Unit)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(mut self, seed: T) -> Result<T::Value, Error> {
        match self.next(|| Request::Content) {
            Some(Step::Inner) => seed.deserialize(self),
            _ => end(),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        self.tuple(Request::ContentTuple(length), visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: Names, visitor: V) -> Result<V::Value, Error> {
        self.fields(Request::ContentStruct(fields), visitor)
    }
}
