//! The only place that reads the clock. Below it, time is a parameter.

use time::{OffsetDateTime, UtcOffset};

/// Việt Nam's offset, the whole year round.
pub const VIETNAM: UtcOffset = match UtcOffset::from_hms(7, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

/// The time now, in Việt Nam.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc().to_offset(VIETNAM)
}

/// A moment for programs: RFC 3339, to the second, with Việt Nam's offset.
#[must_use]
pub fn text(time: OffsetDateTime) -> String {
    let format = time::macros::format_description!(
        "[year]-[month]-[day]T[hour]:[minute]:[second][offset_hour sign:mandatory]:[offset_minute]"
    );
    time.to_offset(VIETNAM).format(&format).unwrap_or_default()
}

/// A moment for people: `09:41:05 ngày 26/12/2014` without the word, so that it fits both languages.
#[must_use]
pub fn spoken(time: OffsetDateTime) -> String {
    let format = time::macros::format_description!("[hour]:[minute]:[second] [day]/[month]/[year]");
    time.to_offset(VIETNAM).format(&format).unwrap_or_default()
}
