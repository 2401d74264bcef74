//! The built-in flavors: components like any other, which are admitted and limited as all others are.

/// The name and the component of each, sorted by name. The build script writes it.
pub(crate) static BUILTIN: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// Whether a component has the bytes of a built-in one, wherever it was read.
pub(super) fn is_built_in(component: &[u8]) -> bool {
    BUILTIN.iter().any(|(_, built_in)| *built_in == component)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flavor::Runtime;

    #[tokio::test]
    async fn each_has_the_name_that_it_describes_itself_with() {
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
