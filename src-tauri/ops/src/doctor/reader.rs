//! What hangs at the computer's ports, as far as the system shows it without a driver.
//!
//! On Linux, sysfs names every USB device and its interfaces, and pcscd's socket says whether the smart card service runs.
//! Elsewhere nothing is looked at; there the driver's own word must do.

use super::{Finding, Step};
use crate::error::{Code, Error};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where Linux shows USB devices.
const USB: &str = "/sys/bus/usb/devices";

/// Where pcscd and systemd's unit for it listen.
const SERVICE: &str = "/run/pcscd/pcscd.comm";

/// USB's class of smart card interfaces (CCID).
const SMART_CARD: &str = "0b";

/// Makers whose tokens do not always call themselves smart cards. domain.md §6.4 for bit4id; the others from the USB
/// vendors' list.
const MAKERS: [(&str, &str); 6] = [
    ("25dd", "bit4id"),
    ("0529", "SafeNet"),
    ("08e6", "Gemalto"),
    ("096e", "Feitian"),
    ("163c", "WatchData"),
    ("1d99", "Viettel"),
];

/// The most entries of sysfs looked at.
const MOST_DEVICES: usize = 1024;

/// What is at the ports. A token that a driver shows is there, wherever it is.
pub(super) fn finding(driver_shows_a_token: bool) -> Finding {
    let devices = cfg!(target_os = "linux").then(|| devices(Path::new(USB)));
    judge(
        devices.flatten(),
        Path::new(SERVICE).exists(),
        driver_shows_a_token,
    )
}

fn judge(devices: Option<Vec<String>>, service: bool, driver_shows_a_token: bool) -> Finding {
    match devices {
        Some(devices) if !devices.is_empty() => {
            let device = devices.join(", ");
            if service || driver_shows_a_token {
                return Finding::fine(Step::Reader, "reader").with("device", device);
            }
            let error = Error::new(Code::ReaderServiceStopped).with("device", device);
            Finding::broken(Step::Reader, error)
        }
        // Whatever it is plugged into, its driver reads it.
        _ if driver_shows_a_token => Finding::fine(Step::Reader, "reader-by-driver"),
        Some(_) => Finding::broken(Step::Reader, Error::new(Code::ReaderMissing)),
        None => Finding::unchecked(Step::Reader, "no-view"),
    }
}

/// The tokens and readers among the USB devices; `None` where the system shows no USB devices at all.
fn devices(usb: &Path) -> Option<Vec<String>> {
    let entries: Vec<PathBuf> = fs::read_dir(usb)
        .ok()?
        .take(MOST_DEVICES)
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    let mut found: Vec<String> = entries
        .iter()
        .filter_map(|device| {
            let vendor = read(device, "idVendor")?;
            let maker = MAKERS.iter().find(|(id, _)| *id == vendor);
            let reads_cards = || {
                entries
                    .iter()
                    .any(|one| is_smart_card_interface(one, device))
            };
            (maker.is_some() || reads_cards()).then(|| name(device, maker.map(|(_, name)| *name)))
        })
        .collect();
    found.sort();
    Some(found)
}

/// Interfaces lie beside their device, under its name and a colon.
fn is_smart_card_interface(entry: &Path, device: &Path) -> bool {
    let names = entry
        .file_name()
        .zip(device.file_name())
        .map(|(entry, device)| (entry.to_string_lossy(), device.to_string_lossy()));
    names.is_some_and(|(entry, device)| {
        entry
            .strip_prefix(device.as_ref())
            .is_some_and(|rest| rest.starts_with(':'))
    }) && read(entry, "bInterfaceClass").as_deref() == Some(SMART_CARD)
}

/// What the device calls itself, else its maker and number.
fn name(device: &Path, maker: Option<&str>) -> String {
    let product = read(device, "product").filter(|name| !name.is_empty());
    product.unwrap_or_else(|| {
        let number = |file| read(device, file).unwrap_or_default();
        let maker = maker.unwrap_or("USB");
        format!("{maker} {}:{}", number("idVendor"), number("idProduct"))
    })
}

fn read(device: &Path, file: &str) -> Option<String> {
    let text = fs::read_to_string(device.join(file)).ok()?;
    let shown = |letter: &char| !letter.is_control();
    Some(text.trim().chars().filter(shown).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    fn sysfs(entries: &[(&str, &str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        for (device, file, content) in entries {
            let device = dir.path().join(device);
            fs::create_dir_all(&device).expect("a device");
            fs::write(device.join(file), format!("{content}\n")).expect("a file");
        }
        dir
    }

    #[test]
    fn tokens_are_known_by_their_maker_and_readers_by_their_class() {
        let usb = sysfs(&[
            ("1-1", "idVendor", "25dd"),
            ("1-1", "idProduct", "2371"),
            ("1-2", "idVendor", "1050"),
            ("1-2", "product", "Card Reader"),
            ("1-2:1.0", "bInterfaceClass", "0b"),
            ("1-21", "idVendor", "046d"),
            ("1-21:1.0", "bInterfaceClass", "03"),
            ("usb1", "idVendor", "1d6b"),
        ]);
        assert_eq!(
            devices(usb.path()),
            Some(vec![
                "Card Reader".to_owned(),
                "bit4id 25dd:2371".to_owned()
            ])
        );
        assert_eq!(devices(&usb.path().join("nowhere")), None);
    }

    #[test]
    fn what_cannot_be_seen_is_not_blamed() {
        let some = || Some(vec!["bit4id".to_owned()]);
        let code = |finding: Finding| match finding.state {
            State::Broken(error) => error.code.name(),
            State::Fine(key) | State::Unchecked(key) => key,
        };
        assert_eq!(code(judge(some(), true, false)), "reader");
        assert_eq!(code(judge(some(), false, false)), "ReaderServiceStopped");
        assert_eq!(code(judge(some(), false, true)), "reader");
        assert_eq!(code(judge(Some(Vec::new()), true, false)), "ReaderMissing");
        assert_eq!(
            code(judge(Some(Vec::new()), false, true)),
            "reader-by-driver"
        );
        assert_eq!(code(judge(None, false, false)), "no-view");
    }
}
