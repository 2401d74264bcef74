//! Requests that are made again where they fail for a while, small ones side by side, lists in pages, and small blobs.

mod backoff;
mod blobs;
mod concurrently;
mod pages;

pub(crate) use backoff::{
    Backoff, OPEN_TRIES, RETRIES, ask, describe, retry, retry_first_contact, told_before, unseen_waits,
    waits_for_others,
};
pub(crate) use blobs::{confirm_blob, has_blob, send_small_blob};
pub(crate) use concurrently::{CONCURRENT_REQUESTS, concurrently};
pub(crate) use pages::all_pages;
