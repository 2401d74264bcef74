//! Harbor, against named fakes.
