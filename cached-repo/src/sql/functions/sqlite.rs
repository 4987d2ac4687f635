//! SQLite: its own functions, whether they are compiled in or not.

use super::{Nature, has};

/// Those of time are steady if they are given a time: see `sql/varying.rs`.
const STEADY: &str = "
abs acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow power radians round
sign sin sinh sqrt tan tanh trunc
char concat concat_ws format glob hex instr length like lower ltrim octet_length printf quote replace rtrim soundex substr substring
trim unhex unicode unistr unistr_quote upper zeroblob match regexp
cast coalesce exists if ifnull iif likelihood likely nullif row subtype typeof unlikely sqlite_compileoption_get
sqlite_compileoption_used
date datetime julianday strftime time timediff unixepoch
avg count group_concat max median min percentile percentile_cont percentile_disc string_agg sum total
cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
json jsonb bm25 highlight matchinfo offsets snippet";

/// Beginnings of the names of whole families.
const FAMILIES: [&str; 3] = ["json_", "jsonb_", "geopoly_"];

const VARY: &str = "
changes current_date current_time current_timestamp last_insert_rowid random randomblob sqlite_offset sqlite_source_id
sqlite_version total_changes";

const ACT: &str = "edit fts3_tokenizer load_extension sqlite_log writefile";

/// What is known of the name, in lower case.
pub(super) fn built_in(name: &str) -> Option<Nature> {
    if has(ACT, name) {
        Some(Nature::Acts)
    } else if has(VARY, name) {
        Some(Nature::Varies)
    } else {
        let is_family = FAMILIES.iter().any(|family| name.starts_with(family));
        (is_family || has(STEADY, name)).then_some(Nature::Steady)
    }
}
