//! Deterministic election days.
