//! SQLite records.
