//! What is the matter with a print, in words that a person can act on.

use super::QualityMeasures;

/// What the person at the scanner should see to before the print is taken again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QualityReason {
    /// Ridges break into dots: moisten the finger.
    TooDry,
    /// Valleys fill: dry the finger.
    TooWet,
    /// Too little skin on the glass: lay the pad on flat.
    TooSmall,
    /// The finger lies off the middle: move it.
    Shifted,
    /// The finger moved while the picture was taken: hold it still.
    Moving,
    /// Something beside the finger is on the glass: clean it.
    Dirty,
}

// Limits, set on synthetic prints of known condition and looked at on real ones; how often each is
// given by condition and by sensor is in `docs/fingerprint.md`.
/// Dry: so much of the ridges is light, and dark spots are few on light skin.
const DRY_BROKEN_MIN: f32 = 0.12;
const DRY_SKEW_MIN: f32 = 0.8;
/// Wet: light spots are few on dark skin, which is so much darker than the glass.
const WET_SKEW_MAX: f32 = -0.25;
const WET_DARKNESS_MIN: f32 = 0.55;
/// A whole pad has 150 to 250 mm²; half a pad has under 80.
const AREA_MIN_MM2: f32 = 95.0;
/// The middle of a well laid finger is within 0.7 mm to the sides and 1.3 mm up and down.
const RIGHT_MAX_MM: f32 = 2.0;
const BELOW_MAX_MM: f32 = 2.5;
/// Ridges across the motion are so much weaker than those along it.
const SMEAR_MIN: f32 = 0.28;
/// Two in a hundred clean prints of the U.are.U sensor have 2.2, the worst of an uncleaned one 3.9.
const DIRT_MIN_MM2: f32 = 3.0;

impl QualityReason {
    /// All reasons in the order in which they are given.
    pub const ALL: [QualityReason; 6] = [
        QualityReason::TooDry,
        QualityReason::TooWet,
        QualityReason::TooSmall,
        QualityReason::Shifted,
        QualityReason::Moving,
        QualityReason::Dirty,
    ];

    /// A name for files and messages; it never changes.
    ///
    /// ```
    /// use fingerprint::QualityReason;
    /// assert_eq!(QualityReason::TooDry.as_code(), "too-dry");
    /// ```
    pub fn as_code(self) -> &'static str {
        match self {
            QualityReason::TooDry => "too-dry",
            QualityReason::TooWet => "too-wet",
            QualityReason::TooSmall => "too-small",
            QualityReason::Shifted => "shifted",
            QualityReason::Moving => "moving",
            QualityReason::Dirty => "dirty",
        }
    }

    /// What to do, in a language by its ISO 639-1 code: `ky`, `ru` or `en`; `None` for another.
    ///
    /// ```
    /// use fingerprint::QualityReason;
    /// assert_eq!(
    ///     QualityReason::Dirty.sentence("en"),
    ///     Some("The glass is dirty: wipe it and press again.")
    /// );
    /// ```
    pub fn sentence(self, language: &str) -> Option<&'static str> {
        let [ky, ru, en] = match self {
            QualityReason::TooDry => [
                "Манжа өтө кургак: аны бир аз нымдап, кайра басыңыз.",
                "Палец слишком сухой: слегка увлажните его и приложите снова.",
                "The finger is too dry: moisten it a little and press again.",
            ],
            QualityReason::TooWet => [
                "Манжа өтө нымдуу: аны сүртүп, кайра басыңыз.",
                "Палец слишком влажный: вытрите его и приложите снова.",
                "The finger is too wet: dry it and press again.",
            ],
            QualityReason::TooSmall => [
                "Манжанын аз бөлүгү тийди: манжаны толук жаткырып басыңыз.",
                "Приложена лишь малая часть пальца: положите подушечку плашмя.",
                "Too little of the finger touches: lay it on flat.",
            ],
            QualityReason::Shifted => [
                "Манжа четте жатат: аны айнектин ортосуна коюңуз.",
                "Палец лежит с краю: положите его на середину стекла.",
                "The finger lies to one side: place it on the middle of the glass.",
            ],
            QualityReason::Moving => [
                "Манжа жылып кетти: аны кыймылдатпай кармаңыз.",
                "Палец сдвинулся: держите его неподвижно.",
                "The finger moved: hold it still.",
            ],
            QualityReason::Dirty => [
                "Айнек кир: аны сүртүп, кайра басыңыз.",
                "Стекло загрязнено: протрите его и приложите палец снова.",
                "The glass is dirty: wipe it and press again.",
            ],
        };
        match language {
            "ky" => Some(ky),
            "ru" => Some(ru),
            "en" => Some(en),
            _ => None,
        }
    }

    /// The reasons that the measures give, in the order of [`QualityReason::ALL`].
    pub(super) fn all_of(measures: &QualityMeasures) -> Vec<QualityReason> {
        QualityReason::ALL
            .into_iter()
            .filter(|reason| reason.applies(measures))
            .collect()
    }

    fn applies(self, m: &QualityMeasures) -> bool {
        match self {
            QualityReason::TooDry => m.broken >= DRY_BROKEN_MIN && m.skew >= DRY_SKEW_MIN,
            QualityReason::TooWet => m.skew <= WET_SKEW_MAX && m.darkness >= WET_DARKNESS_MIN,
            QualityReason::TooSmall => m.area_mm2 < AREA_MIN_MM2,
            QualityReason::Shifted => {
                m.right_mm.abs() >= RIGHT_MAX_MM || m.below_mm.abs() >= BELOW_MAX_MM
            }
            QualityReason::Moving => m.smear >= SMEAR_MIN,
            QualityReason::Dirty => m.dirt_mm2 >= DIRT_MIN_MM2,
        }
    }
}
