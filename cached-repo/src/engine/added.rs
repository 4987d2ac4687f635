//! The rows that a write has added, and rows read for a write.

use super::Engine;
use super::resolve::{Inserted, needed};
use super::run::Ran;
use crate::port::Source;
use crate::protocol::{Change, Known, Touch, TouchSet};
use crate::schema::{ALL_FIELDS, RowQuery};
use sea_orm::{DbBackend, DbErr, ExecResult, QueryResult, Value};

impl Engine {
    /// Reads rows by primary key.
    pub(super) async fn reread(
        &self,
        entity: u16,
        keys: &[Vec<Value>],
        lock: bool,
        source: &dyn Source,
    ) -> Result<Vec<Vec<Value>>, DbErr> {
        let info = self.schema.entity(entity);
        let columns = self.columns(entity, &info.key);
        let query = RowQuery {
            columns: &columns,
            keys,
            lock,
            limit: None,
        };
        let answer = source
            .query((info.rows.select)(self.backend, &query))
            .await?;
        answer
            .iter()
            .map(|result| (info.rows.decode)(result).map(|row| (info.rows.values)(&*row)))
            .collect()
    }

    /// The rows that inserts have added: from the statement, from its answer, or read back.
    pub(super) async fn added(
        &self,
        inserted: &[Inserted],
        ran: &Ran,
        source: &dyn Source,
    ) -> TouchSet {
        let mut touches = TouchSet::default();
        for insert in inserted {
            match self.rows_of(insert, ran, source).await {
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

    async fn rows_of(
        &self,
        insert: &Inserted,
        ran: &Ran,
        source: &dyn Source,
    ) -> Option<Vec<Known>> {
        let info = self.schema.entity(insert.entity);
        let needed = needed(info);
        let rows = match ran {
            // What the database returns is what it has stored; what was given to it, it may have rounded or replaced.
            Ran::Rows(results) => self.returned(insert, results)?,
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
        let read = self
            .reread(insert.entity, &keys?, false, source)
            .await
            .ok()?;
        // A row that is gone again was invalidated by whoever deleted it; all that there is of it here is its key.
        (read.len() == rows.len()).then(|| {
            read.into_iter()
                .map(|row| row.into_iter().map(Some).collect())
                .collect()
        })
    }

    /// The rows of a RETURNING clause, which may name all columns or the primary key alone.
    fn returned(&self, insert: &Inserted, results: &[QueryResult]) -> Option<Vec<Known>> {
        let info = self.schema.entity(insert.entity);
        if results.len() == 1 && insert.rows.len() > 1 {
            // The caller may have asked for one row of many.
            return None;
        }
        let same = results.len() == insert.rows.len();
        let row = |(at, result): (usize, &QueryResult)| -> Option<Known> {
            if let Ok(row) = (info.rows.decode)(result) {
                return Some((info.rows.values)(&*row).into_iter().map(Some).collect());
            }
            let key = (info.rows.decode_key)(result)?;
            let mut known = if same {
                insert.rows[at].clone()
            } else {
                vec![None; info.columns.len()]
            };
            for (at, value) in info.key.iter().zip(key) {
                known[*at] = Some(value);
            }
            Some(known)
        };
        results.iter().enumerate().map(row).collect()
    }

    /// The row whose key the database has numbered; none if the insert was skipped.
    fn numbered(&self, insert: &Inserted, result: &ExecResult) -> Option<Vec<Known>> {
        let info = self.schema.entity(insert.entity);
        let ([row], [key]) = (insert.rows.as_slice(), info.key.as_slice()) else {
            return None;
        };
        if result.rows_affected() == 0 {
            return Some(Vec::new());
        }
        let mut row = row.clone();
        if row[*key].is_none() {
            // PostgreSQL has no such number, and SeaORM panics when asked for it.
            if self.backend == DbBackend::Postgres || !(info.rows.numbered)() {
                return None;
            }
            row[*key] = Some(Value::BigUnsigned(Some(result.last_insert_id())));
        }
        Some(vec![row])
    }
}

/// Whether these fields of a row are known.
pub(super) fn is_known(row: &Known, fields: u128) -> bool {
    (0..row.len()).all(|at| fields & 1 << at == 0 || row[at].is_some())
}
