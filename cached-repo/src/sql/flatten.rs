//! Makes a statement shallow before the parser sees it.
//!
//! sqlparser descends by recursion, and without optimization a level takes up to 80 KiB of stack: twenty levels of
//! parentheses would end a worker thread. But what stands deep inside a statement says nothing about its writes.
//! So subqueries that only read become `(SELECT 1)`, `CASE .. END` becomes a column, and so does what stands deeper
//! than [`MAX_DEPTH`]: none of it is a pin or a value that is known.

use sqlparser::{
    keywords::Keyword,
    tokenizer::{Token, Word},
};

use super::tokens::{is, is_any, keyword};

/// Open parentheses that the parser sees: a list of tuples of casts takes three.
const MAX_DEPTH: usize = 4;

/// Words that write, wherever they stand in a query.
const WRITING: [&str; 6] = ["INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "INTO"];

/// Whether a word here starts a write, or might. `replace(..)` and `insert(..)` are functions.
fn is_writing(tokens: &[Token], at: usize) -> bool {
    is_any(tokens.get(at), &WRITING) && tokens.get(at + 1) != Some(&Token::LParen)
}

/// Whether a word in these tokens starts a write, or might.
pub(super) fn may_write(tokens: &[Token]) -> bool {
    (0..tokens.len()).any(|at| is_writing(tokens, at))
}

/// The statement without its depths; `None` if parentheses do not match or a write stands too deep.
pub(super) fn flatten(tokens: &[Token]) -> Option<Vec<Token>> {
    let outline = Outline::new(tokens)?;
    let mut flat = Vec::with_capacity(tokens.len());
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            Token::LParen => {
                let end = outline.close(at)?;
                let reads = !outline.writes(at, end);
                let deep = depth >= MAX_DEPTH && end > at + 1;
                if reads && is_any(tokens.get(at + 1), &["SELECT", "WITH"]) {
                    let one = Token::Number("1".to_owned(), false);
                    let query = [Token::LParen, keyword("SELECT", Keyword::SELECT), one];
                    flat.extend(query);
                    at = end;
                } else if deep {
                    if !reads {
                        return None;
                    }
                    flat.extend([Token::LParen, opaque()]);
                    at = end;
                } else {
                    depth += 1;
                    flat.push(Token::LParen);
                    at += 1;
                }
                continue;
            }
            Token::RParen => depth = depth.saturating_sub(1),
            token if is(Some(token), "CASE") => {
                let end = outline.end_of_case(tokens, at)?;
                if !outline.writes(at, end) {
                    flat.push(opaque());
                    at = end + 1;
                    continue;
                }
            }
            _ => {}
        }
        flat.push(token.clone());
        at += 1;
    }
    Some(flat)
}

/// A column that no table has.
fn opaque() -> Token {
    Token::Word(Word {
        value: "\u{0}".to_owned(),
        quote_style: Some('"'),
        keyword: Keyword::NoKeyword,
    })
}

/// Where parentheses close and writes start, for each token.
struct Outline {
    /// The index of the matching parenthesis, for those that open.
    closing: Vec<usize>,
    /// How many writing words stand before the token.
    writing: Vec<usize>,
}

impl Outline {
    fn new(tokens: &[Token]) -> Option<Self> {
        let mut closing = vec![0; tokens.len()];
        let mut writing = Vec::with_capacity(tokens.len() + 1);
        let mut open = Vec::new();
        let mut words = 0_usize;
        for (at, token) in tokens.iter().enumerate() {
            writing.push(words);
            words += usize::from(is_writing(tokens, at));
            match token {
                Token::LParen => open.push(at),
                Token::RParen => *closing.get_mut(open.pop()?)? = at,
                _ => {}
            }
        }
        open.is_empty().then_some(Self { closing, writing })
    }

    fn close(&self, at: usize) -> Option<usize> {
        self.closing.get(at).copied()
    }

    /// Whether a writing word stands in between.
    fn writes(&self, start: usize, end: usize) -> bool {
        self.writing.get(start) != self.writing.get(end)
    }

    /// The `END` of the `CASE` at this index.
    fn end_of_case(&self, tokens: &[Token], start: usize) -> Option<usize> {
        let mut open = 0_usize;
        let mut at = start;
        loop {
            let token = tokens.get(at)?;
            match token {
                Token::LParen => at = self.close(at)?,
                Token::RParen => return None,
                token if is(Some(token), "CASE") => open += 1,
                token if is(Some(token), "END") => {
                    open -= 1;
                    if open == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }
}
