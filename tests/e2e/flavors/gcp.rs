//! Google: Artifact Registry and gcr.io, against named fakes.
