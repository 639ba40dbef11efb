//! `cargo xtask tidy`: what the compiler cannot see. Every finding names the file and the rule.
//!
//! Dependency arrows (design §2), size budgets, the README's table of dependencies, and words that
//! must not stand in a file (registry hosts, this machine's folders).

use crate::step::{output, root, say};
use serde_json::Value;
use std::{collections::BTreeSet, path::Path};

/// Who may use whom, leaves first. A crate that is not here is a finding.
const ARROWS: &[(&str, &[&str])] = &[
    ("antin-pdf", &[]),
    ("antin-page", &[]),
    ("antin-pkix", &[]),
    ("antin-cades", &["antin-pkix"]),
    ("antin-pades", &["antin-pdf", "antin-cades", "antin-pkix"]),
    ("antin-token", &[]),
    ("antin-records", &[]),
    ("antin-store", &["antin-records"]),
    ("antin-exchange", &["antin-records"]),
    (
        "antin-ops",
        &[
            "antin-pdf",
            "antin-page",
            "antin-pkix",
            "antin-cades",
            "antin-pades",
            "antin-token",
            "antin-records",
            "antin-store",
            "antin-exchange",
        ],
    ),
    ("antin", &["antin-ops"]),
    ("antin-desktop", &["antin-ops"]),
    (
        "antin-province",
        &[
            "antin-records",
            "antin-pdf",
            "antin-pades",
            "antin-cades",
            "antin-pkix",
        ],
    ),
    ("xtask", &[]),
    (
        "antin-testkit",
        &[
            "antin-exchange",
            "antin-fault-module",
            "antin-records",
            "antin-token",
        ],
    ),
    ("antin-fault-module", &[]),
];

/// Dependencies that only the crates named beside them may have.
const KEPT: &[(&str, &[&str])] = &[
    ("tauri", &["antin-desktop"]),
    ("hayro", &["antin-page"]),
    ("cryptoki", &["antin-token", "antin-testkit"]),
    ("cryptoki-sys", &["antin-token", "antin-fault-module"]),
    ("rusqlite", &["antin-store", "antin-province"]),
    ("reqwest", &["antin-exchange", "antin-ops", "antin-testkit"]),
    ("lopdf", &["antin-pdf"]),
];

const FILE_LINES: usize = 700;
const FUNCTION_LINES: usize = 100;
const SHELL_LINES: usize = 250;

/// Runs every check and lists all findings at once.
pub(crate) fn run() -> Result<(), String> {
    let mut findings = Vec::new();
    let metadata = metadata()?;
    arrows(&metadata, &mut findings);
    readme(&metadata, &mut findings);
    for file in tracked_files() {
        text_rules(&file, &mut findings);
    }
    if findings.is_empty() {
        say("✓ tidy");
        return Ok(());
    }
    Err(format!(
        "✗ tidy, {} findings:\n  {}",
        findings.len(),
        findings.join("\n  ")
    ))
}

fn metadata() -> Result<Value, String> {
    let text = output("cargo", &["metadata", "--no-deps", "--format-version", "1"])
        .ok_or("✗ tidy: cargo metadata failed")?;
    serde_json::from_str(&text).map_err(|e| format!("✗ tidy: cargo metadata: {e}"))
}

fn packages(metadata: &Value) -> impl Iterator<Item = (&str, Vec<(&str, bool)>)> {
    let list = metadata["packages"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    list.iter().map(|package| {
        let dependencies = package["dependencies"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let dependencies = dependencies
            .iter()
            .filter_map(|d| Some((d["name"].as_str()?, d["kind"].as_str() == Some("dev"))))
            .collect();
        (package["name"].as_str().unwrap_or_default(), dependencies)
    })
}

fn arrows(metadata: &Value, findings: &mut Vec<String>) {
    for (name, dependencies) in packages(metadata) {
        let Some((_, allowed)) = ARROWS.iter().find(|(n, _)| *n == name) else {
            findings.push(format!("crate {name} has no row in tidy's table of arrows"));
            continue;
        };
        for (dependency, dev) in dependencies {
            if dev {
                continue;
            }
            let ours = ARROWS.iter().any(|(n, _)| *n == dependency);
            if ours && !allowed.contains(&dependency) {
                findings.push(format!(
                    "{name} → {dependency}: this arrow is not in design §2"
                ));
            }
            let kept = KEPT.iter().find(|(n, _)| *n == dependency);
            if kept.is_some_and(|(_, owners)| !owners.contains(&name)) {
                findings.push(format!(
                    "{name} → {dependency}: kept for other crates (tidy's KEPT)"
                ));
            }
        }
    }
}

/// Every dependency from outside has its line of reason in the README's table.
fn readme(metadata: &Value, findings: &mut Vec<String>) {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap_or_default();
    let outside: BTreeSet<&str> = packages(metadata)
        .flat_map(|(_, dependencies)| dependencies)
        .map(|(name, _)| name)
        .filter(|name| !ARROWS.iter().any(|(ours, _)| ours == name))
        .collect();
    for name in outside {
        if !readme.contains(&format!("`{name}`")) {
            findings.push(format!(
                "README.md: the table of dependencies lacks `{name}`"
            ));
        }
    }
}

fn tracked_files() -> Vec<String> {
    let list = output("git", &["ls-files"]).unwrap_or_default();
    list.lines().map(str::to_owned).collect()
}

fn text_rules(file: &str, findings: &mut Vec<String>) {
    if file == "package-lock.json" {
        findings.push("package-lock.json at the top level: the UI's belongs in ui/".into());
    }
    let kind = Path::new(file)
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default();
    let text_kinds = [
        "rs", "ts", "svelte", "css", "json", "toml", "md", "py", "mjs", "html", "fodt", "svg",
    ];
    if !text_kinds.contains(&kind) {
        return;
    }
    let Ok(text) = std::fs::read_to_string(root().join(file)) else {
        return;
    };
    for word in forbidden_words() {
        if text.contains(&word) {
            findings.push(format!("{file}: holds “{word}”"));
        }
    }
    match kind {
        "rs" => rust_sizes(file, &text, findings),
        "ts" | "svelte" if file_is_ours(file) => file_size(file, &text, FILE_LINES, findings),
        _ => {}
    }
}

/// Put together here so that this file does not hold them.
fn forbidden_words() -> [String; 4] {
    [
        ["registry", "npmjs"].join("."),
        ["crates", "io/api"].join("."),
        ["static.crates", "io"].join("."),
        ["/wo", "rk/"].concat(),
    ]
}

fn file_is_ours(file: &str) -> bool {
    !file.ends_with(".test.ts") && !file.ends_with("bindings.ts")
}

fn rust_sizes(file: &str, text: &str, findings: &mut Vec<String>) {
    let test = file.contains("/tests/")
        || file.starts_with("tests/") && !file.contains("/src/")
        || file.ends_with("tests.rs");
    let code = text
        .find("#[cfg(test)]\nmod tests {")
        .and_then(|at| text.get(..at))
        .unwrap_or(text);
    let generated = text
        .lines()
        .next()
        .is_some_and(|l| l.contains("Generated") || l.contains("Table:"));
    if !test && !generated {
        file_size(file, code, FILE_LINES, findings);
        function_sizes(file, code, findings);
    }
    if ["src-tauri/src/main.rs", "src-tauri/src/lib.rs"].contains(&file) {
        file_size(file, code, SHELL_LINES, findings);
    }
}

fn file_size(file: &str, text: &str, budget: usize, findings: &mut Vec<String>) {
    let lines = text.lines().count();
    if lines > budget {
        findings.push(format!(
            "{file}: {lines} lines, budget {budget}; split it by what it is about"
        ));
    }
}

/// The code is rustfmt's: a function ends at the brace in its own column.
fn function_sizes(file: &str, code: &str, findings: &mut Vec<String>) {
    let mut open: Option<(usize, usize, String)> = None;
    for (number, line) in code.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        match &open {
            Some((column, begun, name)) => {
                if indent == *column
                    && line.trim_end().ends_with('}')
                    && line.trim_start().starts_with('}')
                {
                    let lines = number - begun + 1;
                    if lines > FUNCTION_LINES {
                        findings.push(format!(
                            "{file}: {name} has {lines} lines, budget {FUNCTION_LINES}"
                        ));
                    }
                    open = None;
                }
            }
            None => {
                if let Some(name) = function_name(line)
                    && !line.trim_end().ends_with('}')
                    && !line.trim_end().ends_with(';')
                {
                    open = Some((indent, number, name));
                }
            }
        }
    }
}

fn function_name(line: &str) -> Option<String> {
    let line = line.trim_start();
    let rest = [
        "fn ",
        "pub fn ",
        "pub(crate) fn ",
        "pub(super) fn ",
        "async fn ",
        "pub async fn ",
        "pub(crate) async fn ",
    ]
    .iter()
    .find_map(|start| line.strip_prefix(start))?;
    Some(rest.split(['(', '<']).next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{arrows, function_sizes, readme};
    use serde_json::json;

    #[test]
    fn an_arrow_that_points_back_is_found() {
        let metadata = json!({"packages": [{"name": "antin-pdf", "dependencies": [{"name": "antin-ops", "kind": null}]}]});
        let mut findings = Vec::new();
        arrows(&metadata, &mut findings);
        assert_eq!(findings.len(), 1, "{findings:?}");
    }

    #[test]
    fn a_kept_dependency_is_found_elsewhere() {
        let metadata = json!({"packages": [{"name": "antin-ops", "dependencies": [{"name": "tauri", "kind": null}]}]});
        let mut findings = Vec::new();
        arrows(&metadata, &mut findings);
        assert_eq!(findings.len(), 1, "{findings:?}");
    }

    #[test]
    fn a_dependency_without_reason_is_found() {
        let metadata = json!({"packages": [{"name": "antin-ops", "dependencies": [{"name": "no-such-crate-here", "kind": null}]}]});
        let mut findings = Vec::new();
        readme(&metadata, &mut findings);
        assert_eq!(findings.len(), 1, "{findings:?}");
    }

    #[test]
    fn a_long_function_is_found_and_a_short_one_is_not() {
        let long = format!(
            "fn long() {{\n{}}}\nfn short() {{\n}}\n",
            "    step();\n".repeat(120)
        );
        let mut findings = Vec::new();
        function_sizes("x.rs", &long, &mut findings);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings.iter().all(|f| f.contains("long")), "{findings:?}");
    }
}
