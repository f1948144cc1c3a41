//! Families: who lives together, how old they are, how they are called.
//!
//! The shape is tuned to the age pyramid of 2015 (about 37 % under 18, 7 % over 60).

use crate::calendar::{Day, ELECTION_DAY};
use crate::data::{Group, RegionData};
use crate::dice::{Dice, Lane};
use crate::names::{NameKey, SurnameForm, draw_given, draw_surname, surname_of_given};

/// A member of a family as the civil registry knows them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub name: NameKey,
    /// The name before marriage or before an act, with the act's day.
    pub former: Option<(NameKey, Day)>,
    pub birth: Day,
    pub death: Day,
}

/// People under one roof.
pub(crate) struct Family {
    pub members: Vec<Member>,
    /// Lives in the same house as the family before it.
    pub shares_house: bool,
}

/// Whether someone stands in the register only with a death act: the dead of the last years.
const DEAD_RELATIVE: f64 = 0.075;

struct Maker {
    dice: Dice,
    group: Group,
    members: Vec<Member>,
}

impl Family {
    /// The family number `index` of a settlement. `crowded`: flats, several families a house.
    pub(crate) fn draw(seed: u64, index: u64, region: &RegionData, crowded: bool) -> Family {
        let mut dice = Dice::new(seed, Lane::Family, index);
        let shares_house = dice.chance(if crowded { 0.66 } else { 0.09 });
        let lot = dice.unit() * 100.0;
        let group = if lot < region.uzbek_pct {
            Group::Uzbek
        } else if lot < region.uzbek_pct + region.russian_pct {
            Group::Russian
        } else {
            Group::Kyrgyz
        };
        let mut maker = Maker {
            dice,
            group,
            members: Vec::with_capacity(6),
        };
        match maker.dice.by_share(&[60.0, 16.0, 8.0, 8.0, 8.0]) {
            0 => maker.couple((23, 56), true, false),
            1 => maker.couple((26, 58), true, true),
            2 => maker.couple((56, 84), false, false),
            3 => maker.single_parent(),
            _ => maker.alone(),
        }
        Family {
            members: maker.members,
            shares_house,
        }
    }
}

impl Maker {
    fn birthday(&mut self, age: i32) -> Day {
        let days = age * 365 + age / 4;
        Day(ELECTION_DAY.0 - days - self.dice.between(0, 364))
    }

    fn spelling(&mut self) -> u8 {
        match self.group {
            Group::Russian => 0,
            Group::Kyrgyz | Group::Uzbek => self.dice.by_share(&[0.45, 0.42, 0.13]) as u8,
        }
    }

    /// A name with surname index `surname` and father's name `father`.
    fn name(&mut self, surname: u16, father: u16, female: bool, birth: Day) -> NameKey {
        let young = birth.civil().0 >= 1980;
        let uulu = self.group == Group::Kyrgyz && self.dice.chance(if young { 0.16 } else { 0.03 });
        NameKey {
            surname,
            form: if uulu {
                SurnameForm::Uulu
            } else {
                SurnameForm::Ov
            },
            given: draw_given(&mut self.dice, self.group, female),
            father,
            female,
            spelling: self.spelling(),
        }
    }

    fn push(&mut self, name: NameKey, birth: Day) {
        self.members.push(Member {
            name,
            former: None,
            birth,
            death: Day::NONE,
        });
    }

    fn stranger_name(&mut self, female: bool, birth: Day) -> NameKey {
        let surname = draw_surname(&mut self.dice, self.group);
        let father = draw_given(&mut self.dice, self.group, false);
        self.name(surname, father, female, birth)
    }

    fn couple(&mut self, ages: (i32, i32), children: bool, grandparents: bool) {
        let age = self
            .dice
            .between(ages.0, ages.1)
            .min(self.dice.between(ages.0, ages.1 + 4));
        let birth = self.birthday(age);
        let husband = self.stranger_name(false, birth);
        self.push(husband, birth);
        let wife_age = (age - self.dice.between(-1, 6)).max(19);
        let wife_birth = self.birthday(wife_age);
        let married =
            Day(wife_birth.0 + self.dice.between(19 * 365, 25 * 365)).min(Day(ELECTION_DAY.0 - 40));
        self.wife(husband, wife_birth, married);
        if children {
            self.children(husband, wife_birth, married);
        }
        if grandparents {
            self.parents_of(husband, birth);
        }
        if self.dice.chance(DEAD_RELATIVE) {
            self.dead_relative(husband);
        }
        self.act_of_form();
    }

    /// Seven of ten wives take the husband's surname; the act is on file when it is recent.
    fn wife(&mut self, husband: NameKey, birth: Day, married: Day) {
        let maiden = self.stranger_name(true, birth);
        if !self.dice.chance(0.7) || husband.form == SurnameForm::Uulu {
            self.push(maiden, birth);
            return;
        }
        let name = NameKey {
            surname: husband.surname,
            form: SurnameForm::Ov,
            ..maiden
        };
        let on_file = married > Day::of(2008, 1, 1) && name != maiden;
        let former = on_file.then_some((maiden, married));
        self.members.push(Member {
            name,
            former,
            birth,
            death: Day::NONE,
        });
    }

    fn children(&mut self, father: NameKey, mother_birth: Day, married: Day) {
        let wanted = self
            .dice
            .by_share(&[0.06, 0.15, 0.27, 0.25, 0.16, 0.08, 0.03]);
        let mut birth = married;
        for _ in 0..wanted {
            birth = birth.plus(self.dice.between(330, 1400));
            if birth > Day(ELECTION_DAY.0 - 20) || birth.0 - mother_birth.0 > 45 * 365 {
                break;
            }
            self.child(father, birth);
        }
    }

    fn child(&mut self, father: NameKey, birth: Day) {
        let age = birth.age_on(ELECTION_DAY);
        let female = self.dice.chance(0.488);
        // Grown children found their own house; daughters earlier.
        let leaves = if female { 0.72 } else { 0.5 };
        if age >= 24 && self.dice.chance(leaves) {
            return;
        }
        let of_grandfather = self.group == Group::Kyrgyz && self.dice.chance(0.15);
        let surname = if of_grandfather {
            surname_of_given(father.father)
        } else {
            None
        };
        let name = self.name(
            surname.unwrap_or(father.surname),
            father.given,
            female,
            birth,
        );
        self.push(name, birth);
    }

    fn parents_of(&mut self, son: NameKey, son_birth: Day) {
        let mother_birth = Day(son_birth.0 - self.dice.between(20 * 365, 33 * 365));
        if self.dice.chance(0.75) {
            let name = self.stranger_name(true, mother_birth);
            self.push(name, mother_birth);
        }
        if self.dice.chance(0.45) {
            let birth = Day(mother_birth.0 - self.dice.between(-365, 6 * 365));
            let father = draw_given(&mut self.dice, self.group, false);
            let own = self.name(son.surname, father, false, birth);
            self.push(
                NameKey {
                    given: son.father,
                    ..own
                },
                birth,
            );
        }
    }

    fn dead_relative(&mut self, kin: NameKey) {
        let died = Day(ELECTION_DAY.0 - 2 - self.dice.between(0, 8 * 365));
        let age = 45 + self.dice.between(0, 25) + self.dice.between(0, 22);
        let birth = Day(died.0 - age * 365 - self.dice.between(0, 364));
        let female = self.dice.chance(0.42);
        let father = draw_given(&mut self.dice, self.group, false);
        let name = self.name(kin.surname, father, female, birth);
        self.members.push(Member {
            name,
            former: None,
            birth,
            death: died,
        });
    }

    fn single_parent(&mut self) {
        let age = self.dice.between(24, 52);
        let birth = self.birthday(age);
        let mother = self.stranger_name(true, birth);
        self.push(mother, birth);
        let father_given = draw_given(&mut self.dice, self.group, false);
        let father = NameKey {
            given: father_given,
            form: SurnameForm::Ov,
            female: false,
            ..mother
        };
        let first = Day(birth.0 + self.dice.between(19 * 365, 27 * 365));
        self.children(father, birth, first);
        if self.dice.chance(DEAD_RELATIVE) {
            self.dead_relative(mother);
        }
    }

    fn alone(&mut self) {
        let age = if self.dice.chance(0.5) {
            self.dice.between(19, 40)
        } else {
            self.dice.between(40, 86)
        };
        let birth = self.birthday(age);
        let female = self.dice.chance(0.5);
        let name = self.stranger_name(female, birth);
        self.push(name, birth);
        if self.dice.chance(DEAD_RELATIVE * 2.0) {
            self.dead_relative(name);
        }
        self.act_of_form();
    }

    /// Some change the form of the name by an act: -ов and -ович to `уулу`, or back.
    fn act_of_form(&mut self) {
        if self.group != Group::Kyrgyz || !self.dice.chance(0.02) {
            return;
        }
        let on = Day(ELECTION_DAY.0 - self.dice.between(60, 6 * 365));
        if let Some(member) = self.members.first_mut() {
            let other = match member.name.form {
                SurnameForm::Ov => SurnameForm::Uulu,
                SurnameForm::Uulu => SurnameForm::Ov,
            };
            if on.0 - member.birth.0 > 17 * 365 {
                member.former = Some((
                    NameKey {
                        form: other,
                        ..member.name
                    },
                    on,
                ));
            }
        }
    }
}
