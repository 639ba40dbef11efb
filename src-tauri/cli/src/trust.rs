//! `antin trust show | import`: which authorities are believed, how old that data is, and newer data.

use crate::{output::Output, words::Words};
use antin_ops::{
    bundle::{self, Bundle},
    clock,
    describe::{printable, trust_data},
    error::Result,
    letter,
    message::line,
    trust::Trust,
};
use clap::Subcommand;
use serde_json::json;
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum Order {
    /// Which authorities are believed here, and how old that data is
    Show,
    /// Take newer trust data into the office; it must be signed, and never goes back to an older version
    Import {
        /// The signed trust data
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

pub(crate) fn run(words: &Words, order: &Order, output: &mut Output) -> Result<()> {
    match order {
        Order::Show => show(words, output),
        Order::Import { file } => {
            let bundle = bundle::import(&words.office(), file)?;
            let data = Trust::of_bundle(bundle).data(clock::now());
            output.put(&json!({ "file": file, "trust_data": data }), |language| {
                let imported = line(language, &["trust", "imported"], &[]);
                format!("{imported}\n{}", trust_data(language, &data))
            });
            Ok(())
        }
    }
}

fn show(words: &Words, output: &mut Output) -> Result<()> {
    let trust = match words.named_office() {
        Some(office) => Trust::of_folder(&office)?,
        None => Trust::of_bundle(Bundle::shipped()?),
    };
    let data = trust.data(clock::now());
    let authorities = trust.authorities();
    let keys = trust.bundle().receipt_keys();
    let keys: Vec<_> = keys
        .iter()
        .map(|key| json!({ "name": key.name, "spki_sha256": key.sha256 }))
        .collect();
    let object = json!({ "trust_data": data, "authorities": authorities, "receipt_keys": keys });
    output.put(&object, |language| {
        let mut text = trust_data(language, &data);
        if data.demo {
            text += &format!("\n{}", line(language, &["trust", "demo"], &[]));
        }
        for authority in &authorities {
            let name = printable(&authority.name);
            let end = letter::date_text(authority.not_after.to_offset(clock::VIETNAM).date());
            text += &format!(
                "\n  {name} · {}",
                line(language, &["trust", "until"], &[("date", &end)])
            );
            if authority.demo {
                text += &format!(" · {}", line(language, &["trust", "demo-mark"], &[]));
            } else if !authority.bundled {
                text += &format!(" · {}", line(language, &["trust", "added-mark"], &[]));
            }
            text += &format!("\n    SHA-256 {}", authority.sha256);
        }
        text
    });
    Ok(())
}
