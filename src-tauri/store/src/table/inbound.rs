//! One page of the mailbox: its items and the cursor behind them in one transaction, so that nothing is missed and nothing
//! is registered twice, wherever the process dies.

use antin_records::DeliveryId;
use time::OffsetDateTime;

use super::{cursor, dispatch, incoming, receipt};
use crate::{Error, NewReceipt, Store};

/// A delivery in our mailbox.
#[derive(Debug, Clone)]
pub struct NewIncoming {
    /// Its identity in our mailbox.
    pub delivery_id: DeliveryId,
    /// The manifest's bytes as received.
    pub manifest: Vec<u8>,
}

/// One item of the mailbox.
#[derive(Debug, Clone)]
pub enum InboundItem {
    /// A letter for us.
    Delivery(NewIncoming),
    /// A receipt for one of our dispatches.
    Receipt(Box<NewReceipt>),
}

/// What a page brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PageSummary {
    /// Letters that were not here before.
    pub letters: usize,
    /// Receipts, new or repeated.
    pub receipts: usize,
    /// Letters whose manifest cannot be read; they are passed over, or one of them would stop the mailbox for good.
    pub unreadable: usize,
}

impl Store {
    /// Stores a page: letters (each with its 01 queued), receipts (moving what they prove) and the cursor, or nothing.
    pub fn apply_page(
        &self,
        mailbox: &str,
        items: &[InboundItem],
        next: &str,
        now: OffsetDateTime,
    ) -> Result<PageSummary, Error> {
        self.write(|transaction| {
            let mut summary = PageSummary::default();
            for item in items {
                match item {
                    InboundItem::Delivery(new) => match incoming::register(transaction, new, now) {
                        Ok(added) => summary.letters += usize::from(added),
                        Err(Error::Records(_)) => summary.unreadable += 1,
                        Err(other) => return Err(other),
                    },
                    InboundItem::Receipt(new) => {
                        receipt::keep(transaction, new, now)?;
                        dispatch::proven(transaction, new, now)?;
                        summary.receipts += 1;
                    }
                }
            }
            cursor::set(transaction, mailbox, next, now)?;
            Ok(summary)
        })
    }
}
