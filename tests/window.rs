//! The window itself, driven as a person would: the main job from the waiting letter to the signed receipt.
//!
//! Everything is real: the desk as built, its helpers, SoftHSM tokens, the province's server, a second office whose own
//! window accepts the letter. Screens are kept in `target/screens/` for people to look at.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop anywhere"
)]

#[path = "window/plug.rs"]
mod plug;

use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use antin_ops::office::Office;
use antin_ops::records::Urgency;
use antin_ops::store::LetterState;
use antin_ops::{agencies, letter, sync};
use antin_testkit::SoftHsm;
use antin_testkit::office::{CLERK, LEADER};
use antin_testkit::webdriver::Window;
use antin_testkit::world::{DemoAgency, PROVINCE, Programs, RECEIVERS, World};
use serde_json::{Value, json};

const SIZE: (u32, u32) = (1366, 768);

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("..")
}

fn letters() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/letter")
}

fn world(name: &str) -> World {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    World::create(&folder, &letters(), Programs::beside_this().unwrap()).unwrap()
}

/// An office as the command line sees it, with the desk's program for helpers.
fn office(world: &World, agency: &DemoAgency) -> Office {
    let mut office = Office::open(&world.office(agency)).unwrap();
    office.set_helper(env!("CARGO_BIN_EXE_antin-desktop").into());
    office
}

fn open(world: &World, agency: &DemoAgency, tokens: &SoftHsm) -> Window {
    open_with(world, agency, tokens, None)
}

/// The desk, started on a file as a file manager would.
fn open_with(world: &World, agency: &DemoAgency, tokens: &SoftHsm, file: Option<&Path>) -> Window {
    open_in(world, agency, &tokens.env(), file)
}

/// The desk, with drivers that find their tokens by these variables.
fn open_in(
    world: &World,
    agency: &DemoAgency,
    tokens: &[(OsString, OsString)],
    file: Option<&Path>,
) -> Window {
    let office = world.office(agency);
    let mut arguments = vec!["--office", office.to_str().unwrap()];
    arguments.extend(file.map(|file| file.to_str().unwrap()));
    let program = Path::new(env!("CARGO_BIN_EXE_antin-desktop"));
    Window::open(program, &arguments, tokens, SIZE).unwrap()
}

/// The element of that test name.
fn id(name: &str) -> String {
    format!("[data-testid={name}]")
}

fn screen(window: &Window, name: &str) {
    window
        .save_screen(&target().join("screens").join(name))
        .unwrap();
}

/// Waits until the first page is drawn, and counts its dark pixels.
fn ink(window: &Window) -> u64 {
    window
        .wait("[data-testid=page-canvas][data-drawn=true]")
        .unwrap();
    let script = "const canvas = document.querySelector('[data-testid=page-canvas][data-drawn=true]'); \
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height); \
        let dark = 0; for (let i = 0; i < data.length; i += 4) if (data[i] < 100) dark += 1; return dark;";
    window
        .execute(script, &json!([]))
        .unwrap()
        .as_u64()
        .unwrap_or_default()
}

fn enter_pin(window: &Window, pin: &str) {
    window
        .type_into(&id("pin-input"), &format!("{pin}\n"))
        .unwrap();
}

#[test]
fn a_letter_goes_the_whole_way_through_the_windows() {
    let world = world("window-main-job");
    let sender = office(&world, &PROVINCE);
    agencies::refresh(&sender).unwrap();
    let draft = letters().join("directive.pdf");
    let source = RECEIVERS[0].name;
    let waiting = letter::add(&sender, &draft, Urgency::Normal, source).unwrap();
    let state = || letter::letter(&sender, waiting.id).unwrap().state;

    without_token(&world);
    let window = open(&world, &PROVINCE, world.tokens());
    approve(&window, &|| {
        assert_eq!(state(), LetterState::Waiting, "a wrong PIN changes nothing")
    });
    assert_eq!(state(), LetterState::Signed);
    issue(&window);
    assert_eq!(state(), LetterState::Issued);
    window
        .wait("[data-testid=dispatch-state][data-state=sent]")
        .unwrap();
    window
        .wait("[data-testid=receipt-verified][data-type=SubmissionAcceptance]")
        .unwrap();
    screen(&window, "05-da-gui.png");

    receive(&world, &RECEIVERS[0]);
    window.click(&id("sync")).unwrap();
    window
        .wait("[data-testid=delivery][data-state=accepted]")
        .unwrap();
    window
        .wait("[data-testid=receipt-verified][data-type=Acceptance]")
        .unwrap();
    screen(&window, "08-co-giay-bao.png");

    let issued = letter::letter(&sender, waiting.id).unwrap();
    let issued = letter::document(&sender, &issued).unwrap();
    let (whole, changed) = check_files(&window, world.folder(), issued.bytes());
    drop(window);
    look_at_files(&world, &whole, &changed);
    fetch_what_is_missing(&world, &whole);
    for kept in ["desk.log", "antin.db", "antin.db-wal"] {
        let bytes = std::fs::read(world.office(&PROVINCE).join(kept)).unwrap_or_default();
        for pin in [LEADER.pin, CLERK.pin] {
            let found = bytes
                .windows(pin.len())
                .any(|window| window == pin.as_bytes());
            assert!(!found, "a PIN is in {kept}");
        }
    }
}

/// Nothing is plugged in: the dialog says so instead of asking for a PIN.
fn without_token(world: &World) {
    let drawer = SoftHsm::create(&world.folder().join("no-tokens")).unwrap();
    let window = open(world, &PROVINCE, &drawer);
    window.wait(&id("ghost")).unwrap();
    window.click(&id("big-button")).unwrap();
    window
        .wait_text(&id("pin-blocked"), "Cắm USB token")
        .unwrap();
    screen(&window, "00-khong-co-token.png");
    window.click(&id("pin-cancel")).unwrap();
}

fn approve(window: &Window, unchanged: &dyn Fn()) {
    window
        .wait_text(&id("letter-item"), "văn bản điện tử")
        .unwrap();
    assert!(ink(window) > 2_000, "the page is drawn");
    window.wait(&id("ghost")).unwrap();
    screen(window, "01-cho-ky.png");

    window.click(&id("big-button")).unwrap();
    window
        .wait_text(&id("pin-dialog"), "Phan Ngọc Thọ")
        .unwrap();
    enter_pin(window, "00000000");
    let error = format!("{} {}", id("pin-dialog"), id("error"));
    window.wait_text(&error, "Mã PIN không đúng").unwrap();
    window
        .wait("[data-testid=pin-input]:not(:disabled)")
        .unwrap();
    screen(window, "02-sai-ma-pin.png");
    unchanged();

    enter_pin(window, LEADER.pin);
    window.wait_text(&id("done-bar"), "Đã ký").unwrap();
    assert!(ink(window) > 2_000, "the signed page is drawn");
    screen(window, "03-da-ky.png");
}

/// Nothing the letter says lies under the frames of number, day and month, at any size.
fn marks_keep_off_the_words(window: &Window) {
    let choose = "const zoom = document.querySelector('.zoom select'); \
        zoom.selectedIndex = [...zoom.options].findIndex(o => o.textContent.trim() === arguments[0]); \
        zoom.dispatchEvent(new Event('change', { bubbles: true }));";
    let covered = "const canvas = document.querySelector('[data-page=\"0\"]'); \
        const sheet = canvas.getBoundingClientRect(); const scale = canvas.width / sheet.width; \
        if (Math.abs(scale - devicePixelRatio) > 0.01) return null; \
        return [...document.querySelectorAll('.place.number .frame, .place.date .frame')].map(frame => { \
            const box = frame.getBoundingClientRect(); \
            const [x, y] = [(box.x - sheet.x) * scale, (box.y - sheet.y) * scale].map(Math.floor); \
            const [w, h] = [box.width * scale, box.height * scale].map(Math.ceil); \
            const { data } = canvas.getContext('2d').getImageData(x, y, w, h); \
            let dark = 0; for (let i = 0; i < data.length; i += 4) if (data[i] < 128) dark += 1; return dark; });";
    for zoom in ["75 %", "100 %", "150 %", "Vừa chiều rộng"] {
        window.execute(choose, &json!([zoom])).unwrap();
        let found = window.wait_until("the page in its new size", |w| {
            let found = w.execute(covered, &json!([])).ok()?;
            found.is_array().then_some(found)
        });
        assert_eq!(
            found.unwrap(),
            json!([0, 0, 0]),
            "letters under number, day, month at {zoom}"
        );
    }
}

fn issue(window: &Window) {
    window.click(&id("room-outgoing")).unwrap();
    assert!(ink(window) > 2_000, "the page is drawn");
    window.wait(".place.number").unwrap();
    marks_keep_off_the_words(window);
    // Typed without diacritics; the letter's own recipients may have been recognised before.
    for (typed, name) in [
        ("so thong tin", RECEIVERS[0].name),
        ("thanh pho hue", RECEIVERS[2].name),
    ] {
        let chosen = window.execute(
            "return [...document.querySelectorAll('[data-testid=recipient-chip]')].some(e => e.title.includes(arguments[0]))",
            &json!([name]),
        );
        if chosen.unwrap() != Value::Bool(true) {
            window.type_into(&id("recipient-input"), typed).unwrap();
            window.click_text(&id("recipient-option"), name).unwrap();
        }
    }
    screen(window, "04-van-ban-di.png");
    window.click(&id("big-button")).unwrap();
    window
        .wait_text(&id("pin-dialog"), "Hoàng Thu Hằng")
        .unwrap();
    enter_pin(window, CLERK.pin);
    window.wait(&id("done-bar")).unwrap();
    assert!(ink(window) > 2_000, "the sealed page is drawn");
    screen(window, "05-da-phat-hanh.png");
    window.click(&id("follow-dispatch")).unwrap();
}

/// The other office sees the letter, with a verdict of its own, and takes it into its register.
fn receive(world: &World, agency: &DemoAgency) {
    let receiver = office(world, agency);
    let window = open(world, agency, world.tokens());
    window.click(&id("room-incoming")).unwrap();
    window.click(&id("sync")).unwrap();
    window
        .wait_text(&id("letter-item"), "77/2014/CT-UBND")
        .unwrap();
    window
        .wait("[data-testid=verdict][data-verdict=valid]")
        .unwrap();
    assert!(ink(&window) > 2_000, "the received page is drawn");
    screen(&window, "06-van-ban-den.png");
    window.click(&id("accept")).unwrap();
    window.wait(&id("done-bar")).unwrap();
    screen(&window, "07-da-tiep-nhan.png");
    window
        .wait_until("the acceptance to leave", |_| {
            (sync::waiting(&receiver).ok()? == 0).then_some(())
        })
        .unwrap();
}

/// What the desk says of a file, asked as the front end asks.
fn judged(window: &Window, path: &Path) -> Value {
    let script = "window.outcome = null; \
        window.__TAURI_INTERNALS__.invoke('open_document', { path: arguments[0] }) \
        .then(checked => window.outcome = checked, error => window.outcome = error);";
    window.execute(script, &json!([path])).unwrap();
    window
        .wait_until("a verdict", |w| {
            let outcome = w.execute("return window.outcome", &json!([])).ok()?;
            outcome.is_object().then_some(outcome)
        })
        .unwrap()
}

/// The issued letter, the same with one byte changed, and a file that is no PDF; returns the paths of the first two.
fn check_files(window: &Window, folder: &Path, issued: &[u8]) -> (PathBuf, PathBuf) {
    let keep = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let whole_file = keep("Chỉ thị.pdf", issued);
    let whole = judged(window, &whole_file);
    assert_eq!(whole["verdict"], "valid", "{whole}");
    assert_eq!(whole["file"], "Chỉ thị.pdf");
    assert_eq!(whole["signatures"].as_array().map(Vec::len), Some(2));
    assert_eq!(whole["document"]["pages"].as_array().map(Vec::len), Some(3));

    let mut changed = issued.to_vec();
    let stream = changed.windows(7).position(|w| w == b"stream\n");
    changed[stream.unwrap() + 40] ^= 1;
    let changed_file = keep("Một byte bị đổi.pdf", &changed);
    let changed = judged(window, &changed_file);
    assert_eq!(changed["verdict"], "invalid", "{changed}");
    let sentence = changed["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("Không hợp lệ"), "{sentence}");

    let nothing = judged(window, &keep("Ghi chú.pdf", "Không phải PDF".as_bytes()));
    assert_eq!(nothing["verdict"], "refused", "{nothing}");
    let absent = judged(window, &folder.join("không có.pdf"));
    assert_eq!(absent["code"], "FileUnreadable", "{absent}");
    (whole_file, changed_file)
}

/// The desk started on a file shows *Kiểm tra* with the verdict and the pages; what a person chose for the desk is
/// there again at the next start.
fn look_at_files(world: &World, whole: &Path, changed: &Path) {
    let look = |file: &Path, verdict: &str| {
        let window = open_with(world, &PROVINCE, world.tokens(), Some(file));
        window
            .wait(&format!("[data-testid=verdict][data-verdict={verdict}]"))
            .unwrap();
        window.wait(&id("signature")).unwrap();
        window
    };
    let shown = |window: &Window| {
        let script =
            "const { lang, dataset } = document.documentElement; return [lang, dataset.theme]";
        window.execute(script, &json!([])).unwrap()
    };

    let window = look(whole, "valid");
    assert!(ink(&window) > 2_000, "the checked page is drawn");
    window.click(&id("story-stop")).unwrap();
    window
        .wait("[data-testid=page-canvas][data-page='2'][data-drawn=true]")
        .unwrap();
    screen(&window, "09-kiem-tra.png");
    drop(window);

    let window = look(changed, "invalid");
    // The byte was changed in what the first page shows: an empty sheet is not left to speak for itself.
    window.wait_text(&id("page-bare"), "Trang 1").unwrap();
    screen(&window, "10-khong-hop-le.png");
    assert_eq!(shown(&window), json!(["vi", "light"]));
    window.click(&id("language")).unwrap();
    window.wait_text(&id("room-verify"), "Check").unwrap();
    // From the system's theme over light to dark.
    window.click(&id("theme")).unwrap();
    window.click(&id("theme")).unwrap();
    window.wait("[data-theme=dark]").unwrap();
    let kept = world.office(&PROVINCE).join("desk.json");
    let both = |text: &String| text.contains("\"en\"") && text.contains("\"dark\"");
    window
        .wait_until("desk.json", |_| {
            std::fs::read_to_string(&kept).ok().filter(both)
        })
        .unwrap();
    drop(window);

    let window = look(whole, "valid");
    assert_eq!(shown(&window), json!(["en", "dark"]));
    assert!(ink(&window) > 2_000, "the paper is white in the dark");
    screen(&window, "12-english-dark.png");
}

/// In an office that has no evidence yet: the answer at hand at once, then one key fetches what is missing. A silent
/// server is named, and a person can stop waiting for it.
fn fetch_what_is_missing(world: &World, whole: &Path) {
    let stranger = &RECEIVERS[2];
    let _ = std::fs::remove_dir_all(world.office(stranger).join("evidence"));
    services(world, "crl/off");
    services(world, "ocsp/off");
    let window = open_with(world, stranger, world.tokens(), Some(whole));
    let verdict = |word: &str| format!("[data-testid=verdict][data-verdict={word}]");
    window.wait(&verdict("unverified")).unwrap();
    let missing = window.wait_text(&id("missing"), "127.0.0.1").unwrap();
    assert!(missing.contains("thông tin thu hồi"), "{missing}");
    window.wait_text(&id("demo"), "CHỈ ĐỂ THỬ").unwrap();
    screen(&window, "13-con-thieu.png");

    press(&window, "Enter", true);
    window.wait_text(&id("asked"), "không trả lời").unwrap();
    window.wait(&verdict("unverified")).unwrap();
    screen(&window, "14-khong-tra-loi.png");

    services(world, "crl/slow/60000");
    press(&window, "Enter", true);
    window.wait(&id("stop-fetching")).unwrap();
    window.wait_text(&id("verdict"), "Đang hỏi").unwrap();
    screen(&window, "15-dang-hoi.png");
    press(&window, "Escape", false);
    window.wait(&id("fetch-missing")).unwrap();
    window.wait(&verdict("unverified")).unwrap();

    services(world, "crl/on");
    window.click(&id("fetch-missing")).unwrap();
    window.wait(&verdict("valid")).unwrap();
    screen(&window, "16-da-lay.png");
    services(world, "ocsp/on");
}

/// Presses a key as the page hears it.
fn press(window: &Window, key: &str, control: bool) {
    let script = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: arguments[0], \
        ctrlKey: arguments[1], bubbles: true, cancelable: true }));";
    window.execute(script, &json!([key, control])).unwrap();
}

/// Makes a service of the demo's PKI slow, dead or well again.
fn services(world: &World, switch: &str) {
    let host = world.pki().url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!(
        "POST /switch/{switch} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 204"), "{answer}");
}

#[test]
fn a_desk_without_an_office_says_so_and_reaches_nothing() {
    let nowhere = Path::new(env!("CARGO_TARGET_TMPDIR")).join("window-no-office");
    let program = Path::new(env!("CARGO_BIN_EXE_antin-desktop"));
    let window =
        Window::open(program, &["--office", nowhere.to_str().unwrap()], &[], SIZE).unwrap();
    let sentence = window.wait_text(&id("error"), "office.json").unwrap();
    assert!(sentence.contains("không phải là văn phòng"), "{sentence}");
    screen(&window, "11-chua-co-van-phong.png");

    let attempts = [
        ("fetch('https://example.vn/')", "the network"),
        ("fetch('http://127.0.0.1/')", "this computer"),
        ("import('data:text/javascript,1')", "foreign code"),
        (
            "window.__TAURI_INTERNALS__.invoke('plugin:event|emit', { event: 'changed' })",
            "an event of its own",
        ),
        (
            "fetch('page://localhost/0/0?width=9').then(r => { if (!r.ok) throw r })",
            "a page without its token",
        ),
    ];
    for (attempt, what) in attempts {
        let script = format!(
            "window.outcome = null; {attempt}.then(() => window.outcome = 'done', () => window.outcome = 'refused')"
        );
        window.execute(&script, &json!([])).unwrap();
        let outcome = window.wait_until(what, |w| {
            let outcome = w.execute("return window.outcome", &json!([])).ok()?;
            outcome.as_str().map(str::to_owned)
        });
        assert_eq!(
            outcome.unwrap(),
            "refused",
            "the page must not reach {what}"
        );
    }
    window
        .execute("location.href = 'https://example.vn/'", &json!([]))
        .unwrap();
    window.wait_text(&id("error"), "office.json").unwrap();
}
