use super::*;
use crate::staleness::model::{Kind, Slot};

#[test]
fn lines_come_back_as_they_were() {
    let slot = Slot {
        kind: Kind::Account,
        index: 7,
    };
    let touch = Touch {
        slot,
        version: 42,
        state: State::first(slot),
        kept: false,
    };
    let read = |question, answer| {
        Line::Read(Read {
            begin: 1,
            end: 2,
            question,
            answer,
            hit: None,
            process: 0,
        })
    };
    let row = Row {
        index: 3,
        version: 9,
    };
    let lines = [
        read(Question::Counters([1, 2, 3]), Answer::Rows(vec![row, row])),
        read(Question::Login(7, 2), Answer::Rows(Vec::new())),
        read(Question::Team(3), Answer::Error("it is  broken".to_owned())),
        read(Question::Pets(5), Answer::Hung),
        read(Question::Query(1), Answer::Rows(vec![row])),
        read(Question::Range([3, 2, 1]), Answer::Hung),
        read(Question::Join(4), Answer::Hung),
        read(Question::Block([0, 0, 9]), Answer::Hung),
        Line::Begin(5, 6, vec![touch, touch]),
        Line::End(5, 7, Outcome::Refused),
        Line::Why("it was  busy".to_owned()),
        Line::Done,
    ];
    for line in lines {
        let text = line.encode();
        assert_eq!(
            Line::decode(text.trim_end_matches('\n')),
            Ok(line),
            "{text}"
        );
    }
}

#[test]
fn a_write_without_an_end_is_unknown_and_a_cut_line_is_dropped() {
    let mut history = History::default();
    let text = "w 1 10 c3:5:1:0:0:1,\ne 1 11 c\nw 2 12 c3:6:1:0:0:1,\nr 13 14 c3 3:";
    assert_eq!(history.add(text), Ok(false));
    assert_eq!(history.reads, []);
    let outcomes: Vec<_> = history.writes.iter().map(|write| write.outcome).collect();
    assert_eq!(outcomes, [Outcome::Committed, Outcome::Unknown]);
}

#[test]
fn later_counters_replace_earlier_ones_of_the_same_worker() {
    let mut history = History::default();
    assert_eq!(history.add("s user 1 1\ns user 5 2\nz\n"), Ok(true));
    assert_eq!(history.add("s user 10 1\n"), Ok(false));
    assert_eq!((history.hits[0].hits, history.hits[0].others), (15, 3));
}
