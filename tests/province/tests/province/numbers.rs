use antin_exchange::Class;
use antin_records::{DocumentType, LetterId, contract::NumberRequest};
use time::macros::date;

use super::fixture::{NOW, client, start};

fn request(document_type: DocumentType, normative: bool, year: i32) -> NumberRequest {
    NumberRequest {
        agency: "H57".parse().unwrap(),
        document_type,
        normative,
        year,
        date: date!(2026 - 11 - 24),
    }
}

#[test]
fn a_letter_keeps_its_number_and_a_series_goes_on_from_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let office = client(&server, "H57");
    let directives = request(DocumentType::Directive, true, 2014);
    let letter = LetterId::mint(NOW);
    let first = office.number(letter, &directives).unwrap();
    assert_eq!((first.number, first.date), (77, date!(2026 - 11 - 24)));
    let again = NumberRequest {
        date: date!(2026 - 11 - 25),
        ..directives.clone()
    };
    assert_eq!(
        office.number(letter, &again).unwrap(),
        first,
        "given for good, date and all"
    );
    assert_eq!(
        office
            .number(LetterId::mint(NOW), &directives)
            .unwrap()
            .number,
        78
    );
    assert_eq!(
        office
            .number(
                LetterId::mint(NOW),
                &request(DocumentType::Directive, false, 2014)
            )
            .unwrap()
            .number,
        1,
        "own series"
    );
    assert_eq!(
        office
            .number(
                LetterId::mint(NOW),
                &request(DocumentType::Plan, false, 2026)
            )
            .unwrap()
            .number,
        1
    );
    let conflict = office
        .number(letter, &request(DocumentType::Plan, false, 2026))
        .unwrap_err();
    assert_eq!(
        (conflict.code.as_str(), conflict.class),
        ("number-conflict", Class::Blocked)
    );
    let foreign = client(&server, "H57.02")
        .number(LetterId::mint(NOW), &directives)
        .unwrap_err();
    assert_eq!(foreign.code, "not-your-office");
}

#[test]
fn numbers_have_no_gaps_and_no_repeats_under_concurrency() {
    const OFFICES: usize = 8;
    const LETTERS: usize = 12;
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let plans = request(DocumentType::Plan, false, 2026);
    let mut numbers: Vec<u32> = std::thread::scope(|scope| {
        let work = || {
            let office = client(&server, "H57");
            let ask = |letter| office.number(letter, &plans).unwrap().number;
            // Every letter asks twice, as a client does whose first answer was lost.
            (0..LETTERS)
                .map(|_| LetterId::mint(NOW))
                .map(|letter| {
                    let first = ask(letter);
                    assert_eq!(ask(letter), first);
                    first
                })
                .collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..OFFICES).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    numbers.sort_unstable();
    let expected: Vec<u32> = (1..).take(OFFICES * LETTERS).collect();
    assert_eq!(numbers, expected);
}
