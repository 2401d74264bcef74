//! The flavors that crhost brings along. They are components like any other, and go through the same door.

/// Name and component of each, by name; written by the build script.
pub(crate) static BUILTIN: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// Whether a component is one of these, wherever it was read.
pub(super) fn is_built_in(component: &[u8]) -> bool {
    BUILTIN.iter().any(|(_, built_in)| *built_in == component)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flavor::Runtime;

    #[tokio::test]
    async fn each_goes_by_the_name_that_it_gives_itself() {
        let runtime = Runtime::new(None).unwrap();
        assert!(!BUILTIN.is_empty());
        for (name, component) in BUILTIN {
            let flavor = runtime.admit(component).await.unwrap();
            assert_eq!(flavor.description().name.as_str(), *name);
            assert!(!flavor.description().uri_examples.is_empty(), "{name}");
        }
    }

    #[tokio::test]
    async fn each_accepts_its_own_examples() {
        let runtime = Runtime::new(None).unwrap();
        for (name, component) in BUILTIN {
            let flavor = runtime.admit(component).await.unwrap();
            for example in &flavor.description().uri_examples {
                flavor.validate_uri(example).await.unwrap_or_else(|error| panic!("{name}: {example}: {error}"));
            }
        }
    }
}
