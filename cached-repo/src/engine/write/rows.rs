//! What is read of rows for a write, and the rows that a write has added.

use super::resolve::{Inserted, needed};
use super::run::Ran;
use crate::engine::mapping::SchemaMapping;
use crate::port::Source;
use crate::protocol::{Change, Known, Touch, TouchSet};
use crate::schema::{ALL_FIELDS, FieldSet, RowQuery};
use sea_orm::{DbBackend, DbErr, ExecResult, QueryResult, Value};

/// Reads rows by a connection or transaction.
#[derive(Clone, Copy)]
pub(super) struct RowReader<'a> {
    pub(super) mapping: &'a SchemaMapping,
    pub(super) source: &'a dyn Source,
}

impl RowReader<'_> {
    /// Reads, by primary key, what a write must know of rows.
    pub(super) async fn reread(
        self,
        entity: u16,
        keys: &[Vec<Value>],
        lock: bool,
    ) -> Result<Vec<Known>, DbErr> {
        let info = self.mapping.schema().entity(entity);
        let query = RowQuery {
            columns: &self.mapping.columns(entity, &info.key),
            keys,
            only: &[],
            lock,
            limit: None,
        };
        self.read_fields(entity, query, needed(info)).await
    }

    /// Reads these fields of rows, and no others: the database may not have them yet, and a value there may be one that only a newer
    /// version of the program can decode. Of what is read such a value is not known.
    pub(super) async fn read_fields(
        self,
        entity: u16,
        query: RowQuery<'_>,
        fields: FieldSet,
    ) -> Result<Vec<Known>, DbErr> {
        let info = self.mapping.schema().entity(entity);
        let read: Vec<usize> = each(fields, info.columns.len()).collect();
        let only = self.mapping.columns(entity, &read);
        let query = RowQuery {
            only: &only,
            ..query
        };
        let statement = (info.rows.select)(self.mapping.backend(), &query);
        let answer = self.source.query(statement).await?;
        let known = |result: &QueryResult| {
            let mut known = vec![None; info.columns.len()];
            for at in &read {
                known[*at] = (info.rows.readers[*at])(result, info.columns[*at]);
            }
            known
        };
        Ok(answer.iter().map(known).collect())
    }

    /// The rows that inserts have added: from the statement, from its answer, or read back.
    pub(super) async fn added(self, inserted: &[Inserted], ran: &Ran) -> TouchSet {
        let mut touches = TouchSet::default();
        for insert in inserted {
            match self.rows_of(insert, ran).await {
                Some(rows) => rows
                    .into_iter()
                    .for_each(|row| touches.add(Touch::Row(Change::insert(insert.entity, row)))),
                None => touches.add(Touch::Table {
                    entity: insert.entity,
                    fields: ALL_FIELDS,
                }),
            }
        }
        touches
    }

    async fn rows_of(self, insert: &Inserted, ran: &Ran) -> Option<Vec<Known>> {
        let info = self.mapping.schema().entity(insert.entity);
        let needed = needed(info);
        let rows = match ran {
            // What the database returns is what it has stored; what was given to it, it may have rounded or replaced.
            Ran::Rows(results) => self.returned(insert, results, needed)?,
            Ran::Done(_) if insert.rows.iter().all(|row| is_known(row, needed)) => {
                return Some(insert.rows.clone());
            }
            Ran::Done(result) => self.numbered(insert, result)?,
        };
        if rows.iter().all(|row| is_known(row, needed)) {
            return Some(rows);
        }
        let keys: Option<Vec<Vec<Value>>> = rows
            .iter()
            .map(|row| info.key.iter().map(|at| row[*at].clone()).collect())
            .collect();
        let read = self.reread(insert.entity, &keys?, false).await.ok()?;
        // A row that is gone again was invalidated by the write that deleted it; all that is known of it here is its key.
        let all = read.len() == rows.len() && read.iter().all(|row| is_known(row, needed));
        all.then_some(read)
    }

    /// The rows of a RETURNING clause, which may name all columns or the primary key alone. What it does not name is what the
    /// statement says.
    fn returned(
        self,
        insert: &Inserted,
        results: &[QueryResult],
        needed: FieldSet,
    ) -> Option<Vec<Known>> {
        let info = self.mapping.schema().entity(insert.entity);
        if results.len() == 1 && insert.rows.len() > 1 {
            // The caller may have asked for one row of many.
            return None;
        }
        let same = results.len() == insert.rows.len();
        let named = results.first().map(QueryResult::column_names);
        let is_named = |at: &usize| {
            let mut named = named.iter().flatten();
            named.any(|name| name == info.columns[*at])
        };
        if !results.is_empty() && !info.key.iter().all(is_named) {
            return None;
        }
        let read: Vec<usize> = each(needed, info.columns.len()).filter(is_named).collect();
        let row = |(at, result): (usize, &QueryResult)| -> Known {
            let mut known = match same {
                true => insert.rows[at].clone(),
                false => vec![None; info.columns.len()],
            };
            for at in &read {
                known[*at] = (info.rows.readers[*at])(result, info.columns[*at]);
            }
            known
        };
        Some(results.iter().enumerate().map(row).collect())
    }

    /// The row whose key the database has numbered; none if the insert was skipped.
    fn numbered(self, insert: &Inserted, result: &ExecResult) -> Option<Vec<Known>> {
        let info = self.mapping.schema().entity(insert.entity);
        let ([row], [key]) = (insert.rows.as_slice(), info.key.as_slice()) else {
            return None;
        };
        if result.rows_affected() == 0 {
            return Some(Vec::new());
        }
        let mut row = row.clone();
        if row[*key].is_none() {
            // PostgreSQL has no such number, and SeaORM panics when asked for it.
            if self.mapping.backend() == DbBackend::Postgres || !(info.rows.numbered)() {
                return None;
            }
            row[*key] = Some(Value::BigUnsigned(Some(result.last_insert_id())));
        }
        Some(vec![row])
    }
}

/// Whether these fields of a row are known.
pub(super) fn is_known(row: &Known, fields: FieldSet) -> bool {
    each(fields, row.len()).all(|at| row[at].is_some())
}

/// The fields of the set, of so many.
pub(super) fn each(fields: FieldSet, count: usize) -> impl Iterator<Item = usize> {
    (0..count).filter(move |at| fields & 1 << at != 0)
}
