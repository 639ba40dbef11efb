//! A token that comes and goes while the desk is open: nobody presses anything, and no PIN is asked for.

use super::{id, letters, open_in, screen, world};
use antin_testkit::FaultModule;
use antin_testkit::fault::{Script, Token, object};
use antin_testkit::office::{CLERK, LEADER};
use antin_testkit::world::PROVINCE;
use serde_json::Value;
use std::fs;

const SERIAL: &str = "L-0001";

#[test]
fn the_desk_follows_the_plug() {
    let world = world("window-plug");
    let mut tokens = Vec::new();
    for (slot, token, serial) in [(1, LEADER, SERIAL), (2, CLERK, "C-0002")] {
        let mut scripted = Token::new(slot, token.label, serial, token.pin);
        let credential = world.pki().leaf(token.role).unwrap();
        scripted.objects = vec![object(token.id, credential)];
        tokens.push(scripted);
    }
    let script = Script {
        tokens,
        faults: Vec::new(),
    };
    let module = FaultModule::create(&world.folder().join("scripted"), &script).unwrap();
    let path = world.office(&PROVINCE).join("office.json");
    let mut config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for signer in config["signers"].as_array_mut().unwrap() {
        signer["module"] = module.module().to_str().into();
    }
    fs::write(&path, config.to_string()).unwrap();
    let draft = letters().join("directive.pdf");
    let office = super::office(&world, &PROVINCE);
    let source = antin_testkit::world::RECEIVERS[0].name;
    antin_ops::letter::add(&office, &draft, super::Urgency::Normal, source).unwrap();
    drop(office);

    module.unplug(SERIAL).unwrap();
    let window = open_in(&world, &PROVINCE, &module.env(), None);
    let chip = id("token-state");
    let says = |words| window.wait_text(&chip, words).unwrap();
    says("Chưa cắm USB token");
    module.plug(SERIAL).unwrap();
    says("USB token sẵn sàng");

    // With the PIN dialog open, too: it asks for the PIN once the token is there.
    module.unplug(SERIAL).unwrap();
    says("Chưa cắm USB token");
    window.wait(&id("ghost")).unwrap();
    window.click(&id("big-button")).unwrap();
    window
        .wait_text(&id("pin-blocked"), "Cắm USB token")
        .unwrap();
    module.plug(SERIAL).unwrap();
    window.wait(&id("pin-input")).unwrap();
    screen(&window, "09-token-vua-cam.png");
    window.click(&id("pin-cancel")).unwrap();

    // Somebody else mistypes: the flags are news as well.
    module.leave_tries(SERIAL, 0).unwrap();
    says("Thiết bị đã bị khóa");
    assert_eq!(module.pins_shown(), 0);
}
