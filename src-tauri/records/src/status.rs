//! Status codes of the exchange (edXML status message, `domain.md` §3.4).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;

use crate::{DeliveryState, Error, ReceiptKind, receipt, text};

/// What a receiver says of a delivery, or a sender asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StatusCode {
    /// 01 Đã đến: the receiver's system holds it, nobody has looked.
    Arrived,
    /// 02 Từ chối tiếp nhận; a reason is required.
    Refused,
    /// 03 Đã tiếp nhận, registered as incoming.
    Accepted,
    /// 04 Phân công.
    Assigned,
    /// 05 Đang xử lý.
    InProgress,
    /// 06 Hoàn thành.
    Done,
    /// 13 Lấy lại: the sender asks to take the letter back.
    RecallRequested,
    /// 15 Đồng ý cập nhật, lấy lại.
    RecallAgreed,
    /// 16 Từ chối cập nhật, lấy lại.
    RecallRefused,
}

impl StatusCode {
    /// Every code, in order.
    pub const ALL: [Self; 9] = [
        Self::Arrived,
        Self::Refused,
        Self::Accepted,
        Self::Assigned,
        Self::InProgress,
        Self::Done,
        Self::RecallRequested,
        Self::RecallAgreed,
        Self::RecallRefused,
    ];

    /// The two digits.
    pub fn digits(self) -> &'static str {
        match self {
            Self::Arrived => "01",
            Self::Refused => "02",
            Self::Accepted => "03",
            Self::Assigned => "04",
            Self::InProgress => "05",
            Self::Done => "06",
            Self::RecallRequested => "13",
            Self::RecallAgreed => "15",
            Self::RecallRefused => "16",
        }
    }

    /// True when the sender of the letter says it, not its receiver.
    pub fn is_senders(self) -> bool {
        self == Self::RecallRequested
    }

    /// True when the message is void without a reason.
    pub fn needs_reason(self) -> bool {
        matches!(
            self,
            Self::Refused | Self::RecallRequested | Self::RecallRefused
        )
    }

    /// The receipt that proves this status.
    pub fn receipt_kind(self) -> ReceiptKind {
        match self {
            Self::Arrived => ReceiptKind::Arrival,
            Self::Refused => ReceiptKind::Refusal,
            Self::Accepted => ReceiptKind::Acceptance,
            Self::Assigned => ReceiptKind::Assigned,
            Self::InProgress => ReceiptKind::InProgress,
            Self::Done => ReceiptKind::Done,
            Self::RecallRequested => ReceiptKind::RecallRequest,
            Self::RecallAgreed => ReceiptKind::RecallAgreed,
            Self::RecallRefused => ReceiptKind::RecallRefused,
        }
    }

    /// The state a delivery enters when a receiver in `state` says this; none when the rules of the exchange forbid it.
    /// Practice: 01, then 02 or 03, then 04, 05, 06, of which 04 and 05 may be left out.
    pub fn next(self, state: DeliveryState) -> Option<DeliveryState> {
        use DeliveryState as S;
        match (state, self) {
            (S::None | S::Relayed, Self::Arrived) => Some(S::Arrived),
            (S::Arrived, Self::Refused) => Some(S::Rejected),
            (S::Arrived, Self::Accepted) => Some(S::Accepted),
            (S::Accepted, Self::Assigned) => Some(S::Assigned),
            (S::Accepted | S::Assigned, Self::InProgress) => Some(S::InProgress),
            (S::Accepted | S::Assigned | S::InProgress, Self::Done) => Some(S::Done),
            _ => None,
        }
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.digits())
    }
}

impl FromStr for StatusCode {
    type Err = Error;
    fn from_str(digits: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|code| code.digits() == digits)
            .ok_or_else(|| Error::Status(text::excerpt(digits)))
    }
}

impl Serialize for StatusCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.digits())
    }
}

impl<'de> Deserialize<'de> for StatusCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// The body of one status message. It is frozen when a person decides, so that every attempt sends the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusMessage {
    /// What is said.
    pub code: StatusCode,
    /// Why, where a reason belongs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was decided.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

impl StatusMessage {
    /// Checks the message and freezes its bytes (canonical JSON).
    pub fn freeze(&self) -> Result<Vec<u8>, Error> {
        self.check()?;
        text::canonical_json(self)
    }

    /// Reads a message.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > receipt::SIZE_LIMIT {
            return Err(Error::TooLong {
                field: "status",
                length: bytes.len(),
                limit: receipt::SIZE_LIMIT,
            });
        }
        let message: Self =
            serde_json::from_slice(bytes).map_err(|error| Error::Malformed(error.to_string()))?;
        message.check()?;
        Ok(message)
    }

    fn check(&self) -> Result<(), Error> {
        let reason = self.reason.as_deref().unwrap_or_default();
        if self.code.needs_reason() {
            text::bounded("reason", reason, receipt::REASON_LIMIT)
        } else {
            text::at_most("reason", reason, receipt::REASON_LIMIT)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_needs_a_reason() {
        let at = time::macros::datetime!(2026-11-24 08:00 UTC);
        let refusal = StatusMessage {
            code: StatusCode::Refused,
            reason: Some(" ".into()),
            at,
        };
        assert_eq!(refusal.freeze(), Err(Error::Empty { field: "reason" }));
        let acceptance = StatusMessage {
            code: StatusCode::Accepted,
            reason: None,
            at,
        };
        assert_eq!(
            acceptance.freeze().unwrap(),
            br#"{"at":"2026-11-24T08:00:00Z","code":"03"}"#
        );
    }

    #[test]
    fn a_refused_delivery_takes_no_further_status() {
        assert!(
            StatusCode::ALL
                .iter()
                .all(|code| code.next(DeliveryState::Rejected).is_none())
        );
    }

    #[test]
    fn the_state_a_status_leads_to_is_the_state_its_receipt_proves() {
        for code in StatusCode::ALL {
            for state in DeliveryState::ALL {
                if let Some(next) = code.next(state) {
                    assert_eq!(
                        state.merge(code.receipt_kind()),
                        next,
                        "{code} in {state:?}"
                    );
                }
            }
        }
    }
}
