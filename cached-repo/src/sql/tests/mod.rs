//! Tests of the analysis of SQL texts.
