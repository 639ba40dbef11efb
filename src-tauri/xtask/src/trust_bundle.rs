//! `cargo xtask trust-bundle`: packs `ops/trust/contents.json` and its certificates into a signed bundle.
//!
//! OpenSSL digests and signs, so that the key can be a file, or a token behind a provider, and never passes through
//! this program. What comes out is verified by `antin-ops` with the key that is compiled in.

use crate::step::{root, say};
use serde_json::{Value, json};
use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

const FORMAT: &str = "antin-trust 1";

/// What is to be made.
pub(crate) struct Order<'a> {
    /// The private key, PKCS#8 in PEM (`openssl genpkey -algorithm ed25519`). It lies outside the repository.
    pub(crate) key: &'a str,
    /// Higher than that of every bundle made before.
    pub(crate) version: &'a str,
    /// When it is signed, RFC 3339.
    pub(crate) issued: &'a str,
    /// Where the bundle goes; without it, to the place it is shipped from.
    pub(crate) out: Option<&'a str>,
}

/// Makes the bundle and writes it, with the public key beside it when it is the one that ships.
pub(crate) fn run(order: &Order<'_>) -> Result<(), String> {
    let folder = root().join("src-tauri/ops/trust");
    let version: u64 = order
        .version
        .parse()
        .map_err(|_| format!("✗ {} is no version", order.version))?;
    let out = order
        .out
        .map_or_else(|| folder.join("vgca.bundle"), Into::into);
    if let Some(shipped) = shipped_version(&out).filter(|shipped| *shipped >= version) {
        return Err(format!(
            "✗ {} has version {shipped}; a bundle's version only goes up",
            out.display()
        ));
    }
    let text = contents(&folder, version, order.issued)?;
    let signed = format!("{FORMAT}\n{text}");
    let public = public_key(order.key)?;
    let digest = openssl_hex(&public)?;
    let name = digest.get(..32).unwrap_or_default();
    let signature = sign(order.key, signed.as_bytes())?;
    let bundle = format!("{FORMAT}\n{name} {}\n{text}", base64(&signature)?);
    write(&out, bundle.as_bytes())?;
    if order.out.is_none() {
        write(&folder.join("bundle-key.pub"), &public)?;
    }
    say(&format!(
        "✓ {} version {version}, key {name}",
        out.display()
    ));
    Ok(())
}

fn shipped_version(path: &Path) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let json = text.splitn(3, '\n').nth(2)?;
    let contents: Value = serde_json::from_str(json).ok()?;
    contents.get("version")?.as_u64()
}

fn contents(folder: &Path, version: u64, issued: &str) -> Result<String, String> {
    let path = folder.join("contents.json");
    let text = fs::read_to_string(&path).map_err(|e| format!("✗ {}: {e}", path.display()))?;
    let list: Value =
        serde_json::from_str(&text).map_err(|e| format!("✗ {}: {e}", path.display()))?;
    let mut certificates = Vec::new();
    let member = |name: &str| list.get(name).and_then(Value::as_array);
    let (Some(entries), Some(receipt_keys)) = (member("certificates"), member("receipt_keys"))
    else {
        return Err(format!("✗ {} lacks a list", path.display()));
    };
    for entry in entries {
        let of = |name: &str| entry.get(name);
        let file = of("file").and_then(Value::as_str).unwrap_or_default();
        let path = folder.join(file);
        let der = fs::read(&path).map_err(|e| format!("✗ {}: {e}", path.display()))?;
        certificates.push(json!({
            "name": file.trim_end_matches(".crt"), "role": of("role"), "purposes": of("purposes"),
            "sha256": openssl_hex(&der)?, "der": base64(&der)?,
        }));
    }
    let contents = json!({
        "version": version, "issued": issued, "certificates": certificates, "receipt_keys": receipt_keys,
    });
    Ok(format!("{contents:#}\n"))
}

/// The last 32 bytes of an Ed25519 SubjectPublicKeyInfo are the key (RFC 8410).
fn public_key(key: &str) -> Result<Vec<u8>, String> {
    let der = openssl(&["pkey", "-in", key, "-pubout", "-outform", "DER"], b"")?;
    match der.get(12..) {
        Some(public) if public.len() == 32 => Ok(public.to_vec()),
        _ => Err(format!("✗ {key} is no Ed25519 key")),
    }
}

fn sign(key: &str, bytes: &[u8]) -> Result<Vec<u8>, String> {
    // `pkeyutl -rawin` wants a file whose length it can ask for.
    let path = root().join("target/trust-bundle.tbs");
    write(&path, bytes)?;
    let path = path.display().to_string();
    openssl(
        &["pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", &path],
        b"",
    )
}

fn openssl_hex(bytes: &[u8]) -> Result<String, String> {
    let digest = openssl(&["dgst", "-sha256", "-binary"], bytes)?;
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn base64(bytes: &[u8]) -> Result<String, String> {
    let text = openssl(&["base64", "-A"], bytes)?;
    String::from_utf8(text).map_err(|e| format!("✗ openssl base64: {e}"))
}

fn openssl(words: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
    let name = format!("openssl {}", words.first().copied().unwrap_or_default());
    let failed = |e: std::io::Error| format!("✗ {name}: {e}");
    let mut child = Command::new("openssl")
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input).map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(format!("✗ {name}: {}", output.status)),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|e| format!("✗ {}: {e}", path.display()))
}
