//! Values of options: set by the user, or the defaults of the flavor's description. The host has checked their kinds.

use crate::types::Registry;

/// Values of the options that the flavor described, by option name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Options(pub Vec<(String, String)>);

impl Options {
    /// Value of the option `name`, if the user set it or it has a default.
    pub fn get(&self, name: &str) -> Option<&str> {
        value(&self.0, name)
    }

    /// Value of an option of kind `flag`; `None` if there is none.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.get(name)?.parse().ok()
    }

    /// Value of an option of kind `url`, without slash at the end; `None` if there is none.
    ///
    /// Plain `http` passes: the host opens that only where the user granted it, word for word.
    pub fn url(&self, name: &str) -> Option<String> {
        let url = self.get(name)?.trim_end_matches('/');
        (!url.is_empty()).then(|| url.to_owned())
    }

    /// Value of an option of kind `size`, in bytes; `None` if there is none.
    pub fn size(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }
}

impl Registry {
    /// Value of the option `name`, if the user set it or it has a default.
    pub fn option(&self, name: &str) -> Option<&str> {
        value(&self.options, name)
    }

    /// The host of its URI, with the port if it has one.
    pub fn host(&self) -> &str {
        self.uri.split('/').next().unwrap_or_default()
    }

    /// The values of its options.
    pub fn options(&self) -> Options {
        Options(self.options.clone())
    }
}

fn value<'a>(options: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let (_, value) = options.iter().find(|(option, _)| option == name)?;
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_found_by_name() {
        let registry =
            Registry { name: "prod".into(), uri: "localhost:5000".into(), options: vec![("a".into(), "1".into())] };
        assert_eq!((registry.option("a"), registry.option("b")), (Some("1"), None));
        assert_eq!(registry.options(), Options(registry.options.clone()));
        assert_eq!(registry.host(), "localhost:5000");
    }

    #[test]
    fn the_host_has_checked_a_value_and_an_empty_one_is_none() {
        let of = |value: &str| Options(vec![("a".into(), value.into())]);
        assert_eq!((of("true").flag("a"), of("false").flag("a"), of("").flag("a")), (Some(true), Some(false), None));
        assert_eq!((of("67108864").size("a"), of("").size("a")), (Some(64 << 20), None));
        for (text, expected) in [
            ("https://api.example.com", Some("https://api.example.com")),
            ("https://api.example.com/v3/", Some("https://api.example.com/v3")),
            ("http://127.0.0.1:5557", Some("http://127.0.0.1:5557")),
            ("", None),
        ] {
            assert_eq!(of(text).url("a").as_deref(), expected);
        }
        let none = Options::default();
        assert_eq!((none.flag("a"), none.url("a"), none.size("a")), (None, None, None));
    }
}
