//! tizme
