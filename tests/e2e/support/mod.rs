//! What the tests are made of, beside what each of them is about.

pub(crate) mod eventually;
pub(crate) mod fakes;
pub(crate) mod http1;
pub(crate) mod images;
pub(crate) mod judges;
pub(crate) mod programs;
pub(crate) mod skip;
