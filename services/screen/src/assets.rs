//! Files embedded in the binary, served under `/assets/`.

/// An embedded file.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Its name below `/assets/`.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
}

/// The stylesheet, the fonts and the icon that every surface needs.
pub const SHARED: &[Asset] = &[
    Asset {
        name: "tokens.css",
        media_type: "text/css; charset=utf-8",
        bytes: include_bytes!("../assets/tokens.css"),
    },
    Asset {
        name: "app.css",
        media_type: "text/css; charset=utf-8",
        bytes: include_bytes!("../assets/app.css"),
    },
    Asset {
        name: "reg-400.woff2",
        media_type: "font/woff2",
        bytes: include_bytes!("../assets/reg-400.woff2"),
    },
    Asset {
        name: "reg-700.woff2",
        media_type: "font/woff2",
        bytes: include_bytes!("../assets/reg-700.woff2"),
    },
    Asset {
        name: "icon.svg",
        media_type: "image/svg+xml",
        bytes: include_bytes!("../assets/icon.svg"),
    },
];

/// The regular weight as TrueType, for rasters and paper (Noto Sans subset, OFL 1.1).
pub const FONT_REGULAR: &[u8] = include_bytes!("../assets/reg-400.ttf");

/// The bold weight as TrueType.
pub const FONT_BOLD: &[u8] = include_bytes!("../assets/reg-700.ttf");

/// The shared asset of this name.
#[must_use]
pub fn shared(name: &str) -> Option<Asset> {
    SHARED.iter().copied().find(|asset| asset.name == name)
}
