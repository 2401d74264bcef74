//! Values of options: set by the user, or the defaults of the flavor's description.

use crate::types::{Failure, Registry};

/// Values of the options that the flavor described, by option name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Options(pub Vec<(String, String)>);

impl Options {
    /// Value of the option `name`, if the user set it or it has a default.
    pub fn get(&self, name: &str) -> Option<&str> {
        value(&self.0, name)
    }

    /// Value of an option that is `true` or `false`, if there is one; fails for anything else.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Failure> {
        match self.get(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => {
                Err(Failure::invalid_input(format!("option `{name}` is `{other}`, expected `true` or `false`"))
                    .hint(format!("write e.g. `--option {name}=true`")))
            }
        }
    }

    /// Value of an option that is the URL of an API, without slash at the end; fails for anything else.
    ///
    /// Plain `http` passes: the host opens that only where the user granted it, word for word.
    pub fn url(&self, name: &str) -> Result<Option<String>, Failure> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let clean = |c: char| c.is_ascii_graphic() && !"?#@\\\"<>`".contains(c);
        match rest {
            Some(rest) if !rest.is_empty() && !rest.starts_with('/') && rest.chars().all(clean) => {
                Ok(Some(text.trim_end_matches('/').to_owned()))
            }
            _ => Err(Failure::invalid_input(format!("option `{name}` is `{text}`, expected a URL without query"))
                .hint(format!("write e.g. `--option {name}=https://api.example.com`"))),
        }
    }
}

impl Registry {
    /// Value of the option `name`, if the user set it or it has a default.
    pub fn option(&self, name: &str) -> Option<&str> {
        value(&self.options, name)
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
    }

    #[test]
    fn a_flag_is_true_or_false() {
        let flag = |value: &str| Options(vec![("a".into(), value.into())]).flag("a");
        assert_eq!(
            (flag("true"), flag("false"), Options::default().flag("a")),
            (Ok(Some(true)), Ok(Some(false)), Ok(None))
        );
        assert!(flag("yes").unwrap_err().message.contains("`yes`"));
    }

    #[test]
    fn a_url_is_one_of_the_web_without_query_and_user() {
        let url = |value: &str| Options(vec![("a".into(), value.into())]).url("a");
        for (text, expected) in [
            ("https://api.example.com", "https://api.example.com"),
            ("https://api.example.com/v3/", "https://api.example.com/v3"),
            ("http://127.0.0.1:5557", "http://127.0.0.1:5557"),
        ] {
            assert_eq!(url(text), Ok(Some(expected.to_owned())));
        }
        assert_eq!(Options::default().url("a"), Ok(None));
        for text in
            ["", "api.example.com", "ftp://x", "https://", "https:///x", "https://x?a", "https://u@x", "https://x y"]
        {
            assert!(url(text).unwrap_err().message.contains("expected a URL"), "{text}");
        }
    }
}
