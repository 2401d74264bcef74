//! The uploads of a repository that have neither been closed nor given up.

use std::collections::HashMap;

use super::location::Destination;

/// Where open uploads are, by a number that each gets.
#[derive(Default)]
pub(super) struct OpenUploads {
    locations: HashMap<u64, Destination>,
    last: u64,
}

impl OpenUploads {
    /// Adds an upload and gives its number.
    pub(super) fn add(&mut self, location: Destination) -> u64 {
        self.last += 1;
        self.locations.insert(self.last, location);
        self.last
    }

    /// The registry names another location for an upload that is still open.
    pub(super) fn move_to(&mut self, number: u64, location: Destination) {
        self.locations.entry(number).and_modify(|own| *own = location);
    }

    pub(super) fn remove(&mut self, number: u64) {
        self.locations.remove(&number);
    }

    /// Removes and gives all of them.
    pub(super) fn take(&mut self) -> Vec<Destination> {
        std::mem::take(&mut self.locations).into_values().collect()
    }
}
