//! What a display keeps for each registry of a push: for most pushes there is one.

use super::counter::Counter;
use crate::text::Escaped;

/// One value for the only registry, or one for each of several.
#[derive(Default)]
pub(super) struct PerRegistry<T> {
    own: T,
    several: Vec<(Escaped, T)>,
}

impl<T: Default> PerRegistry<T> {
    /// The value of a registry, which has no name where it is the only one.
    pub(super) fn of(&mut self, registry: Option<&Escaped>) -> &mut T {
        let Some(registry) = registry else { return &mut self.own };
        let index = self.several.iter().position(|(name, _)| name == registry).unwrap_or_else(|| {
            self.several.push((registry.clone(), T::default()));
            self.several.len() - 1
        });
        // Found or added above.
        self.several.get_mut(index).map_or(&mut self.own, |(_, value)| value)
    }

    /// The values with the names of their registries, in the order in which these were first told of.
    pub(super) fn all(&mut self) -> Vec<(Option<&Escaped>, &mut T)> {
        match self.several.as_slice() {
            [] => vec![(None, &mut self.own)],
            _ => self.several.iter_mut().map(|(name, value)| (Some(&*name), value)).collect(),
        }
    }
}

/// The side that a push waits for, and for how many seconds: absent while it goes on at one registry.
pub(super) fn wait<'a>(counters: impl IntoIterator<Item = &'a Counter>) -> Option<(Escaped, u64)> {
    let waits: Option<Vec<_>> = counters.into_iter().map(Counter::wait).collect();
    waits?.into_iter().min_by_key(|(_, seconds)| *seconds)
}

/// A line about a registry.
pub(super) fn labelled(registry: Option<&Escaped>, line: &str) -> String {
    registry.map_or_else(|| line.to_owned(), |registry| format!("{registry}: {line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_only_registry_has_no_name_and_several_keep_their_order() {
        let mut values = PerRegistry::<usize>::default();
        *values.of(None) = 7;
        let seen = values.all().into_iter().map(|(name, value)| (name.is_some(), *value)).collect::<Vec<_>>();
        assert_eq!(seen, [(false, 7)]);
        let mut values = PerRegistry::<usize>::default();
        for name in ["gar", "ecr", "gar"] {
            *values.of(Some(&name.into())) += 1;
        }
        let seen: Vec<_> = values.all().into_iter().map(|(name, value)| (name.unwrap().to_string(), *value)).collect();
        assert_eq!(seen, [("gar".to_owned(), 2), ("ecr".to_owned(), 1)]);
        assert_eq!(labelled(Some(&"gar".into()), "x"), "gar: x");
    }
}
