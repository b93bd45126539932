//! Placeholder, filled by the first landing.
