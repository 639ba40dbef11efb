use super::{PART, Seen, append, patch};
use crate::error::Code;
use std::path::{Path, PathBuf};

fn names(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("list");
    entries
        .map(|e| e.expect("entry").file_name().into())
        .collect()
}

fn seen(path: &Path) -> Seen {
    Seen::of(path).expect("seen")
}

#[test]
fn in_place_keeps_the_prefix_and_leaves_nothing_beside_it() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("Chỉ thị #1.pdf");
    std::fs::write(&path, b"old").expect("write");
    let written = append(&path, &seen(&path), b" new", &path).expect("append");
    assert_eq!(written, path);
    assert_eq!(std::fs::read(&path).expect("read"), b"old new");
    assert_eq!(names(folder.path()).len(), 1, "no temporary file is left");
}

#[test]
fn a_file_written_by_somebody_else_is_not_replaced() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.pdf");
    std::fs::write(&path, b"old").expect("write");
    let before = seen(&path);
    std::fs::write(&path, b"somebody else's").expect("write");
    let error = append(&path, &before, b" new", &path).expect_err("changed");
    assert_eq!(error.code, Code::DocumentChangedOnDisk);
    assert_eq!(std::fs::read(&path).expect("read"), b"somebody else's");
    assert_eq!(names(folder.path()).len(), 1, "no temporary file is left");
}

#[test]
fn a_patch_keeps_the_length() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.pdf");
    std::fs::write(&path, b"<0000>rest").expect("write");
    patch(&path, &seen(&path), 1, b"abcd").expect("patch");
    assert_eq!(std::fs::read(&path).expect("read"), b"<abcd>rest");
    let error = patch(&path, &seen(&path), 8, b"abcd").expect_err("beyond the end");
    assert_eq!(error.code, Code::DocumentChangedOnDisk);
}

#[test]
fn any_file_name() {
    let folder = tempfile::tempdir().expect("folder");
    let long = format!("{}.pdf", "ệ".repeat(82));
    assert_eq!(long.len(), 250);
    let names = [
        "Quye\u{302}\u{301}t đi\u{323}nh.pdf",
        "Quyết định.pdf",
        "#77 % & ; $HOME.pdf",
        "📄 giấy mời 🇻🇳.pdf",
        "-rf.pdf",
        "--pin-stdin",
        "  hai đầu  ",
        "xuống\ndòng.pdf",
        ".ẩn.pdf",
        long.as_str(),
    ];
    for name in names {
        let path = folder.path().join(name);
        std::fs::write(&path, b"old").expect("write");
        append(&path, &seen(&path), b" new", &path).expect(name);
        assert_eq!(std::fs::read(&path).expect("read"), b"old new", "{name}");
    }
    assert_eq!(super::tests::names(folder.path()).len(), names.len());
}

#[cfg(unix)]
mod unix {
    use super::{PART, append, names, seen};
    use crate::error::Code;
    use crate::replace::Writer;
    use std::{
        io::{BufRead, BufReader, Read, Write},
        os::unix::fs::{MetadataExt, PermissionsExt, symlink},
        path::Path,
        process::{Child, Command, Stdio},
    };

    /// Every failpoint of [`replace`](super::super::replace), in order; the file is the new one from the last but one on.
    const STEPS: [&str; 11] = [
        "opened",
        "locked",
        "swept",
        "created",
        "copied",
        "written",
        "attributed",
        "flushed",
        "checked",
        "placed",
        "settled",
    ];
    const NEW_FROM: usize = 9;
    /// What a batch is made of.
    const FILES: [&str; 3] = ["1.pdf", "2.pdf", "3.pdf"];

    /// Not a test: what the child processes of the tests do.
    #[test]
    fn victim() {
        let Some(path) = std::env::var_os("ANTIN_VICTIM") else {
            return;
        };
        let path = Path::new(&path);
        let outcome = append(path, &seen(path), b" new", path);
        let word = outcome.map_or_else(|e| e.code.name(), |_| "done");
        let _ = writeln!(std::io::stderr().lock(), "outcome {word}");
    }

    /// Not a test: signs, as it were, several files of a folder by one writer, as a batch does.
    #[test]
    fn batch_victim() {
        let Some(folder) = std::env::var_os("ANTIN_BATCH_VICTIM") else {
            return;
        };
        let writer = Writer::default();
        for name in FILES {
            let path = Path::new(&folder).join(name);
            writer
                .append(&path, &seen(&path), b" new", &path)
                .expect("append");
        }
        writer.settle().expect("settle");
    }

    struct Victim {
        child: Child,
        lines: BufReader<std::process::ChildStderr>,
    }

    impl Victim {
        fn start(path: &Path, failpoint: &str) -> Victim {
            Victim::of(("victim", "ANTIN_VICTIM"), path, failpoint)
        }

        fn of((test, variable): (&str, &str), path: &Path, failpoint: &str) -> Victim {
            let test = format!("replace::tests::unix::{test}");
            let mut command = Command::new(std::env::current_exe().expect("this program"));
            command.args(["--exact", &test, "--nocapture"]);
            command
                .env(variable, path)
                .env("ANTIN_FAILPOINT", failpoint);
            Victim::spawn(command)
        }

        fn on_a_network_drive(path: &Path, failpoint: &str) -> Victim {
            let mut command = Command::new(std::env::current_exe().expect("this program"));
            command.args(["--exact", "replace::tests::unix::victim", "--nocapture"]);
            command
                .env("ANTIN_VICTIM", path)
                .env("ANTIN_FAILPOINT", failpoint);
            command.env("ANTIN_NETWORK_DRIVE", "1");
            Victim::spawn(command)
        }

        fn spawn(mut command: Command) -> Victim {
            let mut child = command
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .expect("child");
            let lines = BufReader::new(child.stderr.take().expect("stderr"));
            Victim { child, lines }
        }

        fn until(&mut self, line: &str) {
            let mut text = String::new();
            while self.lines.read_line(&mut text).expect("stderr") > 0 {
                if text.lines().last() == Some(line) {
                    return;
                }
            }
            panic!("{line} was not reached: {text}");
        }

        fn rest(mut self) -> String {
            drop(self.child.stdin.take());
            let mut text = String::new();
            self.lines.read_to_string(&mut text).expect("stderr");
            self.child.wait().expect("end");
            text
        }
    }

    impl Drop for Victim {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    #[test]
    fn every_step_is_a_failpoint() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.pdf");
        std::fs::write(&path, b"old").expect("write");
        let said = Victim::start(&path, "list").rest();
        let passed: Vec<_> = said
            .lines()
            .filter_map(|l| l.strip_prefix("failpoint "))
            .collect();
        assert_eq!(passed, STEPS);
        assert!(said.contains("outcome done"), "{said}");
    }

    #[test]
    fn killed_at_every_step_leaves_the_old_file_or_the_new_one() {
        for (at, step) in STEPS.iter().enumerate() {
            let folder = tempfile::tempdir().expect("folder");
            let path = folder.path().join("a.pdf");
            std::fs::write(&path, b"old").expect("write");
            let mut victim = Victim::start(&path, step);
            victim.until(&format!("failpoint {step}"));
            // SIGKILL: nothing of the child's can clean up.
            victim.child.kill().expect("kill");
            victim.child.wait().expect("end");
            let expected: &[u8] = if at < NEW_FROM { b"old" } else { b"old new" };
            let found = std::fs::read(&path).expect("read");
            assert_eq!(found, expected, "killed at {step}");

            append(&path, &seen(&path), b"!", &path).expect("the next run");
            let expected = [expected, b"!"].concat();
            assert_eq!(
                std::fs::read(&path).expect("read"),
                expected,
                "after {step}"
            );
            assert_eq!(names(folder.path()).len(), 1, "litter of {step} is left");
        }
    }

    #[test]
    fn a_batch_killed_at_every_step_of_every_file_leaves_old_files_and_new_ones() {
        for (at, step) in STEPS.iter().enumerate() {
            // Folders are swept and settled once.
            let positions = if *step == "settled" { 1 } else { FILES.len() };
            for position in 0..positions {
                let folder = tempfile::tempdir().expect("folder");
                for name in FILES {
                    std::fs::write(folder.path().join(name), b"old").expect("write");
                }
                let place = format!("{step}#{}", position + 1);
                let role = ("batch_victim", "ANTIN_BATCH_VICTIM");
                let mut victim = Victim::of(role, folder.path(), &place);
                victim.until(&format!("failpoint {step}"));
                victim.child.kill().expect("kill");
                victim.child.wait().expect("end");
                for (index, name) in FILES.iter().enumerate() {
                    let new = index < position
                        || (index == position && at >= NEW_FROM)
                        || *step == "settled";
                    let expected: &[u8] = if new { b"old new" } else { b"old" };
                    let found = std::fs::read(folder.path().join(name)).expect("read");
                    assert_eq!(found, expected, "{name}, killed at {place}");
                }
                let path = folder.path().join(FILES[0]);
                append(&path, &seen(&path), b"!", &path).expect("the next run");
                assert_eq!(
                    names(folder.path()).len(),
                    FILES.len(),
                    "litter of {place} is left"
                );
            }
        }
    }

    #[test]
    fn a_network_drive_that_gives_back_something_else_is_found_out() {
        for (spoil, word) in [(false, "done"), (true, "WrittenDiffers")] {
            let folder = tempfile::tempdir().expect("folder");
            let path = folder.path().join("a.pdf");
            std::fs::write(&path, b"old").expect("write");
            let mut victim = Victim::on_a_network_drive(&path, "wait:flushed");
            victim.until("failpoint flushed");
            let part = names(folder.path());
            let part = part.iter().find(|name| *name != Path::new("a.pdf"));
            let part = folder
                .path()
                .join(part.expect("the new file, not yet in place"));
            if spoil {
                std::fs::write(part, b"old nex").expect("write");
            }
            let said = victim.rest();
            assert!(said.contains(&format!("outcome {word}")), "{said}");
            let expected: &[u8] = if spoil { b"old" } else { b"old new" };
            assert_eq!(std::fs::read(&path).expect("read"), expected);
            assert_eq!(names(folder.path()).len(), 1);
        }
    }

    #[test]
    fn a_living_writer_s_file_is_not_litter() {
        let folder = tempfile::tempdir().expect("folder");
        let (path, other) = (folder.path().join("a.pdf"), folder.path().join("b.pdf"));
        std::fs::write(&path, b"old").expect("write");
        std::fs::write(&other, b"old").expect("write");
        let foreign = folder.path().join(format!("{}notes", PART.0));
        std::fs::write(&foreign, b"somebody's").expect("write");
        let mut slow = Victim::start(&path, "wait:flushed");
        slow.until("failpoint flushed");
        append(&other, &seen(&other), b" new", &other).expect("another file");
        assert!(slow.rest().contains("outcome done"));
        assert_eq!(std::fs::read(&path).expect("read"), b"old new");
        assert!(foreign.exists(), "only our own names are cleared away");
    }

    #[test]
    fn of_two_at_once_one_wins_and_the_other_says_so() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.pdf");
        std::fs::write(&path, b"old").expect("write");
        let mut first = Victim::start(&path, "wait:checked");
        first.until("failpoint checked");
        let mut second = Victim::start(&path, "list");
        second.until("failpoint opened");
        assert!(first.rest().contains("outcome done"));
        let said = second.rest();
        assert!(said.contains("outcome DocumentChangedOnDisk"), "{said}");
        assert_eq!(std::fs::read(&path).expect("read"), b"old new", "once");
        assert_eq!(names(folder.path()).len(), 1);
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().expect("folder");
        let real = folder.path().join("kho");
        std::fs::create_dir(&real).expect("folder");
        let (path, link) = (real.join("a.pdf"), folder.path().join("lối tắt.pdf"));
        std::fs::write(&path, b"old").expect("write");
        symlink("kho/a.pdf", &link).expect("link");
        let written = append(&link, &seen(&link), b" new", &link).expect("append");
        assert_eq!(written, std::fs::canonicalize(&path).expect("real"));
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&path).expect("read"), b"old new");
        let dangling = folder.path().join("đứt.pdf");
        symlink("không có", &dangling).expect("link");
        let error = append(&path, &seen(&path), b"!", &dangling).expect_err("leads nowhere");
        assert_eq!(error.code, Code::FileUnwritable);
    }

    #[test]
    fn a_read_only_file_is_refused() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.pdf");
        std::fs::write(&path, b"old").expect("write");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o444)).expect("mode");
        let error = append(&path, &seen(&path), b" new", &path).expect_err("read-only");
        assert_eq!(error.code, Code::FileReadOnly);
        assert_eq!(std::fs::read(&path).expect("read"), b"old");
        let other = folder.path().join("b.pdf");
        append(&path, &seen(&path), b" new", &other).expect("beside it");
    }

    #[test]
    fn permissions_owner_and_attributes_are_kept() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.pdf");
        std::fs::write(&path, b"old").expect("write");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).expect("mode");
        // Only the superuser gives files away; elsewhere owner and group are the same anyway.
        let _ = std::os::unix::fs::chown(&path, Some(12345), Some(12345));
        let attribute = rustix::fs::setxattr(
            &path,
            "user.antin.test",
            b"gi\xc3\xa1 tr\xe1\xbb\x8b",
            rustix::fs::XattrFlags::empty(),
        );
        let before = std::fs::metadata(&path).expect("metadata");
        append(&path, &seen(&path), b" new", &path).expect("append");
        let after = std::fs::metadata(&path).expect("metadata");
        let of = |m: &std::fs::Metadata| (m.uid(), m.gid(), m.mode());
        assert_eq!(of(&after), of(&before));
        assert_ne!(after.ino(), before.ino());
        if attribute.is_ok() {
            let mut value = [0; 64];
            let length = rustix::fs::getxattr(&path, "user.antin.test", &mut value[..]);
            assert_eq!(&value[..length.expect("kept")], "giá trị".as_bytes());
        }
    }
}
