//! chrono's dates and times.

use sea_orm::sea_query::value::prelude::chrono::{
    DateTime, Datelike, FixedOffset, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeZone,
    Timelike, Utc,
};

use super::CodecError;
use crate::wire::take;

pub(super) fn date(date: NaiveDate) -> [u8; 4] {
    date.num_days_from_ce().to_le_bytes()
}

pub(super) fn time(time: NaiveTime) -> [u8; 8] {
    let mut out = [0; 8];
    out[..4].copy_from_slice(&time.num_seconds_from_midnight().to_le_bytes());
    out[4..].copy_from_slice(&time.nanosecond().to_le_bytes());
    out
}

pub(super) fn date_time(it: NaiveDateTime) -> [u8; 12] {
    let mut out = [0; 12];
    out[..4].copy_from_slice(&date(it.date()));
    out[4..].copy_from_slice(&time(it.time()));
    out
}

/// The instant alone, in UTC.
pub(super) fn instant<Z: TimeZone>(it: &DateTime<Z>) -> [u8; 12] {
    date_time(it.naive_utc())
}

/// The instant, and the offset it is shown with.
pub(super) fn zoned(it: DateTime<FixedOffset>) -> [u8; 16] {
    let mut out = [0; 16];
    out[..12].copy_from_slice(&instant(&it));
    out[12..].copy_from_slice(&it.offset().local_minus_utc().to_le_bytes());
    out
}

pub(super) fn take_date(bytes: &mut &[u8]) -> Result<NaiveDate, CodecError> {
    let days = i32::from_le_bytes(take(bytes)?);
    NaiveDate::from_num_days_from_ce_opt(days).ok_or(CodecError::Invalid("date"))
}

pub(super) fn take_time(bytes: &mut &[u8]) -> Result<NaiveTime, CodecError> {
    let seconds = u32::from_le_bytes(take(bytes)?);
    let nanos = u32::from_le_bytes(take(bytes)?);
    // In two steps: the constructor takes a leap second only as the last of a minute, but an offset with
    // seconds moves it elsewhere.
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)
        .and_then(|time| time.with_nanosecond(nanos))
        .ok_or(CodecError::Invalid("time"))
}

pub(super) fn take_date_time(bytes: &mut &[u8]) -> Result<NaiveDateTime, CodecError> {
    Ok(NaiveDateTime::new(take_date(bytes)?, take_time(bytes)?))
}

pub(super) fn take_utc(bytes: &mut &[u8]) -> Result<DateTime<Utc>, CodecError> {
    Ok(take_date_time(bytes)?.and_utc())
}

pub(super) fn take_local(bytes: &mut &[u8]) -> Result<DateTime<Local>, CodecError> {
    Ok(Local.from_utc_datetime(&take_date_time(bytes)?))
}

pub(super) fn take_zoned(bytes: &mut &[u8]) -> Result<DateTime<FixedOffset>, CodecError> {
    let utc = take_date_time(bytes)?;
    let offset = i32::from_le_bytes(take(bytes)?);
    let offset = FixedOffset::east_opt(offset).ok_or(CodecError::Invalid("time zone offset"))?;
    Ok(DateTime::from_naive_utc_and_offset(utc, offset))
}
