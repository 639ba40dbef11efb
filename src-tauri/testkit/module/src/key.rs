//! Signatures with a key in a file, computed by OpenSSL.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use cryptoki_sys::{
    CK_MECHANISM_TYPE, CKM_ECDSA, CKM_RSA_PKCS, CKM_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS,
    CKM_SHA256_RSA_PKCS_PSS,
};

/// Whether the mechanism takes its input in parts: those that hash for the caller do.
pub(crate) fn takes_parts(mechanism: CK_MECHANISM_TYPE) -> bool {
    matches!(mechanism, CKM_SHA256_RSA_PKCS | CKM_SHA256_RSA_PKCS_PSS)
}

/// The mechanisms known.
pub(crate) const MECHANISMS: [CK_MECHANISM_TYPE; 5] = [
    CKM_RSA_PKCS,
    CKM_SHA256_RSA_PKCS,
    CKM_RSA_PKCS_PSS,
    CKM_SHA256_RSA_PKCS_PSS,
    CKM_ECDSA,
];

/// The signature as PKCS#11 gives it; `None` where OpenSSL refuses.
pub(crate) fn sign(key: &Path, mechanism: CK_MECHANISM_TYPE, input: &[u8]) -> Option<Vec<u8>> {
    let mut arguments = match mechanism {
        CKM_SHA256_RSA_PKCS => vec!["dgst", "-sha256"],
        CKM_SHA256_RSA_PKCS_PSS => vec!["dgst", "-sha256"],
        _ => vec!["pkeyutl", "-sign"],
    };
    match mechanism {
        CKM_SHA256_RSA_PKCS_PSS => arguments.extend([
            "-sigopt",
            "rsa_padding_mode:pss",
            "-sigopt",
            "rsa_pss_saltlen:32",
        ]),
        CKM_RSA_PKCS_PSS => arguments.extend([
            "-pkeyopt",
            "rsa_padding_mode:pss",
            "-pkeyopt",
            "rsa_pss_saltlen:32",
            "-pkeyopt",
            "digest:sha256",
        ]),
        _ => {}
    }
    arguments.push(if takes_parts(mechanism) {
        "-sign"
    } else {
        "-inkey"
    });
    let mut child = Command::new("openssl")
        .args(arguments)
        .arg(key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(input).ok()?;
    let output = child.wait_with_output().ok()?;
    if !output.status.success() {
        return None;
    }
    if mechanism == CKM_ECDSA {
        return halves(&output.stdout, curve_bytes(key)?);
    }
    Some(output.stdout)
}

/// The length of the curve's order: P-256 and P-384 are known.
fn curve_bytes(key: &Path) -> Option<usize> {
    let text = Command::new("openssl")
        .args(["pkey", "-noout", "-text", "-in"])
        .arg(key)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    Some(if text.contains("P-384") { 48 } else { 32 })
}

/// `Ecdsa-Sig-Value` as `r || s`; short lengths suffice for these curves.
fn halves(der: &[u8], half: usize) -> Option<Vec<u8>> {
    let body = der.get(2..)?;
    let (first, rest) = integer(body)?;
    let (second, _) = integer(rest)?;
    let mut raw = vec![0; half.checked_sub(first.len())?];
    raw.extend(first);
    raw.resize(half * 2 - second.len(), 0);
    raw.extend(second);
    Some(raw)
}

fn integer(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from(*der.get(1)?);
    let (value, rest) = der.get(2..)?.split_at_checked(length)?;
    let zeros = value.iter().take_while(|&&byte| byte == 0).count();
    Some((value.get(zeros..)?, rest))
}
