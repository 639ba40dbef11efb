//! What goes wrong in an office. Each trouble is told in a sentence with what to do, and leaves file, letter and outbox as
//! they were.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use antin_ops::error::{Code, Error};
use antin_pdf::{Dictionary, Document, Object, Stream, Update};
use antin_testkit::office::{CLERK, LEADER};
use antin_testkit::process::Guard;
use antin_testkit::world::{PROVINCE, RECEIVERS};
use antin_testkit::{Role, process};

use crate::fixture::{Stage, assert_same, files, line, run, sample, utf8};

const SO_PIN: &str = "00000000";

#[test]
fn a_token_that_cannot_sign_leaves_the_letter_waiting() {
    let stage = Stage::new();
    let tokens = stage.world.tokens();
    let pki = stage.world.pki();
    tokens.init_token("Trống", SO_PIN, LEADER.pin).unwrap();
    for (label, role) in [("Hết hạn", Role::Expired), ("Thu hồi", Role::Revoked)] {
        tokens.init_token(label, SO_PIN, LEADER.pin).unwrap();
        let credential = pki.leaf(role).unwrap();
        tokens.import(label, LEADER.pin, credential, &[9]).unwrap();
    }
    let letter = stage.add(&sample("cong-van.pdf"));
    let before = stage.standing();
    let words = ["sign", "--act", "approve", "--pin-stdin", &letter];
    let pin = line(LEADER.pin);
    let refuses = |label: &str, pin: &str, error: Error| {
        stage.give_leader(label);
        stage.refuses(&words, pin, &error);
        assert_eq!(
            stage.standing(),
            before,
            "{}: letter and outbox untouched",
            error.code.name()
        );
    };

    let absent = |label: &str| Error::new(Code::TokenAbsent).with("label", label);
    refuses("Rút rồi", &pin, absent("Rút rồi"));
    refuses(
        "Trống",
        &pin,
        Error::new(Code::TokenCertificateMissing).with("label", "Trống"),
    );
    refuses(
        "Hết hạn",
        &pin,
        Error::new(Code::CertificateExpired)
            .with("subject", "Nguyễn Văn Cũ (DEMO)")
            .with("date", last_day(&stage, Role::Expired)),
    );
    refuses(
        "Thu hồi",
        &pin,
        Error::new(Code::CertificateRevoked).with("subject", "Lê Thị Thu Hồi (DEMO)"),
    );
    // SoftHSM reports the low count from the first wrong PIN on, and never locks.
    refuses(
        LEADER.label,
        &line("00001111"),
        Error::new(Code::PinIncorrectCountLow),
    );
    refuses(LEADER.label, "", Error::new(Code::PinInvalid));

    let module = stage.world.tokens().module().to_path_buf();
    let set_module = |path: &Path| {
        stage.change_office(|config| config["signers"][0]["module"] = utf8(path).into());
    };
    let nowhere = stage.path("không có.so");
    set_module(&nowhere);
    refuses(
        LEADER.label,
        &pin,
        Error::new(Code::TokenModuleNotFound).with("module", nowhere.display()),
    );
    set_module(&module);

    // Everything put right, the same letter is signed: nothing stuck to it.
    let signed = stage.done(&PROVINCE, &words, &pin);
    assert_eq!(signed["state"], "signed");

    let next = stage.add(&sample("giay-moi.pdf"));
    let before = stage.standing();
    tokens.delete_token(LEADER.label).unwrap();
    let words = ["sign", "--act", "approve", "--pin-stdin", &next];
    stage.refuses(&words, &pin, &absent(LEADER.label));
    assert_eq!(stage.standing(), before, "pulled out: nothing changed");
}

fn last_day(stage: &Stage, role: Role) -> String {
    let certificate = stage.world.pki().leaf(role).unwrap().certificate();
    let day = certificate
        .tbs_certificate
        .validity
        .not_after
        .to_date_time();
    format!("{:02}/{:02}/{}", day.day(), day.month(), day.year())
}

/// A file outside any office is not touched either.
#[test]
fn a_file_stays_as_it_was_when_it_cannot_be_signed() {
    let stage = Stage::new();
    let folder = stage.path("Văn bản");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("Công văn #1.pdf");
    fs::copy(sample("cong-van.pdf"), &file).unwrap();
    let original = fs::read(&file).unwrap();
    let sign = |token: &str, pin: &str, error: &Error| {
        let words = ["sign", "--token", token, "--pin-stdin", utf8(&file)];
        stage.refuses(&words, &line(pin), error);
        assert_same(&fs::read(&file).unwrap(), &original, "the file");
        assert_eq!(
            files(&folder).len(),
            1,
            "nothing is left beside the file: {}",
            error.code.name()
        );
    };
    sign(
        "Rút rồi",
        LEADER.pin,
        &Error::new(Code::TokenAbsent).with("label", "Rút rồi"),
    );
    sign(
        LEADER.label,
        "87654321",
        &Error::new(Code::PinIncorrectCountLow),
    );

    let missing = folder.join("không có.pdf");
    let words = ["sign", "--pin-stdin", utf8(&missing)];
    let unreadable = Error::new(Code::FileUnreadable).with("file", missing.display());
    stage.refuses(&words, &line(LEADER.pin), &unreadable);
    assert_eq!(files(&folder).len(), 1, "nothing was made");
}

#[test]
fn steps_are_taken_in_order_and_a_wrong_pin_takes_no_number() {
    let stage = Stage::new();
    let letter = stage.add(&sample("directive.pdf"));
    let issue = ["issue", "--pin-stdin", &letter];
    let dispatch = ["dispatch", "--to", RECEIVERS[0].id, &letter];
    let at = |state: &str| Error::new(Code::LetterWrongState).with("state", state);
    stage.refuses(&issue, &line(CLERK.pin), &at("waiting"));
    stage.refuses(&dispatch, "", &at("waiting"));

    let approve = ["sign", "--act", "approve", "--pin-stdin", &letter];
    stage.done(&PROVINCE, &approve, &line(LEADER.pin));
    stage.refuses(&approve, &line(LEADER.pin), &at("signed"));
    let before = stage.standing();
    stage.refuses(
        &issue,
        &line(LEADER.pin),
        &Error::new(Code::PinIncorrectCountLow),
    );
    assert_eq!(stage.standing(), before, "the letter waits unchanged");
    assert_eq!(count(&stage, "number"), 0, "no gap in the register");

    let issued = stage.done(&PROVINCE, &issue, &line(CLERK.pin));
    assert_eq!(
        issued["code"], "77/2014/CT-UBND",
        "the first number there is"
    );
    stage.refuses(&issue, &line(CLERK.pin), &at("issued"));

    stage.done(&PROVINCE, &["sync"], "");
    let unknown = ["dispatch", "--to", "H99.99", &letter];
    stage.refuses(
        &unknown,
        "",
        &Error::new(Code::AgencyUnknown).with("agency", "H99.99"),
    );
    stage.all(&PROVINCE, &dispatch);
    stage.refuses(&dispatch, "", &at("sent"));
    assert_eq!(count(&stage, "dispatch"), 1, "asked for twice, sent once");
}

/// Rows of one of the province's tables.
fn count(stage: &Stage, table: &str) -> i64 {
    crate::exactly_once::asked(stage, &format!("SELECT count(*) FROM {table}"))
}

/// Decree 30, Art. 15.3: the system numbers. While it is away the letter waits for its number and says so.
#[test]
fn a_letter_waits_for_its_number_while_the_province_is_away() {
    let mut stage = Stage::new();
    let letter = stage.approved("directive.pdf");
    let before = stage.standing();
    stage.world.kill_province();
    let words = ["issue", "--pin-stdin", &letter];
    stage.refuses(&words, &line(CLERK.pin), &Error::new(Code::NumberWaiting));
    assert_eq!(stage.standing(), before, "the letter is as it was");
    stage.world.start_province().unwrap();
    let issued = stage.done(&PROVINCE, &words, &line(CLERK.pin));
    assert_eq!(issued["code"], "77/2014/CT-UBND", "no number was lost");
}

#[test]
fn a_dispatch_waits_while_the_province_is_away_and_goes_out_by_itself() {
    let mut stage = Stage::new();
    let letter = stage.issued("directive.pdf");
    stage.done(&PROVINCE, &["sync"], "");
    stage.world.kill_province();

    let to = RECEIVERS.map(|agency| agency.id).join(",");
    let rows = stage.all(&PROVINCE, &["dispatch", "--to", &to, &letter]);
    assert_eq!(rows[0]["state"], "queued");
    assert_eq!(rows[1]["reached"], false);
    assert_eq!(rows[1]["sent"], 0);
    assert_eq!(rows[1]["waiting"], 1);
    let row = stage.row_of(&["outbox"], &letter);
    assert_eq!(row["state"], "queued", "{row}");
    assert!(row["cause"]["code"].is_string(), "it says why: {row}");
    let said = stage.antin(&PROVINCE, &["sync"], "").ended(0).out;
    assert!(
        said.contains("Chưa kết nối được hệ thống của tỉnh; còn chờ 1, sẽ tự gửi lại."),
        "{said}"
    );

    let mut watch = stage.world.antin(&PROVINCE);
    watch
        .args(["sync", "--watch"])
        .stdout(std::process::Stdio::null());
    let mut watch = Guard::spawn(watch).unwrap();
    stage.world.start_province().unwrap();
    assert!(
        watch.child().wait().unwrap().success(),
        "it ends when nothing waits"
    );
    let row = stage.row_of(&["outbox"], &letter);
    assert_eq!(row["state"], "sent", "{row}");
    assert_eq!(row["receipts"], 1, "{row}");
    assert_eq!(count(&stage, "dispatch"), 1, "exactly once");
    assert_eq!(count(&stage, "delivery"), 3, "one delivery each");
}

#[test]
fn what_cannot_be_a_letter_is_refused_at_the_desk() {
    let stage = Stage::new();
    let write = |name: &str, bytes: &[u8]| {
        let path = stage.path(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let letter = fs::read(sample("giay-moi.pdf")).unwrap();
    let not_pdf = write("Tờ trình.docx", b"PK\x03\x04 no PDF at all");
    let damaged = write("tải dở.pdf", &letter[..letter.len() / 2]);
    let at = letter
        .windows(9)
        .rposition(|window| window == b"startxref")
        .unwrap();
    let endless = write("mất đuôi.pdf", &letter[..at]);
    let behind_junk = write(
        "rác.pdf",
        &[b"data:application/pdf;".as_slice(), &letter].concat(),
    );
    let encrypted = stage.path("mật khẩu.pdf");
    run(Command::new("qpdf")
        .args(["--encrypt", "mo", "chu", "256", "--"])
        .arg(sample("giay-moi.pdf"))
        .arg(&encrypted));
    let secret = write("mật.pdf", &marked_secret());
    let before = stage.standing();

    for (file, code) in [
        (&not_pdf, Code::DocumentNotPdf),
        (&damaged, Code::DocumentDamaged),
        (&endless, Code::DocumentDamaged),
        (&behind_junk, Code::DocumentBehindJunk),
        (&encrypted, Code::DocumentEncrypted),
    ] {
        let original = fs::read(file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy();
        let error = |file: &dyn std::fmt::Display| match code {
            Code::DocumentBehindJunk => Error::new(code).with("file", file).with("count", 21),
            _ => Error::new(code).with("file", file),
        };
        let words = ["letter", "add", utf8(file)];
        stage.refuses(&words, "", &error(&name));
        let words = ["sign", "--pin-stdin", utf8(file)];
        let error = error(&file.display());
        stage.refuses(&words, &line(LEADER.pin), &error);
        assert_same(&fs::read(file).unwrap(), &original, &name);
    }
    let error = Error::new(Code::LetterSecret).with("marking", "TỐI MẬT");
    stage.refuses(&["letter", "add", utf8(&secret)], "", &error);
    assert_eq!(stage.standing(), before, "nothing came before the leader");
}

/// The sample letter with the stamp of Decree 30 set on its first page, in a font that is not in the file.
fn marked_secret() -> Vec<u8> {
    let document = Document::open(&sample("cong-van.pdf")).unwrap();
    let page = document.page(0).unwrap();
    let mut update = Update::new(&document);
    let stamp = b"q BT /Stamp 14 Tf 90 640 Td (T\x80I M\x81T) Tj ET Q".to_vec();
    let stamp = update.add(Object::Stream(Stream::new(Dictionary::new(), stamp)));
    let name = |text: &str| Object::Name(text.as_bytes().to_vec());
    let mut encoding = Dictionary::new();
    encoding.set(
        "Differences",
        vec![128.into(), name("uni1ED0"), name("uni1EAC")],
    );
    let mut font = Dictionary::new();
    font.set("Type", name("Font"));
    font.set("Subtype", name("Type1"));
    font.set("BaseFont", name("Times-Bold"));
    font.set("Encoding", Object::Dictionary(encoding));
    let font = update.add(Object::Dictionary(font));

    let mut resources = update
        .resolve(&page.resources)
        .unwrap()
        .as_dict()
        .unwrap()
        .clone();
    let mut fonts = match resources.get(b"Font") {
        Ok(fonts) => update.resolve(fonts).unwrap().as_dict().unwrap().clone(),
        Err(_) => Dictionary::new(),
    };
    fonts.set("Stamp", Object::Reference(font));
    resources.set("Font", Object::Dictionary(fonts));
    let mut dict = page.dict.clone();
    let written = dict.get(b"Contents").unwrap().clone();
    dict.set("Contents", vec![written, Object::Reference(stamp)]);
    dict.set("Resources", Object::Dictionary(resources));
    update.set(page.id, Object::Dictionary(dict));
    [document.bytes(), &update.write().unwrap().bytes].concat()
}

/// The disk runs full while the result is written: the old file is all there, and no half of a new one.
#[test]
fn a_full_disk_leaves_the_old_file() {
    let stage = Stage::new();
    let file = stage.path("văn bản").join("cong-van.pdf");
    fs::create_dir(file.parent().unwrap()).unwrap();
    fs::copy(sample("cong-van.pdf"), &file).unwrap();
    let original = fs::read(&file).unwrap();
    let error = Error::new(Code::DiskFull).with("file", file.display());

    // No file may grow beyond the original's size and a little: that stands for the disk on every machine.
    let blocks = (original.len() / 512 + 4).to_string();
    let limited = "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"";
    let mut command = shell(&stage, limited, &[&blocks]);
    // No office: its database is larger than that.
    command.env_remove("ANTIN_OFFICE");
    sign_file(&stage, &mut command, &file);
    told(&stage, command, &error);
    assert_same(&fs::read(&file).unwrap(), &original, "the file");
    assert_eq!(files(file.parent().unwrap()).len(), 1, "no half of a file");

    // And a real full disk, where the system lets one be mounted: room for the copy, not for the signature.
    let Some(mut command) = small_disk(&stage, file.parent().unwrap(), 2 * original.len() + 8192)
    else {
        return;
    };
    sign_file(&stage, &mut command, &file);
    told(&stage, command, &error);
    let left = files(&stage.path("what was left"));
    assert_eq!(left.len(), 1, "no half of a file: {:?}", left.keys());
    assert_same(left.values().next().unwrap(), &original, "the file");
}

fn sign_file(stage: &Stage, command: &mut Command, file: &Path) {
    command
        .args(["sign", "--pin-stdin", "--token", LEADER.label, "--module"])
        .arg(stage.world.tokens().module())
        .arg(file);
}

#[test]
fn a_full_disk_leaves_the_letter_waiting() {
    let stage = Stage::new();
    let letter = stage.add(&sample("directive.pdf"));
    let before = stage.standing();
    let office = stage.world.office(&PROVINCE);
    let held: usize = files(&office)
        .values()
        .map(|bytes| bytes.len().next_multiple_of(4096))
        .sum();
    // Room for the database's own work, not for the signed letter.
    let Some(mut command) = small_disk(&stage, &office, held + (96 << 10)) else {
        return;
    };
    command.args(["sign", "--act", "approve", "--pin-stdin", &letter]);
    let error = Error::new(Code::DiskFull).with("file", "antin.db");
    told(&stage, command, &error);

    // What the full disk held is an office still.
    let left = stage.path("what was left");
    fs::remove_dir_all(&office).unwrap();
    fs::rename(&left, &office).unwrap();
    assert_eq!(stage.standing(), before, "the letter waits");
    let words = ["sign", "--act", "approve", "--pin-stdin", &letter];
    let signed = stage.done(&PROVINCE, &words, &line(LEADER.pin));
    assert_eq!(signed["state"], "signed", "with room again");
}

/// `antin` started by a shell script that gets the `first` words before it.
fn shell(stage: &Stage, script: &str, first: &[&str]) -> Command {
    let antin = stage.world.antin(&PROVINCE);
    let mut command = process::command("sh");
    command.args(["-c", script, "sh"]).args(first);
    command.arg(antin.get_program()).args(antin.get_args());
    for (name, value) in antin.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command
}

/// `antin` where `folder` lies on a disk of so many bytes, in a mount namespace of its own. `what was left` of the
/// folder is copied out at the end. `None`, said aloud, where nothing may be mounted.
pub(crate) fn small_disk(stage: &Stage, folder: &Path, bytes: usize) -> Option<Command> {
    let script = "size=$1; folder=$2; before=$3; left=$4; shift 4
        cp -r \"$folder\" \"$before\" && mount -t tmpfs -o size=$size tmpfs \"$folder\" || exit 99
        cp -r \"$before\"/. \"$folder\" || exit 98
        \"$@\"; code=$?
        rm -rf \"$before\"; cp -r \"$folder\" \"$left\"
        exit $code";
    // As root, or as anyone in a user namespace.
    let may_mount = |namespace: &&str| {
        Command::new("unshare")
            .args([namespace, "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
            .output()
            .is_ok_and(|output| output.status.success())
    };
    let Some(namespace) = ["-m", "-rm"].into_iter().find(may_mount) else {
        // Past the harness, which keeps what a passing test prints.
        writeln!(
            std::io::stderr().lock(),
            "SKIPPED: no file system may be mounted here; of the full disk only the file size limit was tried"
        )
        .unwrap();
        return None;
    };
    let inner = shell(
        stage,
        script,
        &[
            &bytes.to_string(),
            utf8(folder),
            utf8(&stage.path("before")),
            utf8(&stage.path("what was left")),
        ],
    );
    let mut command = process::command("unshare");
    command
        .arg(namespace)
        .arg(inner.get_program())
        .args(inner.get_args());
    for (name, value) in inner.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    Some(command)
}

/// Runs it with the leader's PIN, in words for people.
#[track_caller]
fn told(stage: &Stage, mut command: Command, error: &Error) {
    let pin = stage.path("pin");
    fs::write(&pin, line(LEADER.pin)).unwrap();
    command.stdin(fs::File::open(&pin).unwrap());
    let output = command.output().unwrap();
    let said = antin_ops::message::say(antin_ops::message::Language::Vi, error);
    let expected = format!("{}\n  → {}\n", said.what, said.advice);
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        expected,
        "{output:?}"
    );
    assert_eq!(output.status.code(), Some(1));
}

/// Invariant 3. Neither a PIN that was wrong nor one that was right is found anywhere afterwards, however much is logged.
#[test]
fn no_pin_is_left_anywhere() {
    const WRONG: &str = "73190846-canary";
    const RIGHT: &str = "canary-60481937";
    let stage = Stage::new();
    let tokens = stage.world.tokens();
    tokens.init_token("Chim hoàng yến", SO_PIN, RIGHT).unwrap();
    let official = stage.world.pki().leaf(Role::Official).unwrap();
    tokens
        .import("Chim hoàng yến", RIGHT, official, &[7])
        .unwrap();
    stage.give_leader("Chim hoàng yến");
    let letter = stage.add(&sample("cong-van.pdf"));
    let file = stage.path("file.pdf");
    fs::copy(sample("cong-van.pdf"), &file).unwrap();

    let mut printed = Vec::new();
    for (pin, code) in [(WRONG, 1), (RIGHT, 0)] {
        for words in [
            &["sign", "--act", "approve", "--pin-stdin", &letter][..],
            &["--json", "sign", "--pin-stdin", utf8(&file)],
        ] {
            let input = stage.path("stdin");
            fs::write(&input, format!("{pin}\nsecond line")).unwrap();
            let mut command = stage.world.antin(&PROVINCE);
            command
                .args(words)
                .env("ANTIN_LOG", "trace")
                .env("RUST_BACKTRACE", "full")
                .stdin(fs::File::open(&input).unwrap());
            let output = command.output().unwrap();
            fs::remove_file(&input).unwrap();
            assert_eq!(output.status.code(), Some(code), "{output:?}");
            printed.push(output.stdout);
            printed.push(output.stderr);
        }
    }
    let kept = files(stage.folder.path());
    assert!(kept.len() > 50, "the whole world was looked at");
    let places = kept
        .iter()
        .map(|(path, bytes)| (path.clone(), bytes))
        .chain(
            printed
                .iter()
                .map(|bytes| (PathBuf::from("printed"), bytes)),
        );
    for (place, bytes) in places {
        for pin in [WRONG, RIGHT] {
            let found = bytes.windows(pin.len()).any(|part| part == pin.as_bytes());
            assert!(!found, "{pin} is in {}", place.display());
        }
    }
}
