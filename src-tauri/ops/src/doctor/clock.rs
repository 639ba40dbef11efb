//! The clock and the time-stamp authorities: an authority that answers tells the time as well.

use super::{Finding, Patient, Step};
use crate::{
    clock::now,
    error::{Code, Error},
    fetch,
    timestamp::{self, Over, Patience, SKEW},
    trust::Network,
};
use antin_cades::TimeStampToken;
use std::time::Duration;
use time::OffsetDateTime;

/// A system that says nothing in this time is not asked for the hour any longer.
const HOUR_PATIENCE: Duration = Duration::from_secs(10);

/// Somebody else's time, and when it was asked for and answered by this computer's clock.
struct Hour {
    host: String,
    told: OffsetDateTime,
    asked: OffsetDateTime,
    answered: OffsetDateTime,
}

pub(super) fn findings(patient: &Patient<'_>) -> [Finding; 2] {
    if patient.network == Network::Offline {
        return [Step::Clock, Step::Tsa].map(|step| Finding::unchecked(step, "offline"));
    }
    let (tsa, hour) = authorities(patient);
    let hour = hour.or_else(|| server(patient));
    [
        hour.map_or_else(
            || Finding::unchecked(Step::Clock, "no-hour"),
            |hour| judge(&hour),
        ),
        tsa,
    ]
}

/// Asks each authority for a time-stamp over nothing in particular, until one answers well.
fn authorities(patient: &Patient<'_>) -> (Finding, Option<Hour>) {
    if patient.authorities.is_empty() {
        return (Finding::unchecked(Step::Tsa, "no-tsa"), None);
    }
    let mut failure = Error::new(Code::TimestampUnavailable).with("host", "");
    for authority in &patient.authorities {
        let asked = now();
        let over = Over::Signature(&uuid::Uuid::new_v4().into_bytes());
        let one = std::slice::from_ref(authority);
        match timestamp::fetch(one, over, patient.trust, Patience::Check) {
            Ok(token) => {
                let hour = TimeStampToken::read(&token).ok().map(|token| Hour {
                    host: authority.clone(),
                    told: token.generated_at,
                    asked,
                    answered: now(),
                });
                return (
                    Finding::fine(Step::Tsa, "tsa").with("host", authority),
                    hour,
                );
            }
            Err(error) => failure = error,
        }
    }
    (Finding::broken(Step::Tsa, failure), None)
}

/// The province's system says the hour in the head of any answer.
fn server(patient: &Patient<'_>) -> Option<Hour> {
    let host = patient.server.as_ref()?;
    let asked = now();
    let told = fetch::hour(host, HOUR_PATIENCE).ok()?;
    Some(Hour {
        host: host.clone(),
        told,
        asked,
        answered: now(),
    })
}

/// Anything told between asking and being answered is right: an authority may take minutes.
fn judge(hour: &Hour) -> Finding {
    let off = if hour.told < hour.asked {
        hour.asked - hour.told
    } else {
        (hour.told - hour.answered).max(time::Duration::ZERO)
    };
    if off > SKEW {
        let error = Error::new(Code::ClockWrong)
            .with("host", &hour.host)
            .with("minutes", off.whole_minutes());
        return Finding::broken(Step::Clock, error);
    }
    Finding::fine(Step::Clock, "clock").with("host", &hour.host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;
    use time::macros::datetime;

    fn judged(told: OffsetDateTime) -> Finding {
        judge(&Hour {
            host: "tsa".into(),
            told,
            asked: datetime!(2026-11-24 08:00 UTC),
            answered: datetime!(2026-11-24 08:02 UTC),
        })
    }

    #[test]
    fn a_slow_answer_is_no_wrong_clock_and_a_wrong_clock_is_told_in_minutes() {
        for told in [
            datetime!(2026-11-24 07:56 UTC),
            datetime!(2026-11-24 08:01 UTC),
            datetime!(2026-11-24 08:06 UTC),
        ] {
            assert!(matches!(judged(told).state, State::Fine(_)), "{told}");
        }
        for (told, minutes) in [
            (datetime!(2026-11-24 07:48 UTC), "12"),
            (datetime!(2026-11-24 15:02 UTC), "420"),
        ] {
            let State::Broken(error) = judged(told).state else {
                panic!("{told}")
            };
            assert_eq!(error.facts["minutes"], minutes);
        }
    }
}
