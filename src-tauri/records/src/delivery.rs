//! The state of a delivery, driven only by receipts. Receipts are a set: whatever order they come in, the state is the same.

use serde::{Deserialize, Serialize};

use crate::ReceiptKind;

/// How far one recipient has got with one dispatch.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// No evidence yet.
    #[default]
    None,
    /// The province has taken it on for this recipient.
    Relayed,
    /// 01.
    Arrived,
    /// 03.
    Accepted,
    /// 04.
    Assigned,
    /// 05.
    InProgress,
    /// 06.
    Done,
    /// 15: taken back with the recipient's consent.
    Recalled,
    /// 02.
    Rejected,
    /// The province gave up; it says so under its signature.
    NonDelivered,
    /// Receipts contradict each other; a person must look.
    Disputed,
}

/// Ends that exclude each other.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Side {
    Open,
    Taken,
    Rejected,
    NonDelivered,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::None,
        Self::Relayed,
        Self::Arrived,
        Self::Accepted,
        Self::Assigned,
        Self::InProgress,
        Self::Done,
        Self::Recalled,
        Self::Rejected,
        Self::NonDelivered,
        Self::Disputed,
    ];

    /// The state after one more receipt. Late evidence of an earlier step never moves the state back; evidence of an end
    /// that excludes the present one makes the delivery [`DeliveryState::Disputed`]. Commutative, associative, idempotent.
    pub fn merge(self, evidence: ReceiptKind) -> Self {
        self.join(Self::proven_by(evidence))
    }

    fn join(self, other: Self) -> Self {
        let (mine, theirs) = (self.side(), other.side());
        let contradictory = mine != theirs && mine != Side::Open && theirs != Side::Open;
        if contradictory {
            Self::Disputed
        } else {
            self.max(other)
        }
    }

    /// True when nothing more is expected of the recipient in the ordinary course.
    pub fn is_settled(self) -> bool {
        matches!(
            self,
            Self::Done | Self::Recalled | Self::Rejected | Self::NonDelivered
        )
    }

    /// The name in JSON and in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Relayed => "relayed",
            Self::Arrived => "arrived",
            Self::Accepted => "accepted",
            Self::Assigned => "assigned",
            Self::InProgress => "in-progress",
            Self::Done => "done",
            Self::Recalled => "recalled",
            Self::Rejected => "rejected",
            Self::NonDelivered => "non-delivered",
            Self::Disputed => "disputed",
        }
    }

    /// Reads [`DeliveryState::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// What a receipt proves of a delivery by itself.
    fn proven_by(evidence: ReceiptKind) -> Self {
        match evidence {
            ReceiptKind::SubmissionAcceptance => Self::Relayed,
            ReceiptKind::Arrival => Self::Arrived,
            ReceiptKind::Acceptance => Self::Accepted,
            ReceiptKind::Assigned => Self::Assigned,
            ReceiptKind::InProgress => Self::InProgress,
            ReceiptKind::Done => Self::Done,
            ReceiptKind::Refusal => Self::Rejected,
            ReceiptKind::NonDelivery => Self::NonDelivered,
            ReceiptKind::RecallAgreed => Self::Recalled,
            ReceiptKind::SubmissionRejection
            | ReceiptKind::RelayFailure
            | ReceiptKind::RecallRequest
            | ReceiptKind::RecallRefused
            | ReceiptKind::Tombstone
            | ReceiptKind::Other => Self::None,
        }
    }

    fn side(self) -> Side {
        match self {
            Self::None | Self::Relayed | Self::Arrived | Self::Disputed => Side::Open,
            Self::Accepted | Self::Assigned | Self::InProgress | Self::Done | Self::Recalled => {
                Side::Taken
            }
            Self::Rejected => Side::Rejected,
            Self::NonDelivered => Side::NonDelivered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_knows_no_order() {
        for a in DeliveryState::ALL {
            assert_eq!(a.join(a), a, "idempotent");
            for b in DeliveryState::ALL {
                assert_eq!(a.join(b), b.join(a), "commutative: {a:?} {b:?}");
                for c in DeliveryState::ALL {
                    assert_eq!(
                        a.join(b).join(c),
                        a.join(b.join(c)),
                        "associative: {a:?} {b:?} {c:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn contradictory_ends_are_disputed_and_late_evidence_is_not() {
        let accepted = DeliveryState::None.merge(ReceiptKind::Acceptance);
        assert_eq!(
            accepted.merge(ReceiptKind::Arrival),
            DeliveryState::Accepted,
            "01 after 03"
        );
        assert_eq!(
            accepted.merge(ReceiptKind::Refusal),
            DeliveryState::Disputed
        );
        assert_eq!(
            DeliveryState::Disputed.merge(ReceiptKind::Done),
            DeliveryState::Disputed,
            "a dispute is not forgotten"
        );
        assert_eq!(
            accepted.merge(ReceiptKind::RecallAgreed),
            DeliveryState::Recalled
        );
        assert_eq!(
            accepted.merge(ReceiptKind::Other),
            accepted,
            "an unknown kind of receipt moves nothing"
        );
    }
}
