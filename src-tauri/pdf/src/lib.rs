//! ISO 32000 syntax, revisions and incremental update.
