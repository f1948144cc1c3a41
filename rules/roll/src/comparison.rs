//! The commissions' protocols beside the electronic list: how many received a ballot, how many were identified, and
//! what explains the difference.
//!
//! A commission writes how many voters received a ballot, and for how many of them without an electronic mark it knows
//! why. What is left is *unexplained*, with its sign: above zero more ballots than marks, below zero marks without a ballot.

/// What a commission's protocol says of one precinct.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Protocol {
    /// Precinct number.
    pub precinct: u16,
    /// Voters who received a ballot.
    pub received: u64,
    /// Of them without an electronic mark: on the paper list, not on the electronic one.
    pub not_on_list: u64,
    /// … whose finger was not recognised.
    pub finger: u64,
    /// … served by the paper list alone, as after a total failure.
    pub fallback: u64,
    /// … while a kit was out of order.
    pub fault: u64,
}

impl Protocol {
    /// Voters without a mark for whom a cause is written.
    #[must_use]
    pub fn explained(&self) -> u64 {
        self.not_on_list + self.finger + self.fallback + self.fault
    }
}

/// A precinct, a region or the country compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Precincts with a list.
    pub stations: u64,
    /// Precincts that have both a protocol and journals; only these are compared.
    pub compared: u64,
    /// Precincts without a protocol.
    pub no_protocol: u64,
    /// Precincts with a protocol and without journals.
    pub no_day: u64,
    /// Voters identified, in the compared precincts.
    pub identified: u64,
    /// What their protocols say, added up; its precinct is 0 in a sum.
    pub said: Protocol,
    /// Ballots without a mark that nobody explains, summed over the precincts that have more ballots.
    pub ballots_unexplained: u64,
    /// Marks without a ballot, summed over the precincts that have more marks.
    pub marks_unexplained: u64,
}

/// Compares one precinct; `identified` is what its journals count.
#[must_use]
pub fn compare(protocol: Option<Protocol>, identified: Option<u64>) -> Compared {
    let station = Compared {
        stations: 1,
        ..Compared::default()
    };
    let Some(said) = protocol else {
        return Compared {
            no_protocol: 1,
            ..station
        };
    };
    let Some(identified) = identified else {
        return Compared {
            no_day: 1,
            ..station
        };
    };
    let with_reason = identified + said.explained();
    Compared {
        compared: 1,
        identified,
        said,
        ballots_unexplained: said.received.saturating_sub(with_reason),
        marks_unexplained: with_reason.saturating_sub(said.received),
        ..station
    }
}

impl Compared {
    /// The sum of several. Ballots too many in one precinct never hide marks too many in another.
    #[must_use]
    pub fn sum<'a>(of: impl IntoIterator<Item = &'a Compared>) -> Compared {
        let mut sum = Compared::default();
        for one in of {
            sum.stations += one.stations;
            sum.compared += one.compared;
            sum.no_protocol += one.no_protocol;
            sum.no_day += one.no_day;
            sum.identified += one.identified;
            sum.said.received += one.said.received;
            sum.said.not_on_list += one.said.not_on_list;
            sum.said.finger += one.said.finger;
            sum.said.fallback += one.said.fallback;
            sum.said.fault += one.said.fault;
            sum.ballots_unexplained += one.ballots_unexplained;
            sum.marks_unexplained += one.marks_unexplained;
        }
        sum
    }

    /// Whether everything is explained.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.ballots_unexplained == 0 && self.marks_unexplained == 0
    }
}

#[cfg(test)]
mod tests;
