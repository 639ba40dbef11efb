//! Document numbers, Decree 30, Article 15.3: given by the system, for each agency, type and year a series of its own,
//! without gaps and without repeats. The series and the number move in one transaction, so that a number is given or not.

use antin_records::{
    Agency, LetterId,
    contract::{NumberGrant, NumberRequest, ProblemKind},
};
use rusqlite::{OptionalExtension, Transaction, named_params};

use crate::{Province, problem::Problem};

impl Province {
    /// The number of a letter and whether it is new. Asked again, it is the number given first.
    pub(crate) fn number(
        &self,
        caller: &Agency,
        letter: LetterId,
        request: &NumberRequest,
    ) -> Result<(NumberGrant, bool), Problem> {
        if !caller.is_called(&request.agency) {
            return Err(Problem::new(ProblemKind::NotYourOffice));
        }
        self.database
            .write(|transaction| match held(transaction, letter)? {
                Some(held) if held.is_of(caller, request) => Ok((held.grant, false)),
                Some(_) => Err(Problem::new(ProblemKind::NumberConflict)),
                None => Ok((give(transaction, caller, letter, request)?, true)),
            })
    }
}

struct Held {
    agency: String,
    document_type: String,
    normative: bool,
    year: i32,
    grant: NumberGrant,
}

impl Held {
    fn is_of(&self, caller: &Agency, request: &NumberRequest) -> bool {
        self.agency == caller.id.as_str()
            && self.document_type == request.document_type.key()
            && self.normative == request.normative
            && self.year == request.year
    }
}

fn held(transaction: &Transaction<'_>, letter: LetterId) -> Result<Option<Held>, Problem> {
    let row = transaction
        .query_row(
            "SELECT * FROM number WHERE letter_id = ?1",
            [letter.to_string()],
            |row| {
                Ok((
                    row.get("agency")?,
                    row.get("document_type")?,
                    row.get("normative")?,
                    row.get("year")?,
                    row.get::<_, String>("granted")?,
                ))
            },
        )
        .optional()?;
    row.map(|(agency, document_type, normative, year, granted)| {
        let grant = serde_json::from_str(&granted).map_err(Problem::internal)?;
        Ok(Held {
            agency,
            document_type,
            normative,
            year,
            grant,
        })
    })
    .transpose()
}

fn give(
    transaction: &Transaction<'_>,
    caller: &Agency,
    letter: LetterId,
    request: &NumberRequest,
) -> Result<NumberGrant, Problem> {
    let number: u32 = transaction.query_row(
        "INSERT INTO series (agency, document_type, normative, year, last) VALUES (:agency, :type, :normative, :year, 1)
         ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last",
        named_params! {
            ":agency": caller.id.as_str(),
            ":type": request.document_type.key(),
            ":normative": request.normative,
            ":year": request.year,
        },
        |row| row.get(0),
    )?;
    let grant = NumberGrant {
        letter_id: letter,
        number,
        date: request.date,
    };
    transaction.execute(
        "INSERT INTO number (letter_id, agency, document_type, normative, year, number, granted)
         VALUES (:letter, :agency, :type, :normative, :year, :number, :granted)",
        named_params! {
            ":letter": letter.to_string(),
            ":agency": caller.id.as_str(),
            ":type": request.document_type.key(),
            ":normative": request.normative,
            ":year": request.year,
            ":number": number,
            ":granted": serde_json::to_string(&grant).map_err(Problem::internal)?,
        },
    )?;
    Ok(grant)
}
