//! Wycheproof: no vector that is invalid may verify; none that is valid may fail, except as unsupported.

use crate::{corpus, json};
use antin_pkix::{DigestAlgorithm, Error, Pss, SignatureAlgorithm};

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn wycheproof() {
    let Some(folder) = corpus("wycheproof") else {
        return;
    };
    let (mut verified, mut refused, mut unsupported, mut skipped) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let document = json(&file);
        for group in document["testGroups"].as_array().unwrap() {
            let Some(spki) = ["publicKeyDer", "keyDer"]
                .iter()
                .find_map(|key| group[*key].as_str())
            else {
                continue;
            };
            let named = |key: &str| match group[key].as_str() {
                Some("SHA-1") => Some(DigestAlgorithm::Sha1),
                Some("SHA-224") => Some(DigestAlgorithm::Sha224),
                Some("SHA-384") => Some(DigestAlgorithm::Sha384),
                Some("SHA-512") => Some(DigestAlgorithm::Sha512),
                Some("SHA-256") | None => Some(DigestAlgorithm::Sha256),
                // Truncated SHA-512 and SHAKE as a mask: nobody signs with them.
                Some(_) => None,
            };
            let (Some(digest), Some(mask)) = (named("sha"), named("mgfSha")) else {
                skipped += 1;
                continue;
            };
            let algorithm = if name.starts_with("ecdsa") {
                SignatureAlgorithm::Ecdsa(digest)
            } else if name.starts_with("rsa_signature") {
                SignatureAlgorithm::RsaPkcs1(digest)
            } else if name.starts_with("ed25519") {
                SignatureAlgorithm::Ed25519
            } else if name.starts_with("ed448") {
                SignatureAlgorithm::Ed448
            } else if name.starts_with("rsa_pss") {
                let salt = group["sLen"].as_u64().unwrap().try_into().unwrap();
                SignatureAlgorithm::RsaPss(Pss { digest, mask, salt })
            } else {
                skipped += 1;
                continue;
            };
            for test in group["tests"].as_array().unwrap() {
                let outcome = algorithm.verify(
                    &bytes(spki),
                    &bytes(test["msg"].as_str().unwrap()),
                    &bytes(test["sig"].as_str().unwrap()),
                );
                match (&outcome, test["result"].as_str().unwrap()) {
                    (Ok(()), "valid" | "acceptable") => verified += 1,
                    (Err(Error::Unsupported { .. }), _) => unsupported += 1,
                    (Err(_), "invalid" | "acceptable") => refused += 1,
                    (_, expected) => wrong.push(format!(
                        "{name} {}: {outcome:?}, expected {expected}: {}",
                        test["tcId"], test["comment"]
                    )),
                }
            }
        }
    }
    println!(
        "Wycheproof: {verified} verified, {refused} refused, {unsupported} not implemented, {skipped} groups skipped"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(verified > 500, "the corpus was read");
}

/// Wycheproof's files at hand have no Brainpool curve: `openssl` signs instead.
#[test]
fn brainpool_curves_as_openssl_signs_with_them() {
    use DigestAlgorithm::{Sha1, Sha3_384, Sha256, Sha384, Sha512};
    let folder = tempfile::tempdir().unwrap();
    let openssl = |arguments: &str| {
        let done = std::process::Command::new("openssl")
            .current_dir(folder.path())
            .args(arguments.split(' '))
            .output()
            .unwrap();
        assert!(done.status.success(), "openssl {arguments}: {done:?}");
    };
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    std::fs::write(folder.path().join("letter"), "Chỉ thị 77/2014/CT-UBND").unwrap();
    for bits in [256, 384, 512] {
        openssl(&format!(
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP{bits}r1 -out key"
        ));
        openssl("pkey -in key -pubout -outform DER -out public");
        for (digest, name) in [
            (Sha1, "sha1"),
            (Sha256, "sha256"),
            (Sha384, "sha384"),
            (Sha512, "sha512"),
            (Sha3_384, "sha3-384"),
        ] {
            openssl(&format!("dgst -{name} -sign key -out signature letter"));
            let (key, letter, signature) = (read("public"), read("letter"), read("signature"));
            let algorithm = SignatureAlgorithm::Ecdsa(digest);
            assert_eq!(
                algorithm.verify(&key, &letter, &signature),
                Ok(()),
                "{bits} {name}"
            );
            for (at, changed) in [
                (letter.len() / 2, 0),
                (1, 1),
                (10, 1),
                (signature.len() - 1, 1),
            ] {
                let (mut letter, mut signature) = (letter.clone(), signature.clone());
                [&mut letter, &mut signature][changed][at] ^= 1;
                assert!(
                    algorithm.verify(&key, &letter, &signature).is_err(),
                    "{bits} {name}: a bit of byte {at}"
                );
            }
            let mut moved = key.clone();
            *moved.last_mut().unwrap() ^= 1;
            assert_eq!(
                algorithm.verify(&moved, &letter, &signature),
                Err(Error::BadSignature),
                "a point that is not on the curve"
            );
        }
    }
}
