//! Icons: inline SVG on a 24 px grid, hidden from readers, always beside a word.

use maud::{Markup, html};

/// What an icon shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Icon {
    /// A tick.
    Tick,
    /// A cross.
    Cross,
    /// A warning triangle.
    Warn,
    /// A fingerprint.
    Finger,
    /// A printer.
    Printer,
    /// A screen.
    Screen,
    /// Connected kits.
    Peers,
    /// A battery.
    Battery,
    /// A document.
    Document,
    /// A lock.
    Lock,
    /// A clock.
    Clock,
    /// A person.
    Person,
    /// A house.
    House,
    /// A magnifier.
    Search,
    /// A card.
    Card,
    /// An information mark.
    Info,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Icon::Tick => "M4 12.5l5.5 5.5L20 7",
            Icon::Cross => "M6 6l12 12M18 6L6 18",
            Icon::Warn => "M12 3.2L22 20.5H2zM12 9.5v5M12 17.6v.2",
            Icon::Finger => {
                "M6 11a6 6 0 0112 0v3M9 20c-1-3-1-6-1-9a4 4 0 018 0c0 4 0 6-.6 9M12 11c0 4 0 6-.5 10"
            }
            Icon::Printer => "M7 9V3h10v6M7 17H4V9h16v8h-3M7 14h10v7H7z",
            Icon::Screen => "M3 5h18v11H3zM9 20h6M12 16v4",
            Icon::Peers => {
                "M12 3v4M12 7a2 2 0 100-4 2 2 0 000 4M5 20a2 2 0 100-4 2 2 0 000 4M19 20a2 2 0 100-4 2 2 0 000 4M11 7L6 16M13 7l5 9M7.5 18h9"
            }
            Icon::Battery => "M3 8h15v8H3zM21 11v2M6 11v2M9 11v2M12 11v2",
            Icon::Document => "M6 3h8l5 5v13H6zM14 3v5h5M9 13h7M9 17h7",
            Icon::Lock => "M6 11h12v10H6zM8.5 11V8a3.5 3.5 0 017 0v3",
            Icon::Clock => "M12 21a9 9 0 100-18 9 9 0 000 18M12 7v5l3.5 2",
            Icon::Person => "M12 11a4 4 0 100-8 4 4 0 000 8M4 21c1-5 4-7 8-7s7 2 8 7",
            Icon::House => "M4 11l8-7 8 7v10h-5v-6H9v6H4z",
            Icon::Search => "M10.5 17a6.5 6.5 0 100-13 6.5 6.5 0 000 13M15.5 15.5L21 21",
            Icon::Card => "M3 6h18v12H3zM3 10h18M6 15h5",
            Icon::Info => "M12 21a9 9 0 100-18 9 9 0 000 18M12 11v5.5M12 7.6v.2",
        }
    }
}

/// An icon.
#[must_use]
pub fn icon(which: Icon) -> Markup {
    html! { svg.i viewBox="0 0 24 24" aria-hidden="true" { path d=(which.path()) {} } }
}
