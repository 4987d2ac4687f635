//! `IpNetwork`: PostgreSQL's `inet` and `cidr`, with the host bits.

use std::net::IpAddr;

use sea_orm::prelude::IpNetwork;

use super::{CodecError, tag};
use crate::wire::{take, take_byte};

/// Appends the tag and the value.
pub(super) fn encode(value: &IpNetwork, out: &mut Vec<u8>) {
    out.push(tag::IP_NETWORK);
    match value.ip() {
        IpAddr::V4(address) => {
            out.push(4);
            out.extend_from_slice(&address.octets());
        }
        IpAddr::V6(address) => {
            out.push(6);
            out.extend_from_slice(&address.octets());
        }
    }
    out.push(value.prefix());
}

/// Reads what stands behind the tag.
pub(super) fn decode(bytes: &mut &[u8]) -> Result<IpNetwork, CodecError> {
    let invalid = CodecError::Invalid("IP network");
    let address: IpAddr = match take_byte(bytes)? {
        4 => take::<4>(bytes)?.into(),
        6 => take::<16>(bytes)?.into(),
        _ => return Err(invalid),
    };
    IpNetwork::new(address, take_byte(bytes)?).map_err(|_| invalid)
}
