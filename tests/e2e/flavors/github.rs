//! GitHub: GHCR, against named fakes.
