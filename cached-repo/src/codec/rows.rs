//! Payloads of a schema's entities, encoded column by column.

use super::{decode_whole_row, encode_row};
use crate::entry::Body;
use crate::port::{Codec, DecodeError, EncodeError, Encoded, Payload};
use crate::schema::{Row, Schema};
use sea_orm::Value;
use std::sync::Arc;

/// The codec of a schema.
#[derive(Debug)]
pub(crate) struct RowCodec(Arc<Schema>);

impl RowCodec {
    pub(crate) fn new(schema: Arc<Schema>) -> Self {
        Self(schema)
    }

    fn row(&self, entity: u16, row: &Row) -> Result<Vec<u8>, EncodeError> {
        bytes(&(self.0.entity(entity).rows.values)(&**row))
    }

    fn rebuild(&self, entity: u16, bytes: &[u8]) -> Result<Row, DecodeError> {
        (self.0.entity(entity).rows.rebuild)(values(bytes)?).ok_or(DecodeError)
    }
}

fn bytes(values: &[Value]) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::with_capacity(values.len() * 12);
    encode_row(values, &mut out).map_err(|_| EncodeError)?;
    Ok(out)
}

fn values(bytes: &[u8]) -> Result<Vec<Value>, DecodeError> {
    decode_whole_row(bytes).map_err(|_| DecodeError)
}

impl Codec for RowCodec {
    fn shape(&self, entity: u16) -> u64 {
        self.0.entity(entity).meta.shape
    }

    fn encode(&self, entity: u16, payload: &Payload) -> Result<Encoded, EncodeError> {
        Ok(match payload {
            Payload::Absent => Encoded::Absent,
            Payload::Row(row) => Encoded::Row(self.row(entity, row)?),
            Payload::Rows(rows) => {
                let rows: Result<_, _> = rows.iter().map(|row| self.row(entity, row)).collect();
                Encoded::Rows(rows?)
            }
            Payload::Pointer(key) => Encoded::Pointer(bytes(key)?),
            Payload::Keys(keys) => {
                let arity = self.0.entity(entity).key.len().max(1);
                let keys: Result<_, _> = keys.chunks(arity).map(bytes).collect();
                Encoded::Keys(keys?)
            }
            Payload::Bytes(bytes) => Encoded::Value(Arc::clone(bytes)),
        })
    }

    fn decode(&self, entity: u16, body: &Body<'_>) -> Result<Payload, DecodeError> {
        Ok(match body {
            Body::Absent => Payload::Absent,
            Body::Row(bytes) => Payload::Row(self.rebuild(entity, bytes)?),
            Body::Rows(rows) => {
                let rows: Result<Vec<Row>, _> = rows
                    .iter()
                    .map(|bytes| self.rebuild(entity, bytes))
                    .collect();
                Payload::Rows(rows?.into())
            }
            Body::Pointer(bytes) => Payload::Pointer(values(bytes)?.into()),
            Body::Keys(keys) => {
                let arity = self.0.entity(entity).key.len();
                let mut all = Vec::with_capacity(keys.len() * arity);
                for key in keys {
                    let key = values(key)?;
                    if key.len() != arity {
                        return Err(DecodeError);
                    }
                    all.extend(key);
                }
                Payload::Keys(all.into())
            }
            Body::Value(bytes) => Payload::Bytes((*bytes).into()),
        })
    }
}
