//! About how much memory an entry takes.

use crate::port::Payload;
use crate::schema::Schema;
use sea_orm::Value;

/// What the store in the process needs for an entry besides its payload: key, slot, counted pointers.
const FRAME: usize = 160;

/// Bytes that the payload and what surrounds it take, roughly: values that are no text and no bytes count as they lie in
/// the model.
pub(in crate::engine) fn weigh(schema: &Schema, entity: u16, payload: &Payload) -> u64 {
    let rows = &schema.entity(entity).rows;
    let row = |row: &crate::schema::Row| {
        let values = (rows.values)(&**row);
        rows.size + values.iter().map(heap).sum::<usize>()
    };
    let bytes = match payload {
        Payload::Absent => 0,
        Payload::Bytes(bytes) => bytes.len(),
        Payload::Row(one) => row(one),
        Payload::Rows(many) => many.iter().map(row).sum(),
        Payload::Pointer(key) | Payload::Keys(key) => key
            .iter()
            .map(|value| size_of::<Value>() + heap(value))
            .sum(),
    };
    (FRAME + bytes) as u64
}

/// Bytes outside of the value itself.
fn heap(value: &Value) -> usize {
    match value {
        Value::String(Some(text)) => text.len(),
        Value::Bytes(Some(bytes)) => bytes.len(),
        #[cfg(feature = "with-json")]
        Value::Json(Some(json)) => json.to_string().len(),
        #[cfg(feature = "postgres-array")]
        Value::Array(_, Some(values)) => values
            .iter()
            .map(|value| size_of::<Value>() + heap(value))
            .sum(),
        _ => 0,
    }
}
