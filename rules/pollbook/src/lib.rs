//! pollbook
