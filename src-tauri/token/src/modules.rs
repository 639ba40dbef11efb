//! The table of known PKCS#11 modules, and a look at which of them are installed.

use std::path::{Path, PathBuf};

use crate::machine::{Library, Machine, library};

/// An operating system, as the table distinguishes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Os {
    Linux,
    MacOs,
    Windows,
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct KnownModule {
    /// What users call the token or its driver.
    pub name: &'static str,
    /// Where it is known to live.
    pub os: Os,
    /// Its file name, or an absolute path.
    pub file: &'static str,
}

/// The modules worth looking for, in order of preference: VGCA's tokens first, software and proxies last.
///
/// Sources: VGCA's installers and public repositories that integrate them; vendors' installation guides.
pub const KNOWN_MODULES: &[KnownModule] = &[
    known("bit4id TokenME EVO (VGCA)", Os::Windows, "bit4xpki.dll"),
    known("bit4id TokenME EVO (VGCA)", Os::Linux, "libbit4xpki.so"),
    known(
        "bit4id TokenME EVO (VGCA)",
        Os::MacOs,
        "/Library/bit4id/pkcs11/libbit4xpki.dylib",
    ),
    known("SafeNet eToken (VGCA)", Os::Windows, "eTPKCS11.dll"),
    known("SafeNet eToken (VGCA)", Os::Linux, "libeTPkcs11.so"),
    known(
        "SafeNet eToken (VGCA)",
        Os::MacOs,
        "/usr/local/lib/libeTPkcs11.dylib",
    ),
    known(
        "SafeNet IDPrime",
        Os::MacOs,
        "/usr/local/lib/libIDPrimePKCS11.dylib",
    ),
    known("GCA-01", Os::Windows, "gclib.dll"),
    known("bit4id", Os::Windows, "bit4ipki.dll"),
    known("bit4id", Os::Linux, "libbit4ipki.so"),
    known("WatchData ProxKey", Os::Windows, "wdpkcs.dll"),
    // Public certification authorities; the newest first, as their web plug-in tries them.
    known("Viettel-CA", Os::Windows, "viettel-ca_v6.dll"),
    known("Viettel-CA", Os::Windows, "viettel-ca_v5.dll"),
    known("Viettel-CA", Os::Windows, "viettel-ca_v4.dll"),
    known("Viettel-CA", Os::Windows, "viettel-ca_v2.dll"),
    known("Viettel-CA", Os::Linux, "viettel-ca_v6.so"),
    known(
        "OpenSC",
        Os::Windows,
        r"C:\Program Files\OpenSC Project\OpenSC\pkcs11\opensc-pkcs11.dll",
    ),
    known("OpenSC", Os::Linux, "opensc-pkcs11.so"),
    known("OpenSC", Os::MacOs, "/Library/OpenSC/lib/opensc-pkcs11.so"),
    known("SoftHSM", Os::Windows, r"C:\SoftHSM2\lib\softhsm2-x64.dll"),
    known("SoftHSM", Os::Linux, "libsofthsm2.so"),
    known(
        "SoftHSM",
        Os::MacOs,
        "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    ),
    known(
        "SoftHSM",
        Os::MacOs,
        "/usr/local/lib/softhsm/libsofthsm2.so",
    ),
    known("p11-kit", Os::Linux, "p11-kit-proxy.so"),
];

/// Where Linux distributions and vendors' packages put modules.
const LINUX_FOLDERS: &[&str] = &[
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib/bit4id",
    "/usr/lib/pkcs11",
    "/usr/lib64/pkcs11",
    "/usr/lib/softhsm",
    "/usr/lib64/softhsm",
];

/// Where Windows keeps drivers: the 64-bit ones, which a 64-bit program must load, then the 32-bit ones, so that a driver
/// of the wrong kind is named instead of missed.
const WINDOWS_FOLDERS: &[&str] = &[r"C:\Windows\System32", r"C:\Windows\SysWOW64"];

/// A module found on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundModule {
    /// What users call it.
    pub name: &'static str,
    /// Its file.
    pub path: PathBuf,
}

/// Looks for the known modules of this operating system; each file once, in the table's order.
///
/// Systems keep drivers for several machines side by side (SysWOW64, /usr/lib of Fedora): one for another machine is
/// listed only where none for this one is. A found file is not loaded: whether it serves shows in a helper.
pub fn find_modules() -> Vec<FoundModule> {
    let Some(os) = this_os() else {
        return Vec::new();
    };
    find_with(os, Path::is_file, is_for_this_machine)
}

/// Whether a library's head names this machine; one that cannot be read is not judged here.
fn is_for_this_machine(path: &Path) -> bool {
    match (library(path), Machine::of_this_program()) {
        (Library::For(machines), Some(own)) => machines.contains(&own),
        _ => true,
    }
}

fn find_with(
    os: Os,
    exists: impl Fn(&Path) -> bool,
    fits: impl Fn(&Path) -> bool,
) -> Vec<FoundModule> {
    let mut found: Vec<FoundModule> = Vec::new();
    for module in KNOWN_MODULES.iter().filter(|module| module.os == os) {
        let mut there = candidates(module);
        there.retain(|path| exists(path));
        if there.iter().any(|path| fits(path)) {
            there.retain(|path| fits(path));
        } else {
            there.truncate(1);
        }
        for path in there {
            // The same file by two names (merged /usr, links between multiarch folders) is one module.
            let file = path.canonicalize().unwrap_or_else(|_| path.clone());
            let is_new = found.iter().all(|known| {
                known
                    .path
                    .canonicalize()
                    .ok()
                    .is_none_or(|known| known != file)
            });
            if is_new {
                found.push(FoundModule {
                    name: module.name,
                    path,
                });
            }
        }
    }
    found
}

fn candidates(module: &KnownModule) -> Vec<PathBuf> {
    let folders = match module.os {
        _ if module.file.contains(['/', ':']) => return vec![PathBuf::from(module.file)],
        Os::Linux => LINUX_FOLDERS,
        Os::Windows => WINDOWS_FOLDERS,
        Os::MacOs => &[],
    };
    folders
        .iter()
        .map(|folder| Path::new(folder).join(module.file))
        .collect()
}

const fn this_os() -> Option<Os> {
    if cfg!(windows) {
        Some(Os::Windows)
    } else if cfg!(target_os = "macos") {
        Some(Os::MacOs)
    } else if cfg!(target_os = "linux") {
        Some(Os::Linux)
    } else {
        None
    }
}

const fn known(name: &'static str, os: Os, file: &'static str) -> KnownModule {
    KnownModule { name, os, file }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_finds_both_kinds_of_vgca_token_first() {
        for os in [Os::Linux, Os::MacOs, Os::Windows] {
            let found = find_with(os, |_| true, |_| true);
            let first = found.first().map_or("", |module| module.name);
            assert!(first.starts_with("bit4id"), "{os:?} starts with {first}");
            assert!(
                found
                    .iter()
                    .any(|module| module.name.starts_with("SafeNet eToken")),
                "{os:?}"
            );
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        assert!(find_with(Os::Linux, |_| false, |_| true).is_empty());
    }

    #[test]
    fn a_driver_for_another_machine_is_named_only_where_none_is_for_this_one() {
        let paths = |fits: fn(&Path) -> bool| -> Vec<PathBuf> {
            let there = |path: &Path| path.ends_with("libbit4xpki.so");
            let found = find_with(Os::Linux, there, fits);
            found.into_iter().map(|module| module.path).collect()
        };
        assert_eq!(
            paths(|path| path.parent() == Some(Path::new("/usr/lib64"))),
            [PathBuf::from("/usr/lib64/libbit4xpki.so")]
        );
        assert_eq!(paths(|_| false), [PathBuf::from("/usr/lib/libbit4xpki.so")]);
    }

    #[test]
    fn file_names_are_looked_for_in_every_folder_and_paths_only_where_they_point() {
        assert_eq!(
            candidates(&known("x", Os::Linux, "x.so")).len(),
            LINUX_FOLDERS.len()
        );
        assert_eq!(
            candidates(&known("x", Os::MacOs, "/x/x.dylib")),
            [PathBuf::from("/x/x.dylib")]
        );
    }
}
