//! The time crate's dates and times.

use sea_orm::sea_query::value::prelude::time::{
    Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset,
};

use super::CodecError;
use crate::wire::take;

pub(super) fn date(date: Date) -> [u8; 4] {
    date.to_julian_day().to_le_bytes()
}

pub(super) fn time(time: Time) -> [u8; 8] {
    let (hour, minute, second, nanos) = time.as_hms_nano();
    let seconds = (u32::from(hour) * 60 + u32::from(minute)) * 60 + u32::from(second);
    let mut out = [0; 8];
    out[..4].copy_from_slice(&seconds.to_le_bytes());
    out[4..].copy_from_slice(&nanos.to_le_bytes());
    out
}

pub(super) fn date_time(it: PrimitiveDateTime) -> [u8; 12] {
    let mut out = [0; 12];
    out[..4].copy_from_slice(&date(it.date()));
    out[4..].copy_from_slice(&time(it.time()));
    out
}

/// Local date and time, and the offset. Not in UTC: at the ends of the calendar that would be out of range.
pub(super) fn zoned(it: OffsetDateTime) -> [u8; 16] {
    let mut out = [0; 16];
    out[..4].copy_from_slice(&date(it.date()));
    out[4..12].copy_from_slice(&time(it.time()));
    out[12..].copy_from_slice(&it.offset().whole_seconds().to_le_bytes());
    out
}

pub(super) fn take_date(bytes: &mut &[u8]) -> Result<Date, CodecError> {
    let day = i32::from_le_bytes(take(bytes)?);
    Date::from_julian_day(day).map_err(|_| CodecError::Invalid("date"))
}

pub(super) fn take_time(bytes: &mut &[u8]) -> Result<Time, CodecError> {
    let invalid = CodecError::Invalid("time");
    let seconds = u32::from_le_bytes(take(bytes)?);
    let nanos = u32::from_le_bytes(take(bytes)?);
    let hour = u8::try_from(seconds / 3600).map_err(|_| invalid)?;
    let (minute, second) = ((seconds / 60 % 60) as u8, (seconds % 60) as u8);
    Time::from_hms_nano(hour, minute, second, nanos).map_err(|_| invalid)
}

pub(super) fn take_date_time(bytes: &mut &[u8]) -> Result<PrimitiveDateTime, CodecError> {
    Ok(PrimitiveDateTime::new(take_date(bytes)?, take_time(bytes)?))
}

pub(super) fn take_zoned(bytes: &mut &[u8]) -> Result<OffsetDateTime, CodecError> {
    let local = take_date_time(bytes)?;
    let offset = i32::from_le_bytes(take(bytes)?);
    let offset = UtcOffset::from_whole_seconds(offset)
        .map_err(|_| CodecError::Invalid("time zone offset"))?;
    Ok(local.assume_offset(offset))
}
