//! Files that are no driver, or not one for this machine.

use std::fs;
use std::process::Command;

use antin_testkit::fault::Action;
use antin_token::machine::Machine;
use antin_token::{Error, Host, Unusable};

use crate::fixture::{FIXTURE, PIN};
use crate::scripted::{ckr, host, lay_out, one_fault, token};

fn told(path: &std::path::Path) -> Unusable {
    let error = Host::launch(FIXTURE.launch(path))
        .unwrap()
        .tokens()
        .unwrap_err();
    match error {
        Error::ModuleUnusable { cause, path: named } if named == path => cause,
        error => panic!("{error:?}"),
    }
}

#[test]
fn files_that_are_no_module_are_told_apart() {
    let missing = FIXTURE.dir.join("missing.so");
    let error = Host::launch(FIXTURE.launch(&missing)).unwrap_err();
    assert!(
        matches!(error, Error::ModuleNotFound { ref path } if *path == missing),
        "{error:?}"
    );
    let text = FIXTURE.dir.join("text.so");
    fs::write(&text, "no library").unwrap();
    assert_eq!(told(&text), Unusable::NotLibrary);
    assert_eq!(told(&FIXTURE.library), Unusable::NotPkcs11);
    let torn = FIXTURE.dir.join("torn.so");
    let whole = fs::read(FIXTURE.hsm.module()).unwrap();
    fs::write(&torn, &whole[..100]).unwrap();
    assert!(matches!(told(&torn), Unusable::NotLoadable { .. }));
    // Half of a library, as a broken download leaves it, kills whoever loads it: the helper alone.
    fs::write(&torn, &whole[..whole.len() / 2]).unwrap();
    let error = Host::launch(FIXTURE.launch(&torn))
        .unwrap()
        .tokens()
        .unwrap_err();
    assert!(matches!(error, Error::HelperCrashed { .. }), "{error:?}");
}

#[test]
fn a_32_bit_driver_is_told_before_it_is_loaded() {
    let own = Machine::of_this_program().unwrap();
    // The real module with another machine in its head: the loader is never asked.
    let mut image = fs::read(FIXTURE.hsm.module()).unwrap();
    for (class, machine, expected) in [(1, 3, Machine::X86), (2, 21, Machine::Other(21))] {
        image[4] = class;
        image[18..20].copy_from_slice(&[machine, 0]);
        let path = FIXTURE.dir.join(format!("machine-{machine}.so"));
        fs::write(&path, &image).unwrap();
        assert_eq!(
            told(&path),
            Unusable::OtherMachine {
                machines: vec![expected],
                program: own
            }
        );
    }
    // A Windows driver copied here by mistake.
    let path = FIXTURE.dir.join("bit4xpki.dll");
    let mut image = b"MZ".to_vec();
    image.resize(0x3c, 0);
    image.extend(0x40u32.to_le_bytes());
    image.extend(b"PE\0\0\x4c\x01");
    fs::write(&path, &image).unwrap();
    assert!(
        matches!(told(&path), Unusable::OtherMachine { machines, .. } if machines == [Machine::X86])
    );
}

#[test]
fn a_module_that_refuses_to_begin_is_told_with_its_code() {
    let module = one_fault(
        "refuses",
        "C_Initialize",
        Action::Return(ckr::FUNCTION_FAILED),
    );
    let error = host(&module).tokens().unwrap_err();
    let refused = |cause: &Unusable| matches!(cause, Unusable::Refused { code, .. } if code == "CKR_FUNCTION_FAILED");
    assert!(
        matches!(error, Error::ModuleUnusable { ref cause, .. } if refused(cause)),
        "{error:?}"
    );
}

/// The scripted module is judged by another program too, so that both of ours do not share one mistake.
#[test]
fn opensc_reads_and_uses_the_scripted_module() {
    let module = lay_out("outside-judge", vec![token()], vec![]);
    let tool = |arguments: &[&str]| {
        let output = Command::new("pkcs11-tool")
            .envs(module.env())
            .arg("--module")
            .arg(module.module())
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let slots = tool(&["-L"]);
    assert!(slots.contains("Phan Ngọc Thọ"), "{slots}");
    assert!(slots.contains("serial num         : 0001"), "{slots}");
    let objects = tool(&["--login", "--pin", PIN, "-O"]);
    assert!(objects.contains("Certificate Object"), "{objects}");
    assert!(objects.contains("Private Key Object"), "{objects}");
    let signature = FIXTURE.dir.join("opensc.signature");
    let message = FIXTURE.dir.join("opensc.message");
    fs::write(&message, crate::working::MESSAGE).unwrap();
    tool(&[
        "--login",
        "--pin",
        PIN,
        "--sign",
        "-m",
        "SHA256-RSA-PKCS",
        "--id",
        "01",
        "-i",
        &message.to_string_lossy(),
        "-o",
        &signature.to_string_lossy(),
    ]);
    crate::working::assert_verifies(
        &FIXTURE.rsa_2048,
        antin_token::SignatureAlgorithm::RsaPkcs1Sha256,
        &fs::read(&signature).unwrap(),
    );
}
