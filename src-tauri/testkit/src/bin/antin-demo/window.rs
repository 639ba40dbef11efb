//! The desk on the demo's offices: on the screen there is, else on a virtual one that leaves pictures.

use crate::{Outcome, say};
use antin_testkit::{
    process,
    webdriver::Window,
    world::{DemoAgency, PROVINCE, RECEIVERS, World},
};
use std::process::Stdio;

/// Rooms of the sender's desk, and the picture each leaves.
const ROOMS: [(&str, &str); 2] = [("sign", "01-cho-ky.png"), ("outgoing", "02-van-ban-di.png")];
/// Files the demo left, what the desk must say of them, and the picture.
const FILES: [(&str, &str, &str); 2] = [
    ("phat-hanh.pdf", "valid", "04-kiem-tra.png"),
    ("gia-mao.pdf", "invalid", "05-khong-hop-le.png"),
];

/// Opens the desk and waits until it is closed, or walks through its rooms.
pub(crate) fn show(world: &World) -> Outcome<()> {
    let has_screen = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()));
    if has_screen { open(world) } else { walk(world) }
}

fn open(world: &World) -> Outcome<()> {
    say("\n■ Mở bàn ký · opening the desk (đóng cửa sổ để kết thúc · close the window to end)");
    say("  PIN: lãnh đạo 12345678, văn thư 87654321");
    let mut desk = process::command(world.programs().path("antin-desktop"));
    desk.arg("--office")
        .arg(world.office(&PROVINCE))
        .envs(world.tokens().env())
        .stdin(Stdio::null());
    desk.status()?;
    Ok(())
}

fn walk(world: &World) -> Outcome<()> {
    say(
        "\n■ Không có màn hình: đi qua các phòng trên màn hình ảo · no display: walking through the rooms on a virtual one",
    );
    let desk = desk(world, &PROVINCE, None)?;
    for (room, picture) in ROOMS {
        enter(&desk, room)?;
        keep(world, &desk, picture)?;
    }
    drop(desk);
    let desk = self::desk(world, &RECEIVERS[0], None)?;
    enter(&desk, "incoming")?;
    desk.wait("[data-testid=verdict]")?;
    keep(world, &desk, "03-van-ban-den.png")?;
    drop(desk);
    for (file, verdict, picture) in FILES {
        let desk = self::desk(world, &RECEIVERS[0], Some(file))?;
        desk.wait(&format!("[data-testid=verdict][data-verdict={verdict}]"))?;
        desk.wait("[data-testid=page-canvas][data-drawn=true]")?;
        keep(world, &desk, picture)?;
    }
    Ok(())
}

/// The desk of an office, started on one of the demo's files or on none.
fn desk(world: &World, agency: &DemoAgency, file: Option<&str>) -> Outcome<Window> {
    let office = world.office(agency).to_string_lossy().into_owned();
    let file = file.map(|name| world.folder().join(name).to_string_lossy().into_owned());
    let mut arguments = vec!["--office", office.as_str()];
    arguments.extend(file.as_deref());
    let program = world.programs().path("antin-desktop");
    Ok(Window::open(
        &program,
        &arguments,
        &world.tokens().env(),
        (1366, 768),
    )?)
}

fn enter(desk: &Window, room: &str) -> Outcome<()> {
    desk.click(&format!("[data-testid=room-{room}]"))?;
    desk.wait("[data-testid=page-canvas][data-drawn=true]")?;
    Ok(())
}

fn keep(world: &World, desk: &Window, picture: &str) -> Outcome<()> {
    let path = world.folder().join(picture);
    desk.save_screen(&path)?;
    say(&format!("  {}", path.display()));
    Ok(())
}
