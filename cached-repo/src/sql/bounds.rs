//! How much of a statement is given to the parser.
//!
//! What nests is limited elsewhere, but sqlparser builds `a AND b AND c ..` as a tree as deep as the chain is long, and
//! that tree is dropped by recursion: a chain of some ten thousand links ends the process. So chains are
//! measured first, on the tokens. The measure errs upwards: everything since the last comma counts, summed over the
//! open parentheses.

use sqlparser::tokenizer::Token;

use super::tokens::is_any;

/// Room for 1,000 rows of 20 columns; above that, rows are not worth knowing one by one.
const MAX_TOKENS: usize = 1 << 16;
/// The longest chain, in tokens: an upper bound of the depth of the tree.
const MAX_CHAIN: usize = 2048;
/// Set operations are chains that commas do not interrupt.
const MAX_SETS: usize = 128;

/// Whether the parser may have these tokens.
pub(super) fn within(tokens: &[Token]) -> bool {
    if tokens.len() > MAX_TOKENS {
        return false;
    }
    let mut sets = 0_usize;
    let mut open: Vec<usize> = Vec::new();
    let mut outer = 0_usize;
    let mut here = 0_usize;
    for token in tokens {
        match token {
            Token::LParen | Token::LBracket | Token::LBrace => {
                open.push(here);
                outer += here + 1;
                here = 0;
            }
            Token::RParen | Token::RBracket | Token::RBrace => {
                let saved = open.pop().unwrap_or_default();
                outer = outer.saturating_sub(saved + 1);
                here = saved + 1;
            }
            Token::Comma => here = 0,
            token => {
                here += 1;
                sets += usize::from(is_any(
                    Some(token),
                    &["UNION", "EXCEPT", "INTERSECT", "MINUS"],
                ));
            }
        }
        if outer + here > MAX_CHAIN || sets > MAX_SETS {
            return false;
        }
    }
    true
}
