//! The attack table: what each verifier says of a letter that somebody changed after it was signed.

use super::{Wish, figure::Figures, kit::Kit, note, verify::VERIFY};
use crate::step::say;
use std::{fs, process::Stdio};

/// Prints and saves the table.
///
/// # Errors
/// What was judged wrongly, if anything was.
pub(super) fn run(kit: &Kit, wish: Wish, _: &mut Figures) -> Result<(), String> {
    note("the attack table: antin, pyHanko, pdfsig, mutool");
    let home = kit.home.display().to_string();
    let ours = kit.ours(&format!("{VERIFY} --json {{in}}"));
    let answer = kit
        .command(kit.tools.join("attack_table.sh"))
        .arg(ours.replace("{home}", &home))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("✗ attack_table.sh did not start: {e}"))?;
    let table = String::from_utf8_lossy(&answer.stdout).replace("  ours     ", "  antin    ");
    if !wish.json {
        say(&table);
    }
    let saved = kit.home.join("attack_table.txt");
    fs::write(&saved, &table).map_err(|e| format!("✗ {}: {e}", saved.display()))?;
    note(&format!("saved as {}", saved.display()));
    let undecided = table.matches("antin    undecided").count();
    match (answer.status.success(), undecided) {
        (true, 0) => Ok(()),
        (true, count) => Err(format!(
            "✗ {count} files of the attack table are left undecided"
        )),
        (false, _) => Err("✗ a file of the attack table is judged wrongly".to_owned()),
    }
}
