//! ridges
