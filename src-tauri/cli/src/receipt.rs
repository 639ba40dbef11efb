//! `antin receipt list | export | verify`: the signed evidence.

use crate::{
    letter::export,
    output::Output,
    words::{Receipt as Order, Words},
};
use antin_ops::{
    clock, dispatch,
    error::{Code, Error, Result},
    message::line,
    office::Office,
    receipt::{self, Issuer},
    store::Receipt,
    trust::{Network, Trust},
};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

pub(crate) fn run(words: &Words, order: &Order, output: &mut Output) -> Result<ExitCode> {
    match order {
        Order::List => {
            let receipts = all(&Office::open(&words.office())?)?;
            if receipts.is_empty() {
                output.say("nothing", &[]);
            }
            for receipt in &receipts {
                output.put(&object(receipt), |language| {
                    let kind = line(language, &["receipts", receipt.kind.key()], &[]);
                    let recipient = receipt
                        .recipient
                        .as_ref()
                        .map(ToString::to_string)
                        .unwrap_or_default();
                    let mark = if receipt.verified { "✓" } else { "✗" };
                    format!(
                        "{mark} {:>4}  {}  {kind}  {recipient}",
                        receipt.seq,
                        clock::text(receipt.event_at)
                    )
                });
            }
        }
        Order::Export { out } => {
            let receipts = all(&Office::open(&words.office())?)?;
            std::fs::create_dir_all(out)
                .map_err(|e| Error::caused(Code::FileUnwritable, e).with("file", out.display()))?;
            for receipt in receipts {
                let path = out.join(format!("{:06}-{}.p7s", receipt.seq, receipt.kind.key()));
                export(&receipt.der, &path)?;
                output.put(&json!({ "file": path }), |_| path.display().to_string());
            }
        }
        Order::Verify { trust, file } => verify(words, trust, file, output)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn all(office: &Office) -> Result<Vec<Receipt>> {
    let mut receipts: Vec<Receipt> = dispatch::list(office)?
        .into_iter()
        .flat_map(|tracked| tracked.receipts)
        .collect();
    receipts.sort_by_key(|receipt| receipt.seq);
    Ok(receipts)
}

fn object(receipt: &Receipt) -> Value {
    json!({
        "receipt": receipt.receipt_id, "type": receipt.kind.key(), "seq": receipt.seq, "chain": receipt.chain,
        "dispatch": receipt.dispatch_id, "recipient": receipt.recipient, "at": clock::text(receipt.event_at),
        "verified": receipt.verified,
    })
}

fn verify(words: &Words, anchors: &[PathBuf], file: &Path, output: &mut Output) -> Result<()> {
    let office = words
        .named_office()
        .map(|folder| Office::open(&folder))
        .transpose()?;
    let der = std::fs::read(file)
        .map_err(|e| Error::caused(Code::FileUnreadable, e).with("file", file.display()))?;
    let judged = match &office {
        Some(office) if anchors.is_empty() => {
            receipt::verify(office.trust(), &der, Issuer::Pinned, Network::Offline)?
        }
        _ => receipt::verify(
            &Trust::bundled(anchors)?,
            &der,
            Issuer::Anyone,
            Network::Offline,
        )?,
    };
    let signed_at = judged.signed_at.map(clock::text).unwrap_or_default();
    let object = json!({
        "file": file, "issuer": judged.issuer, "signedAt": signed_at, "revocationKnown": judged.revocation_known,
        "statement": judged.statement,
    });
    output.put(&object, |language| {
        let kind = line(language, &["receipts", judged.statement.kind.key()], &[]);
        line(
            language,
            &["cli", "receipt-valid"],
            &[
                ("type", &kind),
                ("issuer", &judged.issuer),
                ("time", &signed_at),
            ],
        )
    });
    Ok(())
}
