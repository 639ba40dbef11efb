//! The story: one letter the whole way, a forged one refused, one sent by itself after the server was down.

use crate::{Outcome, say};
use antin_testkit::{
    office::{CLERK, LEADER},
    process::Guard,
    world::{DemoAgency, PROVINCE, RECEIVERS, World},
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

/// Tells it and returns the summary's lines.
pub(crate) fn tell(world: &mut World, letters: &Path) -> Outcome<Vec<String>> {
    let mut short = Vec::new();
    let letter = approve(world, &letters.join("directive.pdf"))?;
    let code = issue(world, &letter)?;
    short.push(format!(
        "ký, cấp số, đóng dấu · signed, numbered, sealed: {code}"
    ));
    dispatch(world, &letter)?;
    short.push(format!("gửi · sent: {} nơi nhận", RECEIVERS.len()));
    for agency in &RECEIVERS {
        receive(world, agency)?;
    }
    short.push(format!(
        "tiếp nhận · received and accepted: {}",
        RECEIVERS.len()
    ));
    let receipts = receipts(world)?;
    short.push(format!(
        "giấy báo có chữ ký, đã xác minh · signed receipts verified: {receipts}"
    ));
    let refusal = forge(world, &letter)?;
    short.push(format!("bị từ chối · refused: {refusal}"));
    let waited = outage(world, &letters.join("cong-van.pdf"))?;
    short.push(format!(
        "tự gửi khi máy chủ chạy lại · went out by itself: {waited}"
    ));
    leave_work(world, letters)?;
    Ok(short)
}

/// Something to do for whoever opens the desk: one letter to issue, two to sign.
fn leave_work(world: &World, letters: &Path) -> Outcome<()> {
    approve(world, &letters.join("giay-moi.pdf"))?;
    for (draft, urgency) in [("directive.pdf", "normal"), ("cong-van.pdf", "khan")] {
        antin(
            world,
            &PROVINCE,
            &[
                "letter",
                "add",
                &path_text(&letters.join(draft)),
                "--urgency",
                urgency,
            ],
            "",
        )?;
    }
    Ok(())
}

fn approve(world: &World, draft: &Path) -> Outcome<String> {
    say("\n■ Ký duyệt · approve");
    let added = antin(world, &PROVINCE, &["letter", "add", &path_text(draft)], "")?;
    let letter = text(&added, "letter")?;
    say(&format!(
        "  Trình ký: {} ({} trang)",
        text(&added, "subject")?,
        at(&added, "/pages")
    ));
    let signed = antin(
        world,
        &PROVINCE,
        &["sign", "--act", "approve", "--pin-stdin", &letter],
        &pin(LEADER.pin),
    )?;
    say(&format!(
        "  {} đã ký: chứng thực P=2, hình chữ ký, chỗ chờ sẵn cho số, ngày và dấu",
        text(&signed, "signer")?
    ));
    Ok(letter)
}

fn issue(world: &World, letter: &str) -> Outcome<String> {
    say("\n■ Ký phát hành · issue");
    let issued = antin(
        world,
        &PROVINCE,
        &["issue", "--pin-stdin", letter],
        &pin(CLERK.pin),
    )?;
    let code = text(&issued, "code")?;
    say(&format!(
        "  Số {code}, ngày {}, dấu đỏ: một lần nhập PIN, một lần ghi",
        text(&issued, "date")?
    ));
    let file = export(world, letter, "phat-hanh.pdf")?;
    let verified = antin(world, &PROVINCE, &["verify", &path_text(&file)], "")?;
    tell_verdict(&verified)?;
    say(&format!("  {}", file.display()));
    Ok(code)
}

fn tell_verdict(verified: &Value) -> Outcome<()> {
    say(&format!("  Kiểm tra: {}", text(verified, "verdict")?));
    for signature in at(verified, "/signatures").as_array().into_iter().flatten() {
        let name = at(signature, "/signer/common_name")
            .as_str()
            .unwrap_or_default();
        say(&format!(
            "    {:<8} {name}: {}, {}",
            at(signature, "/field").as_str().unwrap_or_default(),
            at(signature, "/indication"),
            at(signature, "/level")
        ));
    }
    Ok(())
}

fn dispatch(world: &World, letter: &str) -> Outcome<()> {
    say("\n■ Phát hành · dispatch");
    antin(world, &PROVINCE, &["sync"], "")?;
    let to = RECEIVERS.map(|agency| agency.id).join(",");
    let lines = antin_lines(world, &PROVINCE, &["dispatch", "--to", &to, letter], "")?;
    let [queued, synced] = lines.as_slice() else {
        return Err("dispatch answered otherwise than expected".into());
    };
    say(&format!(
        "  Đã lưu vào hàng chờ gửi trước khi rời máy: {}",
        text(queued, "dispatch")?
    ));
    say(&format!(
        "  Đã gửi {}, còn chờ {}",
        at(synced, "/sent"),
        at(synced, "/waiting")
    ));
    expect(at(synced, "/sent") == 1, "the dispatch was sent")
}

fn receive(world: &World, agency: &DemoAgency) -> Outcome<()> {
    say(&format!("\n■ {} nhận · receives", agency.name));
    antin(world, agency, &["sync"], "")?;
    let inbox = antin_lines(world, agency, &["inbox"], "")?;
    let [incoming] = inbox.as_slice() else {
        return Err(format!("{} letters arrived instead of one", inbox.len()).into());
    };
    say(&format!(
        "  {} từ {}: {}",
        text(incoming, "code")?,
        text(incoming, "from")?,
        text(incoming, "verdict")?
    ));
    expect(
        at(incoming, "/verdict") == "valid",
        "the letter is valid where it arrives",
    )?;
    let accepted = antin(
        world,
        agency,
        &["inbox", "accept", &text(incoming, "delivery")?],
        "",
    )?;
    say(&format!(
        "  Tiếp nhận, vào sổ số {}",
        text(&accepted, "arrivalNumber")?
    ));
    antin(world, agency, &["sync"], "").map(drop)
}

fn receipts(world: &World) -> Outcome<usize> {
    say("\n■ Giấy báo về · receipts come back");
    antin(world, &PROVINCE, &["sync"], "")?;
    let folder = world.folder().join("giay-bao");
    let files = antin_lines(
        world,
        &PROVINCE,
        &["receipt", "export", &path_text(&folder)],
        "",
    )?;
    for file in &files {
        let judged = antin(
            world,
            &PROVINCE,
            &["receipt", "verify", &text(file, "file")?],
            "",
        )?;
        let statement = at(&judged, "/statement");
        say(&format!(
            "  ✓ {:<22} {}",
            text(statement, "type")?,
            at(statement, "/recipient").as_str().unwrap_or("–")
        ));
    }
    // One for the submission, and for each receiver: arrived, accepted.
    expect(
        files.len() == 1 + 2 * RECEIVERS.len(),
        "every receipt is there",
    )?;
    Ok(files.len())
}

/// One byte of the signed content is changed. The receiver's check and the province's door both refuse it.
fn forge(world: &World, letter: &str) -> Outcome<String> {
    say("\n■ Sửa một byte · one byte changed");
    let genuine = export(world, letter, "nguyen-ban.pdf")?;
    let forged = world.folder().join("gia-mao.pdf");
    let mut bytes = fs::read(&genuine)?;
    let third = bytes.len() / 3;
    if let Some(byte) = bytes.get_mut(third) {
        *byte ^= 1;
    }
    fs::write(&forged, &bytes)?;
    let verified = antin_any(world, &RECEIVERS[0], &["verify", &path_text(&forged)], "")?;
    let verdict = text(&verified, "verdict")?;
    say(&format!("  {}: {verdict}", forged.display()));
    expect(
        ["invalid", "refused"]
            .map(Value::from)
            .contains(at(&verified, "/word")),
        "the forged letter is not valid",
    )?;
    let refusal = crate::door::knock(world, &bytes)?;
    say(&format!("  Cửa máy chủ của tỉnh: {refusal}"));
    expect(
        refusal == "signature-invalid",
        "the province refuses the forged letter",
    )?;
    Ok(format!("{verdict}, {refusal}"))
}

/// The server dies, the letter waits, the server comes back, the letter goes out by itself.
fn outage(world: &mut World, draft: &Path) -> Outcome<String> {
    say("\n■ Máy chủ ngừng · the server goes down");
    let letter = approve(world, draft)?;
    let issued = antin(
        world,
        &PROVINCE,
        &["issue", "--pin-stdin", &letter],
        &pin(CLERK.pin),
    )?;
    world.kill_province();
    let lines = antin_lines(
        world,
        &PROVINCE,
        &["dispatch", "--to", RECEIVERS[0].id, &letter],
        "",
    )?;
    let waiting = lines
        .last()
        .map(|line| at(line, "/waiting").clone())
        .unwrap_or_default();
    say(&format!(
        "  {} đã lưu trên máy này, còn chờ: {waiting}",
        text(&issued, "code")?
    ));
    expect(waiting == 1, "the letter waits")?;
    let mut watch = world.antin(&PROVINCE);
    watch
        .args(["sync", "--watch"])
        .stdout(std::process::Stdio::null());
    let mut watch = Guard::spawn(watch)?;
    world.start_province()?;
    say("  Máy chủ chạy lại · the server is back");
    for _ in 0..300 {
        if !watch.is_running() {
            let outbox = antin_lines(world, &PROVINCE, &["outbox"], "")?;
            let sent = outbox
                .iter()
                .find(|row| at(row, "/letter") == letter.as_str());
            expect(
                sent.is_some_and(|row| at(row, "/state") == "sent"),
                "the letter went out by itself",
            )?;
            say("  Tự gửi xong, không ai phải bấm gì");
            return text(&issued, "code");
        }
        sleep(Duration::from_millis(100));
    }
    Err("the letter did not go out by itself".into())
}

fn export(world: &World, letter: &str, name: &str) -> Outcome<PathBuf> {
    let out = world.folder().join(name);
    run(
        world,
        &PROVINCE,
        &["letter", "export", letter, &path_text(&out)],
        "",
    )?;
    Ok(out)
}

/// One answer of `antin --json`; a failure is told in `antin`'s own words.
fn antin(world: &World, agency: &DemoAgency, words: &[&str], input: &str) -> Outcome<Value> {
    antin_lines(world, agency, words, input)?
        .pop()
        .ok_or_else(|| format!("antin {} said nothing", words.join(" ")).into())
}

fn antin_lines(
    world: &World,
    agency: &DemoAgency,
    words: &[&str],
    input: &str,
) -> Outcome<Vec<Value>> {
    let output = run(world, agency, words, input)?;
    Ok(output
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?)
}

/// As [`antin`], when failing is what is wanted.
fn antin_any(world: &World, agency: &DemoAgency, words: &[&str], input: &str) -> Outcome<Value> {
    let output = world.run(agency, &[&["--json"], words].concat(), input)?;
    Ok(serde_json::from_slice(output.stdout.trim_ascii())?)
}

fn run(world: &World, agency: &DemoAgency, words: &[&str], input: &str) -> Outcome<String> {
    let output = world.run(agency, &[&["--json"], words].concat(), input)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    Err(format!(
        "antin {}: {}\n{text}{}",
        words.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    )
    .into())
}

fn text(value: &Value, key: &str) -> Outcome<String> {
    at(value, &format!("/{key}"))
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| format!("no {key} in {value}").into())
}

/// A member, or null where there is none.
fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    value.pointer(path).unwrap_or(&Value::Null)
}

fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn pin(pin: &str) -> String {
    format!("{pin}\n")
}

fn expect(held: bool, what: &str) -> Outcome<()> {
    if held {
        Ok(())
    } else {
        Err(format!("not so: {what}").into())
    }
}
