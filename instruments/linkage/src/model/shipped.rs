//! The models that come with the product.

/// Name and text of each shipped model.
pub const SHIPPED: [(&str, &str); 2] = [
    ("febrl", include_str!("../../models/febrl.toml")),
    ("kg-persons", include_str!("../../models/kg-persons.toml")),
];

/// The text of the shipped model of that name.
#[must_use]
pub fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}
