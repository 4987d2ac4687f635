//! The cheap scan: most texts are one `SELECT`, and that is seen without parsing.

use sea_orm::DbBackend;

/// Whether the text is certainly one statement that reads. `false` means "look closer", not "writes".
pub(super) fn is_read(backend: DbBackend, sql: &str) -> bool {
    let bytes = sql.as_bytes();
    let Some(start) = skip_blank(backend, bytes) else {
        return false;
    };
    let rest = &bytes[start..];
    let Some(keyword) = reading_keyword(rest) else {
        return false;
    };
    if has_second_statement(&rest[keyword.len()..]) {
        return false;
    }
    // On PostgreSQL `SELECT .. INTO t` creates a table.
    !(backend == DbBackend::Postgres && contains_into(rest))
}

/// The keyword that begins the text, if it begins nothing but reads on every backend.
fn reading_keyword(text: &[u8]) -> Option<&'static str> {
    ["SELECT", "SHOW", "VALUES"].into_iter().find(|keyword| {
        let end = keyword.len();
        text.get(..end)
            .is_some_and(|word| word.eq_ignore_ascii_case(keyword.as_bytes()))
            && text.get(end).is_none_or(|next| !is_word(*next))
    })
}

/// A semicolon that is followed by anything but blanks and semicolons, in a string or not.
fn has_second_statement(text: &[u8]) -> bool {
    match text.iter().position(|byte| *byte == b';') {
        None => false,
        Some(first) => !text[first..]
            .iter()
            .all(|byte| *byte == b';' || is_blank(*byte)),
    }
}

/// The word `INTO`, in a string or not.
fn contains_into(text: &[u8]) -> bool {
    text.windows(6).any(|window| {
        // The letter that is rarest in SQL first: this loop is most of the scan.
        window[4] | 0x20 == b'o'
            && window[1..5].eq_ignore_ascii_case(b"into")
            // A digit may come before: older servers read `SELECT 1INTO t` as three words.
            && !window[0].is_ascii_alphabetic()
            && !is_word(window[5])
    })
}

/// Where the first word begins, behind blanks and comments; `None` if that is in doubt.
fn skip_blank(backend: DbBackend, text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match *text.get(at)? {
            byte if is_blank(byte) => at += 1,
            b'-' if text.get(at + 1) == Some(&b'-') => at = line_comment(backend, text, at)?,
            b'/' if text.get(at + 1) == Some(&b'*') => at = block_comment(text, at)?,
            _ => return Some(at),
        }
    }
}

fn line_comment(backend: DbBackend, text: &[u8], start: usize) -> Option<usize> {
    // MySQL reads `--x` as two minus signs.
    if backend == DbBackend::MySql && !text.get(start + 2).is_some_and(|byte| is_blank(*byte)) {
        return None;
    }
    let length = text[start..].iter().position(|byte| *byte == b'\n')?;
    let comment = &text[start..start + length];
    // A lone carriage return ends the comment on PostgreSQL only.
    let body = comment.strip_suffix(b"\r").unwrap_or(comment);
    (!body.contains(&b'\r')).then_some(start + length + 1)
}

fn block_comment(text: &[u8], start: usize) -> Option<usize> {
    let body = &text[start + 2..];
    // MySQL executes `/*! .. */`, MariaDB `/*M! .. */` too.
    if body.starts_with(b"!") || body.starts_with(b"M!") || body.starts_with(b"m!") {
        return None;
    }
    let length = body.windows(2).position(|pair| pair == b"*/")?;
    // They nest on PostgreSQL only. The star of the end counts: `/* /*/` opens a second one.
    let nested = body[..=length].windows(2).any(|pair| pair == b"/*");
    (!nested).then_some(start + 2 + length + 2)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Bytes beyond ASCII count as letters: every backend allows them in names.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii()
}
