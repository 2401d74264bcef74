//! Docker Hub, against named fakes.
