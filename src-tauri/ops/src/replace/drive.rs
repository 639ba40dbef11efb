//! Drives of other computers. A rename there may be two steps for who looks from elsewhere, and what was written is
//! believed only when it has been read back.

use std::path::Path;

/// The kind of network drive a folder lies on; `None` for this computer's own, and where the system does not say.
pub(super) fn kind(folder: &Path) -> Option<&'static str> {
    #[cfg(any(test, feature = "failpoints"))]
    if std::env::var_os("ANTIN_NETWORK_DRIVE").is_some() {
        return Some("nfs");
    }
    of_system(folder)
}

/// By the numbers of Linux' `statfs(2)`. Of FUSE nobody knows what is behind it.
#[cfg(target_os = "linux")]
fn of_system(folder: &Path) -> Option<&'static str> {
    const KINDS: [(u32, &str); 13] = [
        (0x0000_6969, "nfs"),
        (0xff53_4d42, "cifs"),
        (0xfe53_4d42, "smb2"),
        (0x0000_517b, "smb"),
        (0x0102_1997, "9p"),
        (0x6573_5546, "fuse"),
        (0x00c3_6400, "ceph"),
        (0x5346_414f, "afs"),
        (0x6b41_4653, "kafs"),
        (0x7375_7245, "coda"),
        (0x0000_564c, "ncp"),
        (0x0bd0_0bd0, "lustre"),
        (0x786f_4256, "vboxsf"),
    ];
    let kind = rustix::fs::statfs(folder).ok()?.f_type;
    KINDS
        .iter()
        .find(|(number, _)| i128::from(*number) == i128::from(kind) & 0xffff_ffff)
        .map(|(_, name)| *name)
}

/// A mapped letter of another computer's drive resolves to that computer's name.
#[cfg(windows)]
fn of_system(folder: &Path) -> Option<&'static str> {
    use std::path::{Component, Prefix};
    let real = folder.canonicalize().ok()?;
    let Some(Component::Prefix(prefix)) = real.components().next() else {
        return None;
    };
    matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..)).then_some("smb")
}

#[cfg(not(any(target_os = "linux", windows)))]
fn of_system(_: &Path) -> Option<&'static str> {
    None
}
