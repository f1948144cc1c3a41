//! What a minutia is, in the convention of ISO/IEC 19794-2.

/// What a ridge does at a minutia.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MinutiaKind {
    /// A ridge ends (type 1).
    Ending,
    /// A ridge forks (type 2).
    Bifurcation,
}

/// One minutia whose place is known because the print was made, not measured.
#[derive(Clone, Debug, PartialEq)]
pub struct TrueMinutia {
    /// Distance from the left border, px at 500 dpi.
    pub x: f32,
    /// Distance from the upper border, px at 500 dpi.
    pub y: f32,
    /// Direction, radians in [0, 2π), counter-clockwise from the right-hand horizontal. At an
    /// ending it points back along the ridge, at a bifurcation into the fork (along the valley
    /// that ends between the two arms).
    pub angle: f32,
    /// Ending or bifurcation.
    pub kind: MinutiaKind,
    /// 1 (worst) to 100 (best).
    pub quality: u8,
    /// The minutia's number in its master; `None` for one that is not in the finger.
    pub origin: Option<u16>,
}
