//! Columns to values and back. Identities and digests are text, times are milliseconds since 1970.

use std::str::FromStr;

use rusqlite::{Row, types::Type};
use time::{Date, OffsetDateTime, macros::format_description};

use crate::Error;

/// A value SQLite holds but our types refuse.
fn foreign(column: &str, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, format!("{column}: {error}").into())
}

#[derive(Debug, thiserror::Error)]
#[error("not a known value")]
struct Unknown;

/// Reads text as a type.
pub(crate) fn parsed<T>(row: &Row<'_>, column: &str) -> rusqlite::Result<T>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    row.get::<_, String>(column)?
        .parse()
        .map_err(|error| foreign(column, error))
}

/// Reads text as a type, where there is any.
pub(crate) fn parsed_or_none<T>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text = row.get::<_, Option<String>>(column)?;
    text.map(|text| text.parse().map_err(|error| foreign(column, error)))
        .transpose()
}

/// Reads the key of an enumeration.
pub(crate) fn keyed<T>(
    row: &Row<'_>,
    column: &str,
    from_key: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    from_key(&row.get::<_, String>(column)?).ok_or_else(|| foreign(column, Unknown))
}

/// Reads JSON.
pub(crate) fn json(row: &Row<'_>, column: &str) -> rusqlite::Result<serde_json::Value> {
    serde_json::from_str(&row.get::<_, String>(column)?).map_err(|error| foreign(column, error))
}

/// Reads JSON, where there is any.
pub(crate) fn json_or_none(
    row: &Row<'_>,
    column: &str,
) -> rusqlite::Result<Option<serde_json::Value>> {
    let text = row.get::<_, Option<String>>(column)?;
    text.map(|text| serde_json::from_str(&text).map_err(|error| foreign(column, error)))
        .transpose()
}

/// Reads a time.
pub(crate) fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<OffsetDateTime> {
    from_ms(row.get(column)?).map_err(|error| foreign(column, error))
}

/// Reads a time, where there is any.
pub(crate) fn time_or_none(
    row: &Row<'_>,
    column: &str,
) -> rusqlite::Result<Option<OffsetDateTime>> {
    row.get::<_, Option<i64>>(column)?
        .map(|ms| from_ms(ms).map_err(|error| foreign(column, error)))
        .transpose()
}

/// Reads a date, where there is any.
pub(crate) fn date_or_none(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Date>> {
    let text = row.get::<_, Option<String>>(column)?;
    text.map(|text| {
        Date::parse(&text, format_description!("[year]-[month]-[day]"))
            .map_err(|error| foreign(column, error))
    })
    .transpose()
}

/// A date as ISO 8601.
pub(crate) fn date(date: Date) -> String {
    let (year, month, day) = date.to_calendar_date();
    format!("{year:04}-{:02}-{day:02}", u8::from(month))
}

/// A time in milliseconds since 1970, rounded down.
pub(crate) fn ms(at: OffsetDateTime) -> i64 {
    // Years −9999 … 9999 in milliseconds fit into 64 bits with room to spare.
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or(i64::MAX)
}

fn from_ms(ms: i64) -> Result<OffsetDateTime, time::error::ComponentRange> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
}

/// Turns "no such row" into an error that names it.
pub(crate) fn found<T>(
    result: rusqlite::Result<T>,
    what: &'static str,
    id: impl ToString,
) -> Result<T, Error> {
    result.map_err(|error| match error {
        rusqlite::Error::QueryReturnedNoRows => Error::NotFound {
            what,
            id: id.to_string(),
        },
        other => Error::Sqlite(other),
    })
}
