//! `antin sign`: files in place with one login, or letters of the office (`--act approve`). Each act's words are read
//! in a file of its name.

use crate::{
    appendix, copy, incoming, initial,
    output::Output,
    words::{ActName, Facts, LevelName, Sign, Words},
};
use antin_ops::{
    UserPin,
    error::{Code, Error, Result},
    helper, letter,
    message::line,
    office::{Office, Role},
    sign::{
        ApproveOrder, FileAct, FileOrder, Level, Permissions, Plainly, SignedFile, Signing,
        approve, permissions, sign_files,
    },
    timestamp,
    trust::Trust,
};
use serde_json::json;
use std::{
    fs::File,
    path::{Path, PathBuf},
    process::ExitCode,
};

pub(crate) fn run(words: &Words, order: &Sign, output: &mut Output) -> Result<ExitCode> {
    if order.dry_run {
        return permitted(order, output);
    }
    match order.act {
        ActName::Approve => approve_letters(&Office::open(&words.office())?, order, output),
        _ => files(words, order, output),
    }
}

/// The PIN is the first line of standard input, read past any buffer. Nothing else of it is read or kept.
pub(crate) fn read_pin(wanted: bool) -> Result<Option<UserPin>> {
    if !wanted {
        return Ok(None);
    }
    let pin = unbuffered_stdin().and_then(|mut source| UserPin::read_line(&mut source));
    pin.map(Some)
        .map_err(|e| Error::caused(Code::PinInvalid, e))
}

#[cfg(unix)]
fn unbuffered_stdin() -> std::io::Result<File> {
    use std::os::fd::AsFd;
    std::io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .map(File::from)
}

#[cfg(windows)]
fn unbuffered_stdin() -> std::io::Result<File> {
    use std::os::windows::io::AsHandle;
    std::io::stdin()
        .as_handle()
        .try_clone_to_owned()
        .map(File::from)
}

fn approve_letters(office: &Office, order: &Sign, output: &mut Output) -> Result<ExitCode> {
    let [only] = order.files.as_slice() else {
        return Err(Error::new(Code::LetterUnknown).with("letter", ""));
    };
    let id = letter::parse_id(&only.to_string_lossy())?;
    let order = ApproveOrder {
        letter: id,
        pin: read_pin(order.pin_stdin)?,
        place: None,
    };
    let letter = approve(office, order, &mut |_| ())?;
    let signer = office.signer(Role::Leader)?.name.clone();
    let object = json!({ "letter": id, "state": letter.state.key(), "signer": signer });
    output.put(&object, |language| {
        line(
            language,
            &["cli", "approved"],
            &[("subject", &letter::title(&letter)), ("signer", &signer)],
        )
    });
    Ok(ExitCode::SUCCESS)
}

/// Whose token and whose authorities: named in words, else those of the office's person for the act.
struct Means {
    module: PathBuf,
    token: String,
    authorities: Vec<String>,
}

/// What the files' own signatures allow, without a token.
fn permitted(order: &Sign, output: &mut Output) -> Result<ExitCode> {
    let mut all_read = true;
    for file in &order.files {
        match permissions(file) {
            Ok(said) => put_permissions(file, &said, output),
            Err(error) => {
                all_read = false;
                output.refusal(file, &error);
            }
        }
    }
    Ok(if all_read {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn put_permissions(file: &Path, said: &Permissions, output: &mut Output) {
    let signing = match said.signing {
        Signing::Nothing => "nothing",
        Signing::Prepared => "prepared",
        Signing::Invisible => "invisible",
        Signing::Free => "free",
    };
    let object = json!({
        "file": file, "signing": signing, "certification": said.certification,
        "signed": said.signed, "empty": said.empty,
    });
    output.put(&object, |language| {
        let (file, empty) = (file.display().to_string(), said.empty.join(", "));
        let empty = if empty.is_empty() { "–" } else { &empty };
        line(
            language,
            &["permissions", signing],
            &[("file", &file), ("empty", empty)],
        )
    });
}

/// What is done to each file.
fn act(order: &Sign, office: Option<&Office>) -> Result<Box<dyn FileAct>> {
    Ok(match order.act {
        ActName::Appendix => Box::new(appendix::of(&order.facts)?),
        ActName::Copy => Box::new(copy::of(&order.facts, office)?),
        ActName::Incoming => Box::new(incoming::of(&order.facts, office)?),
        ActName::Initial => Box::new(initial::of(&order.facts)?),
        ActName::Approve | ActName::Plain => Box::new(Plainly),
    })
}

/// The agency named in words, else the office's.
pub(crate) fn agency(facts: &Facts, office: Option<&Office>) -> Result<String> {
    let own = office.map(|office| office.config().agency.name.clone());
    facts
        .agency
        .clone()
        .or(own)
        .ok_or_else(|| Error::new(Code::TextDoesNotFit).with("text", "--agency"))
}

fn files(words: &Words, order: &Sign, output: &mut Output) -> Result<ExitCode> {
    if order.out.is_some() && order.files.len() > 1 {
        return Err(Error::new(Code::OutForOneFile));
    }
    let office = words
        .named_office()
        .map(|folder| Office::open(&folder))
        .transpose()?;
    let means = means(office.as_ref(), order)?;
    let bundled;
    let trust = match &office {
        Some(office) if order.trust.is_empty() => office.trust(),
        _ => {
            bundled = Trust::bundled(&order.trust)?;
            &bundled
        }
    };
    let certificate = order.cert_id.as_deref().map(parse_id).transpose()?;
    let level = match order.level {
        Some(LevelName::B) => Level::B,
        Some(LevelName::T) => Level::T,
        Some(LevelName::Lt) => Level::Lt,
        Some(LevelName::Lta) => Level::Lta,
        None => Level::BestEffort,
    };
    let act = act(order, office.as_ref())?;
    let files = FileOrder {
        act: &*act,
        module: &means.module,
        token: &means.token,
        certificate: certificate.as_deref(),
        pin: read_pin(order.pin_stdin)?,
        level,
        authorities: &means.authorities,
        files: &order.files,
        out: order.out.as_deref(),
    };
    let program = helper::program().map_err(Error::unknown)?;
    let mut all_signed = true;
    sign_files(&program, trust, files, &mut |file, outcome| match outcome {
        Ok(signed) => {
            report(output, &signed);
            if level == Level::BestEffort && !signed.timestamped {
                wait_for_timestamp(office.as_ref(), &signed, output);
            }
        }
        Err(error) => {
            all_signed = false;
            output.refusal(file, &error);
        }
    })?;
    Ok(if all_signed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn means(office: Option<&Office>, order: &Sign) -> Result<Means> {
    // What the agency signs, its clerk signs with its token (Decree 30, Art. 32.2).
    let role = match order.act {
        ActName::Appendix | ActName::Copy | ActName::Incoming => Role::Clerk,
        _ => Role::Leader,
    };
    let holder = office
        .map(|office| office.signer(role).map(|who| (office, who)))
        .transpose()?;
    let module = order
        .module
        .clone()
        .or_else(|| holder.map(|(office, who)| office.path(&who.module)));
    let token = order
        .token
        .clone()
        .or_else(|| holder.map(|(_, who)| who.token.clone()));
    let authorities = match office {
        Some(office) if order.tsa.is_empty() => office.config().tsa.clone(),
        _ => order.tsa.clone(),
    };
    Ok(Means {
        module: module
            .ok_or_else(|| Error::new(Code::TokenModuleNotFound).with("module", "--module"))?,
        token: token.ok_or_else(|| Error::new(Code::TokenAbsent).with("label", "--token"))?,
        authorities,
    })
}

/// A `CKA_ID` as pkcs11-tool prints it.
fn parse_id(hex: &str) -> Result<Vec<u8>> {
    let wrong = || Error::new(Code::TokenCertificateMissing).with("label", hex);
    if !hex.len().is_multiple_of(2) || !hex.is_ascii() {
        return Err(wrong());
    }
    (0..hex.len())
        .step_by(2)
        .map(|at| {
            hex.get(at..at + 2)
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                .ok_or_else(wrong)
        })
        .collect()
}

/// In an office the queue remembers the file; a file that cannot be noted is signed all the same.
fn wait_for_timestamp(office: Option<&Office>, signed: &SignedFile, output: &mut Output) {
    let Some(office) = office.filter(|office| !office.config().tsa.is_empty()) else {
        return;
    };
    match timestamp::queue_file(office, &signed.path, &signed.field) {
        Ok(()) => output.say(
            "stamp-later",
            &[("file", &signed.path.display().to_string())],
        ),
        Err(error) => output.refusal(&signed.path, &error),
    }
}

fn report(output: &mut Output, signed: &SignedFile) {
    let object = json!({
        "file": signed.path, "field": signed.field, "signer": signed.signer,
        "bytesAppended": signed.grown, "timestamped": signed.timestamped,
    });
    output.put(&object, |language| {
        let key = if signed.timestamped {
            "signed-timestamp"
        } else {
            "signed"
        };
        let (file, grown) = (signed.path.display().to_string(), signed.grown.to_string());
        line(
            language,
            &["cli", key],
            &[
                ("file", &file),
                ("field", &signed.field),
                ("signer", &signed.signer),
                ("bytes", &grown),
            ],
        )
    });
}

#[cfg(test)]
mod tests {
    use super::parse_id;

    #[test]
    fn identities_are_hexadecimal() {
        assert_eq!(parse_id("01aF").expect("hex"), [1, 0xaf]);
        for wrong in ["1", "zz", "ô1"] {
            assert!(parse_id(wrong).is_err(), "{wrong}");
        }
    }
}
