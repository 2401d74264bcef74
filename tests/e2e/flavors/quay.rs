//! Quay, against named fakes.
