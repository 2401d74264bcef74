//! Judges: what looks at the outcome and shares no code with crhost.

pub(crate) mod needle;
pub(crate) mod screen;
pub(crate) mod skopeo;
