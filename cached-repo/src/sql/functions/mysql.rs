//! MySQL and MariaDB: their own functions.

use super::{Nature, has};

const STEADY: &str = "
abs acos asin atan atan2 ceil ceiling conv cos cot crc32 crc32c degrees exp floor greatest least ln log log10 log2 mod oct pi pow
power radians round sign sin sqrt tan truncate bit_count
ascii bin bit_length char char_length character_length chr concat concat_ws elt export_set extractvalue field find_in_set format
from_base64 hex insert instr lcase left length lengthb locate lower lpad ltrim make_set match mid natural_sort_key octet_length ord
position quote repeat replace reverse right rpad rtrim sformat soundex space strcmp substr substring substring_index to_base64
to_char to_number trim trim_oracle ucase unhex updatexml upper weight_string
regexp_count regexp_instr regexp_like regexp_replace regexp_substr
aes_decrypt aes_encrypt compress decode encode kdf md5 old_password password sha sha1 sha2 uncompress uncompressed_length
binary cast coalesce convert decode_oracle default exists grouping if ifnull interval isnull name_const nullif nvl nvl2 row value
values charset coercibility collation
add_months adddate addtime convert_tz date date_add date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear extract
from_days from_unixtime get_format hour last_day makedate maketime microsecond minute month monthname months_between period_add
period_diff quarter sec_to_time second str_to_date subdate subtime time time_format time_to_sec timediff timestamp timestampadd
timestampdiff to_days to_seconds trunc unix_timestamp week weekday weekofyear year yearweek
any_value avg bit_and bit_or bit_xor count group_concat max median min percentile_cont percentile_disc std stddev stddev_pop
stddev_samp sum var_pop var_samp variance
cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
bin_to_uuid inet6_aton inet6_ntoa inet_aton inet_ntoa is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6 is_uuid uuid_to_bin
column_add column_check column_create column_delete column_exists column_get column_json column_list
format_bytes format_pico_time vec_distance vec_distance_cosine vec_distance_euclidean vec_fromtext vec_totext
geometrycollection linestring multilinestring multipoint multipolygon point polygon";

/// Beginnings of the names of whole families.
const FAMILIES: [&str; 3] = ["json_", "st_", "mbr"];

const VARY: &str = "
connection_id curdate current_date current_role current_time current_timestamp current_user curtime database des_decrypt
des_encrypt encrypt found_rows is_free_lock is_used_lock last_insert_id lastval load_file localtime localtimestamp now
ps_current_thread_id ps_thread_id rand random_bytes row_count rownum schema session_user sys_guid sysdate system_user user utc_date
utc_time utc_timestamp uuid uuid_short uuid_v4 uuid_v7 version wsrep_last_seen_gtid wsrep_last_written_gtid";

const ACT: &str = "
benchmark get_lock master_gtid_wait master_pos_wait nextval release_all_locks release_lock setval sleep source_pos_wait
wait_for_executed_gtid_set wait_until_sql_thread_after_gtids wsrep_sync_wait_upto_gtid";

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
