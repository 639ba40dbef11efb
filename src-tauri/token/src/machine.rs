//! What a library's file says of the machine it was built for, read from its first bytes and not by loading it.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// How much of a file is read. The PE header of vendors' modules begins within the first kilobyte.
const HEAD: u64 = 4096;

/// The most architectures a Mach-O file for several machines is believed to hold. Apple's tools make two.
const MOST_ARCHITECTURES: usize = 16;

/// A machine that libraries are built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Machine {
    /// 32-bit Intel.
    X86,
    /// 64-bit Intel and AMD.
    X86_64,
    /// 32-bit ARM.
    Arm,
    /// 64-bit ARM.
    Aarch64,
    /// Any other, by its number in the file.
    Other(u32),
}

impl Machine {
    /// The machine this program was built for.
    #[must_use]
    pub const fn of_this_program() -> Option<Self> {
        if cfg!(target_arch = "x86_64") {
            Some(Self::X86_64)
        } else if cfg!(target_arch = "aarch64") {
            Some(Self::Aarch64)
        } else if cfg!(target_arch = "x86") {
            Some(Self::X86)
        } else if cfg!(target_arch = "arm") {
            Some(Self::Arm)
        } else {
            None
        }
    }

    /// Whether it has addresses of 32 bits.
    #[must_use]
    pub fn is_32_bit(self) -> bool {
        matches!(self, Self::X86 | Self::Arm)
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::X86 => f.write_str("x86"),
            Self::X86_64 => f.write_str("x86-64"),
            Self::Arm => f.write_str("ARM"),
            Self::Aarch64 => f.write_str("ARM64"),
            Self::Other(number) => write!(f, "machine {number:#x}"),
        }
    }
}

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Library {
    /// A program or library for these machines (more than one only on macOS).
    For(Vec<Machine>),
    /// None of the formats that this system's loader takes.
    Not,
    /// The file cannot be read; the loader will say why.
    Unreadable,
}

/// Looks at a file's head.
#[must_use]
pub fn library(path: &Path) -> Library {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    if read.is_err() {
        return Library::Unreadable;
    }
    match machines(&head) {
        Some(machines) if !machines.is_empty() => Library::For(machines),
        _ => Library::Not,
    }
}

fn machines(head: &[u8]) -> Option<Vec<Machine>> {
    match head.get(..4)? {
        b"\x7fELF" => elf(head).map(|machine| vec![machine]),
        [b'M', b'Z', ..] => portable_executable(head).map(|machine| vec![machine]),
        // Mach-O, 32 and 64 bits, of little-endian machines.
        [0xce | 0xcf, 0xfa, 0xed, 0xfe] => little_u32(head, 4).map(|kind| vec![mach(kind)]),
        // Mach-O for several machines: big-endian entries of five words, after a count.
        [0xca, 0xfe, 0xba, 0xbe] => {
            let count = usize::try_from(big_u32(head, 4)?).ok()?;
            (0..count.min(MOST_ARCHITECTURES))
                .map(|place| big_u32(head, 8 + place * 20).map(mach))
                .collect()
        }
        _ => None,
    }
}

/// `e_ident[EI_CLASS]` and `e_machine` of the ELF header. A class that contradicts the machine wins: it is what the
/// loader refuses first.
fn elf(head: &[u8]) -> Option<Machine> {
    let class = *head.get(4)?;
    let number = match *head.get(5)? {
        2 => u16::from_be_bytes(pair(head, 18)?),
        _ => u16::from_le_bytes(pair(head, 18)?),
    };
    Some(match (number, class) {
        (3, _) => Machine::X86,
        (62, 2) => Machine::X86_64,
        (40, _) => Machine::Arm,
        (183, 2) => Machine::Aarch64,
        // x32: an AMD64 machine with addresses of 32 bits.
        (62, 1) => Machine::X86,
        (other, _) => Machine::Other(other.into()),
    })
}

/// `Machine` of the COFF header, to which offset 0x3c of a Windows file points.
fn portable_executable(head: &[u8]) -> Option<Machine> {
    let at = usize::try_from(little_u32(head, 0x3c)?).ok()?;
    if head.get(at..at.checked_add(4)?)? != b"PE\0\0" {
        return None;
    }
    Some(match u16::from_le_bytes(pair(head, at + 4)?) {
        0x014c => Machine::X86,
        0x8664 => Machine::X86_64,
        0x01c0 | 0x01c4 => Machine::Arm,
        0xaa64 => Machine::Aarch64,
        other => Machine::Other(other.into()),
    })
}

fn mach(kind: u32) -> Machine {
    match kind {
        7 => Machine::X86,
        0x0100_0007 => Machine::X86_64,
        12 => Machine::Arm,
        0x0100_000c => Machine::Aarch64,
        other => Machine::Other(other),
    }
}

fn pair(head: &[u8], at: usize) -> Option<[u8; 2]> {
    head.get(at..at.checked_add(2)?)?.try_into().ok()
}

fn little_u32(head: &[u8], at: usize) -> Option<u32> {
    let bytes = head.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

fn big_u32(head: &[u8], at: usize) -> Option<u32> {
    let bytes = head.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elf_head(class: u8, machine: u8) -> Vec<u8> {
        let mut head = b"\x7fELF".to_vec();
        head.extend([class, 1, 1]);
        head.resize(18, 0);
        head.extend([machine, 0]);
        head
    }

    fn pe_head(machine: u16) -> Vec<u8> {
        let mut head = b"MZ".to_vec();
        head.resize(0x3c, 0);
        head.extend(0x80u32.to_le_bytes());
        head.resize(0x80, 0);
        head.extend(b"PE\0\0");
        head.extend(machine.to_le_bytes());
        head
    }

    #[test]
    fn every_format_tells_its_machine() {
        for (head, machine) in [
            (elf_head(1, 3), Machine::X86),
            (elf_head(2, 62), Machine::X86_64),
            (elf_head(1, 40), Machine::Arm),
            (elf_head(2, 183), Machine::Aarch64),
            (elf_head(2, 21), Machine::Other(21)),
            (pe_head(0x014c), Machine::X86),
            (pe_head(0x8664), Machine::X86_64),
            (pe_head(0xaa64), Machine::Aarch64),
            (
                [0xfeed_facfu32.to_le_bytes(), 0x0100_0007u32.to_le_bytes()].concat(),
                Machine::X86_64,
            ),
        ] {
            assert_eq!(machines(&head), Some(vec![machine]));
        }
        let mut fat =
            [0xcafe_babeu32, 2, 0x0100_0007, 0, 0, 0, 0, 0x0100_000c].map(u32::to_be_bytes);
        assert_eq!(
            machines(fat.concat().as_slice()),
            Some(vec![Machine::X86_64, Machine::Aarch64])
        );
        fat[1] = u32::MAX.to_be_bytes();
        assert_eq!(machines(fat.concat().as_slice()), None, "torn");
    }

    #[test]
    fn what_is_no_library_is_none() {
        let mut astray = pe_head(0x8664);
        astray.splice(0x3c..0x40, u32::MAX.to_le_bytes());
        for head in [b"".as_slice(), b"\x7fEL", b"MZ", b"no library", &astray] {
            assert_eq!(machines(head), None);
        }
    }

    #[test]
    fn this_program_is_for_this_machine() {
        let own = std::env::current_exe().unwrap();
        let machine = Machine::of_this_program().unwrap();
        assert!(matches!(library(&own), Library::For(list) if list.contains(&machine)));
        assert_eq!(library(Path::new("/no/such/file")), Library::Unreadable);
    }
}
