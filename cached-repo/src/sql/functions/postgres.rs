//! PostgreSQL: what its catalog does not say.

use super::{Nature, has};

/// What looks like a function and is a part of the grammar.
const GRAMMAR: &str = "
array cast coalesce collation cube greatest grouping least merge_action normalize nullif rollup row treat trim
json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_value
xmlconcat xmlelement xmlexists xmlforest xmlparse xmlpi xmlroot xmlserialize";

/// Stable functions of `pg_catalog` that read nothing but their arguments and settings of the session. With types that a program
/// defines, they may call its own functions.
const BY_ARGUMENTS: &str = "
array_to_json array_to_string concat concat_ws format quote_literal quote_nullable row_to_json to_json to_jsonb
json_agg json_agg_strict json_build_array json_build_object json_object_agg json_object_agg_strict json_object_agg_unique
json_object_agg_unique_strict json_populate_record json_populate_recordset json_to_record json_to_recordset
jsonb_agg jsonb_agg_strict jsonb_build_array jsonb_build_object jsonb_object_agg jsonb_object_agg_strict
jsonb_object_agg_unique jsonb_object_agg_unique_strict jsonb_populate_record jsonb_populate_record_valid
jsonb_populate_recordset jsonb_to_record jsonb_to_recordset
jsonb_path_exists_tz jsonb_path_match_tz jsonb_path_query_array_tz jsonb_path_query_first_tz jsonb_path_query_tz
date date_add date_part date_subtract date_trunc extract generate_series make_timestamptz overlaps time timestamp timestamptz
timetz timezone timestamptz_pl_interval timestamptz_mi_interval to_char to_date to_number to_timestamp interval money numeric
length convert convert_from convert_to in_range anytextcat textanycat xml xml_is_well_formed
enum_first enum_last enum_range get_current_ts_config
json_to_tsvector jsonb_to_tsvector phraseto_tsquery plainto_tsquery to_tsquery to_tsvector ts_headline websearch_to_tsquery";

/// Volatile functions of `pg_catalog` that do nothing.
const ONLY_VARY: &str = "
clock_timestamp timeofday current_query random random_normal gen_random_uuid uuidv4 uuidv7 currval lastval
pg_current_xact_id pg_current_xact_id_if_assigned txid_current txid_current_if_assigned
pg_column_size pg_database_size pg_indexes_size pg_relation_size pg_table_size pg_tablespace_size pg_total_relation_size
pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn pg_is_in_recovery pg_last_wal_receive_lsn
pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_blocking_pids pg_ls_dir pg_read_binary_file pg_read_file pg_stat_file
pg_xact_commit_timestamp pg_xact_status txid_status";

/// Where there is no catalog: what is known to vary, among them what has no catalog's entry.
const VARY: &str = "
age current_database current_query current_schema current_schemas current_setting inet_client_addr inet_client_port
inet_server_addr inet_server_port now pg_backend_pid statement_timestamp transaction_timestamp txid_current_snapshot
uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 version";

/// Where there is no catalog: what is known to do something.
const ACT: &str = "
lo_create lo_import lo_unlink nextval pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all
pg_advisory_unlock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_cancel_backend pg_notify pg_sleep pg_sleep_for
pg_sleep_until pg_terminate_backend pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock
pg_try_advisory_xact_lock_shared set_config setseed setval";

/// What is known of the name without the catalog.
pub(super) fn without_catalog(name: &str) -> Option<Nature> {
    if has(GRAMMAR, name) {
        Some(Nature::Steady)
    } else if has(ACT, name) {
        Some(Nature::Acts)
    } else {
        (has(VARY, name) || only_varies(name)).then_some(Nature::Varies)
    }
}

/// Whether a stable function of `pg_catalog` reads its arguments alone.
pub(super) fn is_stable_by_arguments(name: &str) -> bool {
    has(BY_ARGUMENTS, name)
}

/// Whether a volatile function of `pg_catalog` does nothing.
pub(super) fn only_varies(name: &str) -> bool {
    has(ONLY_VARY, name)
}
