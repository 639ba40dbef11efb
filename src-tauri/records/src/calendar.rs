//! Deadlines of Decree 30, Article 18.1: issue on the day of signing, at the latest on the next working day; urgent letters at
//! once. Working days are Monday to Friday without the public holidays of fixed date; Tết and the days moved by decision each
//! year are not known here, so a deadline near them may come early, never late.

use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset, Weekday, macros::offset};

use crate::Urgency;

/// The country keeps one time, without summer time.
pub const VIETNAM: UtcOffset = offset!(+7);

/// "Ngay sau khi ký": an urgent letter that has not left after this long is late.
const AT_ONCE: Duration = Duration::hours(1);

/// The latest moment for a letter signed at `signed_at` to have been sent.
pub fn dispatch_deadline(signed_at: OffsetDateTime, urgency: Urgency) -> OffsetDateTime {
    if urgency > Urgency::Normal {
        return signed_at.saturating_add(AT_ONCE);
    }
    let day = next_working_day(signed_at.to_offset(VIETNAM).date());
    day.next_day()
        .unwrap_or(day)
        .with_time(Time::MIDNIGHT)
        .assume_offset(VIETNAM)
}

/// The date in Vietnam at a moment.
pub fn date_in_vietnam(at: OffsetDateTime) -> Date {
    at.to_offset(VIETNAM).date()
}

/// True on working days.
pub fn is_working_day(day: Date) -> bool {
    let holiday = matches!(
        (day.month(), day.day()),
        (Month::January, 1) | (Month::April, 30) | (Month::May, 1) | (Month::September, 2)
    );
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !holiday
}

fn next_working_day(day: Date) -> Date {
    let mut next = day;
    // Two holidays and a weekend make four days at most.
    for _ in 0..5 {
        next = next.next_day().unwrap_or(next);
        if is_working_day(next) {
            break;
        }
    }
    next
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn deadlines_skip_weekends_and_holidays() {
        for (signed, due, why) in [
            (
                datetime!(2026-11-24 09:00 +7),
                datetime!(2026-11-26 00:00 +7),
                "Tuesday: until the end of Wednesday",
            ),
            (
                datetime!(2026-11-27 16:00 +7),
                datetime!(2026-12-01 00:00 +7),
                "Friday: until the end of Monday",
            ),
            (
                datetime!(2026-04-29 10:00 +7),
                datetime!(2026-05-05 00:00 +7),
                "30/4, 1/5 and a weekend",
            ),
            (
                datetime!(2026-11-23 23:30 UTC),
                datetime!(2026-11-26 00:00 +7),
                "the day is Vietnam's",
            ),
        ] {
            assert_eq!(dispatch_deadline(signed, Urgency::Normal), due, "{why}");
        }
        let signed = datetime!(2026-11-28 09:00 +7);
        assert_eq!(
            dispatch_deadline(signed, Urgency::Khan),
            datetime!(2026-11-28 10:00 +7),
            "urgent knows no weekend"
        );
    }
}
