//! Records and the people behind them: a duplicate verdict joins two records into one person.

use std::collections::HashMap;

use crate::snapshot::{PersonAt, Snapshot, Standing};

/// Which records are one person.
pub(super) struct Humans {
    human: Vec<PersonAt>,
    records: HashMap<PersonAt, Vec<PersonAt>>,
    alone: Vec<PersonAt>,
}

impl Humans {
    pub fn of(snapshot: &Snapshot) -> Self {
        let next = |person: PersonAt| match snapshot.person(person).standing {
            Standing::Duplicate(Some(counted)) => Some(counted),
            Standing::Duplicate(None)
            | Standing::Unique
            | Standing::Pending
            | Standing::Deceased(_)
            | Standing::NotEnrolled => None,
        };
        let alone: Vec<PersonAt> = snapshot.people().collect();
        let human: Vec<PersonAt> = alone
            .iter()
            .map(|&person| {
                let mut at = person;
                // A verdict points at a counted record; a circle of verdicts ends after a few turns.
                for _ in 0..8 {
                    match next(at) {
                        Some(counted) if counted != at => at = counted,
                        Some(_) | None => break,
                    }
                }
                at
            })
            .collect();
        let mut records: HashMap<PersonAt, Vec<PersonAt>> = HashMap::new();
        for &person in &alone {
            if human[person.at()] != person {
                records.entry(human[person.at()]).or_default().push(person);
            }
        }
        for (counted, others) in &mut records {
            others.insert(0, *counted);
            others.dedup();
        }
        Self {
            human,
            records,
            alone,
        }
    }

    /// How many records.
    pub fn len(&self) -> usize {
        self.human.len()
    }

    /// The person behind a record, named by the record that is counted.
    pub fn human(&self, record: PersonAt) -> PersonAt {
        self.human[record.at()]
    }

    /// All records of the person behind a record, the counted one first.
    pub fn records(&self, record: PersonAt) -> &[PersonAt] {
        let human = self.human(record);
        match self.records.get(&human) {
            Some(records) => records,
            None => std::slice::from_ref(&self.alone[human.at()]),
        }
    }
}
