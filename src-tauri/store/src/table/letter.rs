//! Letters of this office, from draft to issue. The file of a letter is replaced by the next revision; all of them are kept.

use antin_records::{DocumentCode, LetterId, Sha256Digest, Urgency};
use rusqlite::{Connection, Row, Transaction, named_params, params};
use time::{Date, OffsetDateTime};

use crate::{Error, Store, column};

/// Where a letter stands before it is dispatched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LetterState {
    /// Not yet given to anyone to sign.
    Draft,
    /// Chờ ký.
    Waiting,
    /// Approved by the leader, waiting for number and seal.
    Signed,
    /// Numbered, dated and sealed.
    Issued,
}

impl LetterState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Waiting, Self::Signed, Self::Issued];

    /// The name in JSON and in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Waiting => "waiting",
            Self::Signed => "signed",
            Self::Issued => "issued",
        }
    }

    /// Reads [`LetterState::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// A letter to be added.
#[derive(Debug, Clone)]
pub struct NewLetter {
    /// Its identity.
    pub id: LetterId,
    /// Where it begins: draft or waiting, or further on when it was signed elsewhere.
    pub state: LetterState,
    /// The name of the file it came as, for people.
    pub file_name: String,
    /// Where it came from, for people.
    pub source: String,
    /// Number of pages.
    pub pages: u32,
    /// How fast it must travel.
    pub urgency: Urgency,
    /// What is said about it; the caller's JSON.
    pub metadata: serde_json::Value,
    /// Where its number, date, signature and seal belong; the caller's JSON.
    pub places: serde_json::Value,
    /// When it was added.
    pub at: OffsetDateTime,
}

/// A letter.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// Its identity.
    pub id: LetterId,
    /// Where it stands.
    pub state: LetterState,
    /// The name of the file it came as.
    pub file_name: String,
    /// Where it came from.
    pub source: String,
    /// Digest of the file as it came.
    pub original: Sha256Digest,
    /// Digest of the file as it is now.
    pub content: Sha256Digest,
    /// Number of pages.
    pub pages: u32,
    /// How fast it must travel.
    pub urgency: Urgency,
    /// What is said about it.
    pub metadata: serde_json::Value,
    /// Where its number, date, signature and seal belong.
    pub places: serde_json::Value,
    /// Its number and notation, once the province has given the number.
    pub code: Option<DocumentCode>,
    /// The date given together with the number.
    pub issued_on: Option<Date>,
    /// When it was added.
    pub created_at: OffsetDateTime,
    /// When the leader signed.
    pub signed_at: Option<OffsetDateTime>,
    /// When it was sealed.
    pub issued_at: Option<OffsetDateTime>,
}

/// The step of a letter from one state and file to the next.
#[derive(Debug, Clone, Copy)]
pub struct Advance {
    /// The letter.
    pub id: LetterId,
    /// The state it was in when the work on it began.
    pub from: LetterState,
    /// The file the work began with.
    pub replaces: Sha256Digest,
    /// The state it is in now.
    pub to: LetterState,
    /// The file it is now; already kept.
    pub content: Sha256Digest,
    /// When.
    pub at: OffsetDateTime,
}

/// One file a letter has been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its place in the order, from 1.
    pub n: u32,
    /// Its digest.
    pub content: Sha256Digest,
    /// The state the letter entered with it.
    pub state: LetterState,
    /// When.
    pub at: OffsetDateTime,
}

impl Store {
    /// Keeps the file and adds the letter.
    pub fn add_letter(&self, new: &NewLetter, bytes: &[u8]) -> Result<Letter, Error> {
        let content = self.put_blob(bytes)?;
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO letter (id, state, file_name, source, original, content, pages, urgency, urgency_rank, metadata,
                                     places, created_at_ms)
                 VALUES (:id, :state, :file_name, :source, :content, :content, :pages, :urgency, :rank, :metadata, :places, :at)",
                named_params! {
                    ":id": new.id.to_string(),
                    ":state": new.state.key(),
                    ":file_name": new.file_name,
                    ":source": new.source,
                    ":content": content.to_string(),
                    ":pages": new.pages,
                    ":urgency": new.urgency.key(),
                    ":rank": new.urgency.rank(),
                    ":metadata": new.metadata.to_string(),
                    ":places": new.places.to_string(),
                    ":at": column::ms(new.at),
                },
            )?;
            add_version(transaction, new.id, content, new.state, new.at)?;
            letter(transaction, new.id)
        })
    }

    /// One letter.
    pub fn letter(&self, id: LetterId) -> Result<Letter, Error> {
        self.read(|connection| letter(connection, id))
    }

    /// The letters in any of `states`, urgent ones first, then the newest first.
    pub fn letters(&self, states: &[LetterState]) -> Result<Vec<Letter>, Error> {
        let keys =
            serde_json::to_string(&states.iter().map(|state| state.key()).collect::<Vec<_>>())?;
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT * FROM letter WHERE state IN (SELECT value FROM json_each(?1))
                 ORDER BY urgency_rank DESC, created_at_ms DESC, id DESC",
            )?;
            Ok(statement
                .query_map([keys], read)?
                .collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Replaces what is said about a letter and where its places are.
    pub fn describe_letter(
        &self,
        id: LetterId,
        metadata: &serde_json::Value,
        places: &serde_json::Value,
    ) -> Result<(), Error> {
        self.write(|transaction| {
            let changed = transaction.execute(
                "UPDATE letter SET metadata = ?2, places = ?3 WHERE id = ?1",
                params![id.to_string(), metadata.to_string(), places.to_string()],
            )?;
            exactly_one(changed, id)
        })
    }

    /// Records the number and date the province gave. Repeating the same number is no error; another one is.
    pub fn grant_number(
        &self,
        id: LetterId,
        code: &DocumentCode,
        issued_on: Date,
    ) -> Result<(), Error> {
        self.write(|transaction| {
            let held = letter(transaction, id)?;
            match held.code {
                Some(held) if held != *code => Err(Error::NumberHeld {
                    held: held.to_string(),
                }),
                Some(_) => Ok(()),
                None => {
                    transaction.execute(
                        "UPDATE letter SET code = ?2, issued_on = ?3 WHERE id = ?1",
                        params![id.to_string(), code.to_string(), column::date(issued_on)],
                    )?;
                    Ok(())
                }
            }
        })
    }

    /// Takes a letter one step on, if it is still as the caller saw it.
    pub fn advance_letter(&self, step: &Advance) -> Result<Letter, Error> {
        self.check_blob(step.content)?;
        self.write(|transaction| {
            let changed = transaction.execute(
                "UPDATE letter SET state = :to, content = :content,
                     signed_at_ms = CASE :to WHEN 'signed' THEN :at ELSE signed_at_ms END,
                     issued_at_ms = CASE :to WHEN 'issued' THEN :at ELSE issued_at_ms END
                 WHERE id = :id AND state = :from AND content = :replaces",
                named_params! {
                    ":id": step.id.to_string(),
                    ":from": step.from.key(),
                    ":to": step.to.key(),
                    ":replaces": step.replaces.to_string(),
                    ":content": step.content.to_string(),
                    ":at": column::ms(step.at),
                },
            )?;
            if changed == 0 {
                let held = letter(transaction, step.id)?;
                return Err(Error::LetterChanged {
                    id: held.id.to_string(),
                });
            }
            add_version(transaction, step.id, step.content, step.to, step.at)?;
            letter(transaction, step.id)
        })
    }

    /// Every file a letter has been, the first one first.
    pub fn letter_versions(&self, id: LetterId) -> Result<Vec<Version>, Error> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT * FROM letter_version WHERE letter_id = ?1 ORDER BY n")?;
            let rows = statement.query_map([id.to_string()], |row| {
                Ok(Version {
                    n: row.get("n")?,
                    content: column::parsed(row, "content")?,
                    state: column::keyed(row, "state", LetterState::from_key)?,
                    at: column::time(row, "at_ms")?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

pub(super) fn add_version(
    transaction: &Transaction<'_>,
    id: LetterId,
    content: Sha256Digest,
    state: LetterState,
    at: OffsetDateTime,
) -> Result<(), Error> {
    transaction.execute(
        "INSERT INTO letter_version (letter_id, n, content, state, at_ms)
         VALUES (?1, (SELECT count(*) + 1 FROM letter_version WHERE letter_id = ?1), ?2, ?3, ?4)",
        params![
            id.to_string(),
            content.to_string(),
            state.key(),
            column::ms(at)
        ],
    )?;
    Ok(())
}

pub(super) fn letter(connection: &Connection, id: LetterId) -> Result<Letter, Error> {
    column::found(
        connection.query_row("SELECT * FROM letter WHERE id = ?1", [id.to_string()], read),
        "letter",
        id,
    )
}

fn exactly_one(changed: usize, id: LetterId) -> Result<(), Error> {
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::NotFound {
            what: "letter",
            id: id.to_string(),
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Letter> {
    Ok(Letter {
        id: column::parsed(row, "id")?,
        state: column::keyed(row, "state", LetterState::from_key)?,
        file_name: row.get("file_name")?,
        source: row.get("source")?,
        original: column::parsed(row, "original")?,
        content: column::parsed(row, "content")?,
        pages: row.get("pages")?,
        urgency: column::keyed(row, "urgency", Urgency::from_key)?,
        metadata: column::json(row, "metadata")?,
        places: column::json(row, "places")?,
        code: column::parsed_or_none(row, "code")?,
        issued_on: column::date_or_none(row, "issued_on")?,
        created_at: column::time(row, "created_at_ms")?,
        signed_at: column::time_or_none(row, "signed_at_ms")?,
        issued_at: column::time_or_none(row, "issued_at_ms")?,
    })
}
