//! JSON documents: a tree of nodes, with exact numbers.

use sea_orm::sea_query::value::prelude::serde_json::{Map, Number, Value as Json, from_str};

use super::{CodecError, JSON_DEPTH, first_capacity};
use crate::wire::{put_slice, put_varint, take, take_byte, take_count, take_str, take_varint};

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const UNSIGNED: u8 = 3;
const NEGATIVE: u8 = 4;
const FLOAT: u8 = 5;
const TEXT_NUMBER: u8 = 6;
const STRING: u8 = 7;
const ARRAY: u8 = 8;
const OBJECT: u8 = 9;

/// Appends a document.
pub(super) fn encode(json: &Json, out: &mut Vec<u8>) -> Result<(), CodecError> {
    encode_at(json, out, JSON_DEPTH)
}

/// Reads a document.
pub(super) fn decode(bytes: &mut &[u8]) -> Result<Json, CodecError> {
    decode_at(bytes, JSON_DEPTH)
}

fn encode_at(json: &Json, out: &mut Vec<u8>, depth: usize) -> Result<(), CodecError> {
    match json {
        Json::Null => out.push(NULL),
        Json::Bool(value) => out.push(if *value { TRUE } else { FALSE }),
        Json::Number(number) => encode_number(number, out),
        Json::String(text) => {
            out.push(STRING);
            put_slice(out, text.as_bytes());
        }
        Json::Array(items) => {
            let depth = depth.checked_sub(1).ok_or(CodecError::TooDeep)?;
            out.push(ARRAY);
            put_varint(out, items.len() as u64);
            for item in items {
                encode_at(item, out, depth)?;
            }
        }
        Json::Object(members) => {
            let depth = depth.checked_sub(1).ok_or(CodecError::TooDeep)?;
            out.push(OBJECT);
            put_varint(out, members.len() as u64);
            for (key, member) in members {
                put_slice(out, key.as_bytes());
                encode_at(member, out, depth)?;
            }
        }
    }
    Ok(())
}

fn decode_at(bytes: &mut &[u8], depth: usize) -> Result<Json, CodecError> {
    Ok(match take_byte(bytes)? {
        NULL => Json::Null,
        FALSE => Json::Bool(false),
        TRUE => Json::Bool(true),
        STRING => Json::String(take_str(bytes)?.to_owned()),
        ARRAY => {
            let depth = depth.checked_sub(1).ok_or(CodecError::TooDeep)?;
            let count = take_count(bytes, 1)?;
            let mut items = Vec::with_capacity(first_capacity(count));
            for _ in 0..count {
                items.push(decode_at(bytes, depth)?);
            }
            Json::Array(items)
        }
        OBJECT => {
            let depth = depth.checked_sub(1).ok_or(CodecError::TooDeep)?;
            // A member is at least the length of its key and a node.
            let count = take_count(bytes, 2)?;
            let mut members = Map::new();
            for _ in 0..count {
                let key = take_str(bytes)?.to_owned();
                if members.insert(key, decode_at(bytes, depth)?).is_some() {
                    return Err(CodecError::Invalid("JSON object"));
                }
            }
            Json::Object(members)
        }
        node => Json::Number(decode_number(node, bytes)?),
    })
}

/// The three kinds of number that serde_json has by itself.
enum Plain {
    Unsigned(u64),
    /// Below zero.
    Negative(i64),
    /// Finite.
    Float(f64),
}

/// `None` when the number is none of the three, which happens only when some crate of the program turned
/// serde_json's `arbitrary_precision` on: then `1.10` is not the float 1.1.
fn plain(number: &Number) -> Option<Plain> {
    if let Some(value) = number.as_u64() {
        return (Number::from(value) == *number).then_some(Plain::Unsigned(value));
    }
    if let Some(value) = number.as_i64() {
        return (value < 0 && Number::from(value) == *number).then_some(Plain::Negative(value));
    }
    let value = number.as_f64()?;
    (Number::from_f64(value)? == *number).then_some(Plain::Float(value))
}

fn encode_number(number: &Number, out: &mut Vec<u8>) {
    match plain(number) {
        Some(Plain::Unsigned(value)) => {
            out.push(UNSIGNED);
            put_varint(out, value);
        }
        Some(Plain::Negative(value)) => {
            out.push(NEGATIVE);
            // In two's complement `!n` is `-1 - n`: from zero up, without overflow.
            put_varint(out, !value as u64);
        }
        Some(Plain::Float(value)) => {
            out.push(FLOAT);
            out.extend_from_slice(&value.to_le_bytes());
        }
        None => {
            out.push(TEXT_NUMBER);
            put_slice(out, number.to_string().as_bytes());
        }
    }
}

fn decode_number(node: u8, bytes: &mut &[u8]) -> Result<Number, CodecError> {
    let invalid = CodecError::Invalid("JSON number");
    match node {
        UNSIGNED => Ok(take_varint(bytes)?.into()),
        NEGATIVE => {
            let below = i64::try_from(take_varint(bytes)?).map_err(|_| invalid)?;
            Ok((!below).into())
        }
        FLOAT => Number::from_f64(f64::from_le_bytes(take(bytes)?)).ok_or(invalid),
        TEXT_NUMBER => {
            let text = take_str(bytes)?;
            let number: Number = from_str(text).map_err(|_| invalid)?;
            // A process without arbitrary precision would round it: better that it asks the source.
            let exact = plain(&number).is_none() && number.to_string() == text;
            if exact { Ok(number) } else { Err(invalid) }
        }
        _ => Err(CodecError::Invalid("JSON node")),
    }
}
