//! *Giấy báo*: a receipt is judged here, from its own bytes and our own, never on the server's word.

use crate::{
    clock,
    error::{Code, Error, Result},
    trust::{Network, Trust},
};
use antin_cades::{Content, verify_signed_data};
use antin_pkix::{Certificate, PathStatus, Usage, validate_path};
use antin_records::{FrozenManifest, ReceiptStatement, receipt::statement_matches};
use antin_store::NewReceipt;
use serde::Serialize;
use time::OffsetDateTime;

/// A receipt whose signature holds, and what it says.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What it says.
    pub statement: ReceiptStatement,
    /// Common name of the certificate that signed it.
    pub issuer: String,
    /// When it claims to have been signed.
    pub signed_at: Option<OffsetDateTime>,
    /// Whether revocation of the certificate is settled.
    pub revocation_known: bool,
}

/// Who may have signed a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issuer {
    /// A key that the office or the trust bundle names.
    Pinned,
    /// Anyone under a trusted root.
    Anyone,
}

/// Judges a receipt: one signature, over the content inside, by a certificate under a trusted root.
///
/// Its issuer's key must be one that the office or the trust bundle names, unless it is a receipt that a third party
/// shows: a name proves nothing, any office's certificate could bear it.
///
/// # Errors
/// [`Code::ReceiptInvalid`] with the first thing that does not hold.
pub fn verify(trust: &Trust, der: &[u8], issuer: Issuer, network: Network) -> Result<Judged> {
    let report = verify_signed_data(der, Content::Attached);
    let signer = report
        .sole_signer()
        .ok_or_else(|| invalid("signature-count"))?;
    if !signer.is_intact() || !signer.signing_certificate.passed() {
        return Err(invalid("signature"));
    }
    let certificate = signer
        .certificate
        .as_ref()
        .ok_or_else(|| invalid("no-certificate"))?;
    let name = certificate
        .subject()
        .common_name()
        .unwrap_or_default()
        .to_owned();
    if issuer == Issuer::Pinned && !trust.signs_receipts(certificate) {
        let none = !trust.names_receipt_keys();
        return Err(invalid(if none {
            "no-pinned-key"
        } else {
            "other-signer"
        }));
    }
    let revocation_known = under_trusted_root(trust, certificate, &report.certificates, network)?;
    let content = report
        .content
        .as_deref()
        .ok_or_else(|| invalid("no-statement"))?;
    let statement = ReceiptStatement::parse(content)
        .map_err(|e| Error::caused(Code::ReceiptInvalid, e).with("why", "statement"))?;
    Ok(Judged {
        statement,
        issuer: name,
        signed_at: signer.signing_time,
        revocation_known,
    })
}

fn under_trusted_root(
    trust: &Trust,
    certificate: &Certificate,
    extra: &[Certificate],
    network: Network,
) -> Result<bool> {
    let now = clock::now();
    let evidence = trust.evidence(std::slice::from_ref(certificate), network, now);
    match validate_path(
        certificate,
        extra,
        trust.receipts(),
        &evidence,
        now,
        Usage::Signing,
    )
    .status
    {
        PathStatus::Trusted => Ok(true),
        PathStatus::RevocationUnknown { .. } => Ok(false),
        PathStatus::Revoked { .. } => Err(invalid("revoked")),
        PathStatus::NoPath { .. } => Err(invalid("no-path")),
        _ => Err(invalid("certificate")),
    }
}

/// Whether a judged receipt speaks of our own dispatch: same identity, bytes, file and document.
///
/// # Errors
/// [`Code::ReceiptInvalid`].
pub fn speaks_of(judged: &Judged, frozen: &FrozenManifest) -> Result<()> {
    statement_matches(&judged.statement, frozen)
        .map_err(|e| Error::caused(Code::ReceiptInvalid, e).with("why", "other-dispatch"))
}

/// What the store keeps beside a receipt.
#[derive(Serialize)]
struct Verdict<'a> {
    issuer: &'a str,
    revocation_known: bool,
}

/// A receipt ready to be kept as evidence.
pub(crate) fn to_keep(judged: Judged, der: Vec<u8>) -> Result<NewReceipt> {
    let verdict = Verdict {
        issuer: &judged.issuer,
        revocation_known: judged.revocation_known,
    };
    let verdict = serde_json::to_value(verdict).map_err(Error::unknown)?;
    Ok(NewReceipt {
        statement: judged.statement,
        der,
        verified: true,
        verdict,
    })
}

/// A receipt that does not hold is kept too, as evidence of nothing: it moves no dispatch. `None` when it
/// does not even say what it speaks of.
pub(crate) fn to_keep_unverified(der: Vec<u8>, error: &Error) -> Option<NewReceipt> {
    let content = verify_signed_data(&der, Content::Attached).content?;
    let statement = ReceiptStatement::parse(&content).ok()?;
    let verdict = serde_json::json!({ "error": error.to_string() });
    Some(NewReceipt {
        statement,
        der,
        verified: false,
        verdict,
    })
}

/// `why` is a line of the table's `faults`.
fn invalid(why: &str) -> Error {
    Error::new(Code::ReceiptInvalid).with("why", why)
}

#[cfg(test)]
mod tests {
    use super::{Issuer, verify};
    use crate::trust::{Network, Trust};
    use antin_testkit::{
        KeyKind, Pki, Role,
        pki::{Credential, Subject},
    };
    use serde_json::{Value, json};
    use sha2::{Digest, Sha256};
    use std::{fs, path::Path, process::Command};

    fn signed(pki: &Pki, signer: &Credential) -> Vec<u8> {
        let path = |name: &str| pki.dir().join(name);
        fs::write(path("statement"), "no statement").unwrap();
        let openssl = |words: &[&str]| {
            let mut command = Command::new("openssl");
            let output = command.args(words).current_dir(pki.dir()).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{said}");
            output.stdout
        };
        let certificate = signer.path().to_str().unwrap();
        let pem = openssl(&["x509", "-inform", "DER", "-in", certificate]);
        fs::write(path("signer.pem"), pem).unwrap();
        let key = signer.key().path().to_str().unwrap();
        let words =
            "cms -sign -cades -binary -nodetach -outform DER -in statement -signer signer.pem";
        let mut words: Vec<&str> = words.split(' ').collect();
        words.extend(["-certfile", "chain.pem", "-inkey", key]);
        openssl(&words)
    }

    fn office(folder: &Path, pki: &Pki, keys: &Value) -> Trust {
        fs::create_dir_all(folder).unwrap();
        let config = json!({
            "agency": { "id": "H57", "name": "UBND" }, "signers": [], "demo_trust": [pki.root().path()],
            "server": { "url": "http://127.0.0.1:9", "credential": "c", "receipt_issuer": "", "receipt_keys": keys },
        });
        fs::write(folder.join("office.json"), config.to_string()).unwrap();
        Trust::of_folder(folder).unwrap()
    }

    #[test]
    fn the_key_counts_and_not_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let now = crate::clock::now();
        let pki = Pki::create(&folder.path().join("pki"), "http://127.0.0.1:9", now).unwrap();
        let system = pki.leaf(Role::Receipts).unwrap();
        let key = {
            let certificate = antin_pkix::Certificate::from_der(system.der()).unwrap();
            let digest = Sha256::digest(certificate.spki_der());
            let hex: String = digest.iter().map(|byte| format!("{byte:02X}")).collect();
            hex
        };
        // Another certificate of the same name, under the same authority.
        let subject = Subject {
            name: "Hệ thống quản lý văn bản và điều hành tỉnh (DEMO)",
            organization: Some("UBND TỈNH THỪA THIÊN HUẾ"),
            unit: None,
            locality: Some("Thừa Thiên Huế"),
        };
        let namesake = pki.issue("namesake", &subject, KeyKind::P256, now).unwrap();
        let why = |keys: &Value, signer: &Credential, issuer: Issuer| {
            let trust = office(&folder.path().join("office"), &pki, keys);
            let der = signed(&pki, signer);
            let error = verify(&trust, &der, issuer, Network::Offline).unwrap_err();
            error.facts["why"].clone()
        };
        // The content is no statement: whoever gets that far was believed.
        let pinned = json!([key]);
        assert_eq!(why(&pinned, system, Issuer::Pinned), "statement");
        assert_eq!(why(&pinned, &namesake, Issuer::Pinned), "other-signer");
        assert_eq!(why(&json!([]), system, Issuer::Pinned), "no-pinned-key");
        assert_eq!(why(&json!([]), &namesake, Issuer::Anyone), "statement");
    }
}
