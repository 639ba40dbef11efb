//! `antin sign`: files in place with one login, or letters of the office (`--act approve`). Each act's words are read
//! in a file of its name.

mod stop;
mod tell;

use crate::{
    appendix, copy, incoming, initial, number,
    output::Output,
    seal,
    words::{ActName, Facts, LevelName, Sign, Words},
};
use antin_ops::{
    UserPin,
    batch::{self, Named, Summary, Waits},
    error::{Code, Error, Result},
    helper, letter,
    message::line,
    office::{Office, Role},
    sign::{ApproveOrder, FileAct, Level, Permissions, Plainly, Signing, approve, permissions},
    trust::Trust,
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    fmt::Display,
    fs::File,
    path::{Path, PathBuf},
    process::ExitCode,
};
use stop::Stop;
use tell::Teller;

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

/// Ends as [`files`] does.
fn approve_letters(office: &Office, order: &Sign, output: &mut Output) -> Result<ExitCode> {
    let waits = |name: &PathBuf| {
        letter::parse_id(&name.to_string_lossy()).map(|letter| Waits {
            letter,
            place: None,
        })
    };
    let letters = order.files.iter().map(waits).collect::<Result<Vec<_>>>()?;
    let signer = office.signer(Role::Leader)?.name.clone();
    let pin = read_pin(order.pin_stdin)?;
    let stop = Stop::listen();
    let flag = stop.flag();
    if let [only] = letters.as_slice() {
        let order = ApproveOrder {
            letter: only.letter,
            pin,
            place: None,
        };
        let letter = approve(office, order, &mut |_| ())?;
        tell::approved(output, &letter, &signer);
        return Ok(ExitCode::SUCCESS);
    }
    let summary = batch::approve(office, &letters, pin, &flag, &mut |id, told| {
        tell::letter(output, id, told, &signer);
    })?;
    tell::summary(output, letters.len(), &summary, BTreeMap::new());
    Ok(ended(&summary, &stop))
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
        "file": file.display().to_string(), "signing": signing, "certification": said.certification,
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
        ActName::Number => Box::new(number::of(&order.facts)?),
        ActName::Seal => Box::new(seal::of(&order.facts, office)?),
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

/// Ends with 0 when every file is signed; 1 when one was refused, or nothing could be begun; 3 when the token, the PIN or the
/// disk ended the batch and files are left; 130 when Ctrl-C did.
const ENDED_EARLY: u8 = 3;

fn files(words: &Words, order: &Sign, output: &mut Output) -> Result<ExitCode> {
    let named = named(order)?;
    if order.out.is_some() && named.len() > 1 {
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
    let certificate = order.cert_id.as_deref().map(parse_hex).transpose()?;
    let queue = office
        .as_ref()
        .is_some_and(|office| !office.config().tsa.is_empty());
    let level = level(order.level, queue);
    let act = act(order, office.as_ref())?;
    let batch = batch::Order {
        act: &*act,
        module: &means.module,
        token: &means.token,
        certificate: certificate.as_deref(),
        pin: read_pin(order.pin_stdin)?,
        level,
        authorities: &means.authorities,
        files: &named,
        out: order.out.as_deref(),
        again: order.again,
    };
    let program = helper::program().map_err(Error::unknown)?;
    let mut stop = Stop::listen();
    let flag = stop.flag();
    let mut teller = Teller::new(output, &mut stop, office.as_ref(), level, named.len());
    let summary = batch::sign(&program, trust, batch, &flag, &mut |told| teller.hear(told))?;
    teller.sum_up(&summary);
    Ok(ended(&summary, &stop))
}

fn ended(summary: &Summary, stop: &Stop) -> ExitCode {
    if summary.is_complete() {
        ExitCode::SUCCESS
    } else if summary.left == 0 {
        ExitCode::FAILURE
    } else if summary.ended_by.is_none() && stop.is_raised() {
        ExitCode::from(stop::INTERRUPTED)
    } else {
        ExitCode::from(ENDED_EARLY)
    }
}

/// With a queue, a time-stamp that cannot be had at once comes later.
fn level(name: Option<LevelName>, queue: bool) -> Level {
    match name {
        Some(LevelName::B) => Level::B,
        Some(LevelName::T) if queue => Level::TLater,
        Some(LevelName::T) => Level::T,
        Some(LevelName::Lt) => Level::Lt,
        Some(LevelName::Lta) => Level::Lta,
        None => Level::BestEffort,
    }
}

/// The files, each with what was shown of it if that was said of all.
fn named(order: &Sign) -> Result<Vec<Named>> {
    let mut named = batch::listed(&order.files)?;
    if order.expect_sha256.is_empty() {
        return Ok(named);
    }
    let wrong = |what: &dyn Display| Error::new(Code::DocumentNotAsShown).with("file", what);
    if order.expect_sha256.len() != named.len() {
        return Err(wrong(&"--expect-sha256"));
    }
    for (file, shown) in named.iter_mut().zip(&order.expect_sha256) {
        let digest = hex(shown).and_then(|digest| digest.try_into().ok());
        file.shown = Some(digest.ok_or_else(|| wrong(&file.path.display()))?);
    }
    Ok(named)
}

fn means(office: Option<&Office>, order: &Sign) -> Result<Means> {
    // What the agency signs, its clerk signs with its token (Decree 30, Art. 32.2).
    let role = match order.act {
        ActName::Number | ActName::Seal | ActName::Appendix | ActName::Copy | ActName::Incoming => {
            Role::Clerk
        }
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
fn parse_hex(text: &str) -> Result<Vec<u8>> {
    hex(text).ok_or_else(|| Error::new(Code::TokenCertificateMissing).with("label", text))
}

fn hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| {
            text.get(at..at + 2)
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn identities_are_hexadecimal() {
        assert_eq!(hex("01aF"), Some(vec![1, 0xaf]));
        for wrong in ["1", "zz", "ô1"] {
            assert!(hex(wrong).is_none(), "{wrong}");
        }
    }
}
