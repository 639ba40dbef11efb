//! Identities minted by the client. They are UUIDs of version 7, so rows and files sort by age.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::{NoContext, Timestamp, Uuid};

use crate::Error;

macro_rules! identity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Mints a new identity; `now` only orders it among its siblings.
            pub fn mint(now: OffsetDateTime) -> Self {
                Self(mint(now))
            }

            /// The identity as a UUID.
            pub fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self, Error> {
                Uuid::try_parse(text).map(Self).map_err(|_| Error::Identity(crate::text::excerpt(text)))
            }
        }
    };
}

identity! {
    /// A letter of this office, from draft to archive.
    LetterId
}
identity! {
    /// One sending of one letter; it is the last segment of the URL the letter is `PUT` to.
    DispatchId
}
identity! {
    /// One dispatch as it lies in one recipient's mailbox.
    DeliveryId
}
identity! {
    /// One receipt.
    ReceiptId
}
identity! {
    /// The identity of one `POST`: a repeat under the same key has the same answer and no second effect.
    IdempotencyKey
}

fn mint(now: OffsetDateTime) -> Uuid {
    let seconds = u64::try_from(now.unix_timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.nanosecond()))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn identities_sort_by_age_and_survive_text() {
        let first = DispatchId::mint(datetime!(2026-11-24 08:00 UTC));
        let second = DispatchId::mint(datetime!(2026-11-24 08:01 UTC));
        assert!(first < second);
        assert_eq!(first.to_string().parse(), Ok(first));
        assert_eq!("x".parse::<LetterId>(), Err(Error::Identity("x".into())));
    }
}
