//! The attack table: what each verifier says of a letter that somebody changed after it was signed.

use super::{kit::Kit, note};
use crate::step::say;
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// Where the kit's certificates say that their lists are.
const LISTS: &str = "8901";
/// How long a small server may take to start.
const PATIENCE: Duration = Duration::from_secs(10);

/// Prints and saves the table; what was judged wrongly, if anything was.
pub(super) fn run(kit: &Kit) -> Result<String, String> {
    let office = office(kit)?;
    note("the attack table: antin, pyHanko, pdfsig, mutool");
    let ours = kit.ours(&format!(
        "--office {} verify --offline --json {{in}}",
        office.display()
    ));
    let mut command = kit.command(kit.tools.join("attack_table.sh"));
    let answer = command
        .arg(ours)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("✗ attack_table.sh did not start: {e}"))?;
    let table = String::from_utf8_lossy(&answer.stdout).replace("  ours     ", "  antin    ");
    say(&table);
    let saved = kit.home.join("attack_table.txt");
    fs::write(&saved, &table).map_err(|e| format!("✗ {}: {e}", saved.display()))?;
    note(&format!("saved as {}", saved.display()));
    let undecided = table.matches("antin    undecided").count();
    Ok(match (answer.status.success(), undecided) {
        (true, 0) => String::new(),
        (true, count) => format!("✗ {count} files of the attack table are left undecided"),
        (false, _) => "✗ a file of the attack table is judged wrongly".to_owned(),
    })
}

/// An office that trusts the kit's root and has fetched its lists of revocations: without them nothing is called valid.
fn office(kit: &Kit) -> Result<PathBuf, String> {
    let folder = kit.home.join("office");
    fs::create_dir_all(&folder).map_err(|e| format!("✗ {}: {e}", folder.display()))?;
    let config = serde_json::json!({
        "agency": { "id": "P", "name": "Peers" },
        "server": { "url": "https://127.0.0.1:1", "credential": "credential", "receipt_issuer": "P" },
        "signers": [],
        "trust": ["../ca/root.pem"],
        "intermediates": ["../ca/sub.pem"],
        "allowed_hosts": ["127.0.0.1"],
    });
    let path = folder.join("office.json");
    fs::write(&path, config.to_string()).map_err(|e| format!("✗ {}: {e}", path.display()))?;
    let _lists = Lists::serve(&kit.home.join("ca"))?;
    let letter = kit.home.join("signed/letter.pdf");
    let words = [
        "--office".as_ref(),
        folder.as_os_str(),
        "verify".as_ref(),
        letter.as_os_str(),
    ];
    let answer = kit
        .command(&kit.antin)
        .args(words)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("✗ antin: {e}"))?;
    if answer.status.success() {
        Ok(folder)
    } else {
        Err(format!(
            "✗ pyHanko's own letter is not called valid: {}{}",
            String::from_utf8_lossy(&answer.stdout),
            String::from_utf8_lossy(&answer.stderr)
        ))
    }
}

/// Serves the certificates' lists while it lives.
struct Lists(Option<Child>);

impl Lists {
    fn serve(folder: &Path) -> Result<Lists, String> {
        if TcpListener::bind(("127.0.0.1", 8901)).is_err() {
            // Somebody serves them already, as the kit's page tells people to.
            return Ok(Lists(None));
        }
        let server = Command::new("python3")
            .args([
                "-m",
                "http.server",
                LISTS,
                "--bind",
                "127.0.0.1",
                "--directory",
            ])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("✗ python3: {e}"))?;
        let lists = Lists(Some(server));
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", 8901)).is_err() {
            if begun.elapsed() > PATIENCE {
                return Err("✗ the lists of revocations are not served".to_owned());
            }
            sleep(Duration::from_millis(20));
        }
        Ok(lists)
    }
}

impl Drop for Lists {
    fn drop(&mut self) {
        if let Some(server) = &mut self.0 {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}
