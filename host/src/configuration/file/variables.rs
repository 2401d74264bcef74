//! Variables in texts of the file that are no secrets: `${NAME}`.

use crate::configuration::error::ConfigurationError;
use crate::environment::Environment;
use crate::text::Escaped;

/// A text with the values of the variables that it names; `$${` stands for `${`.
///
/// # Errors
/// When a variable is not set, or a name does not end.
pub(crate) fn filled_in(at: &str, text: &str, environment: &Environment) -> Result<String, ConfigurationError> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            filled.push_str(before);
            filled.push_str("${");
            rest = after;
            continue;
        }
        let is_name = |name: &str| {
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
        };
        let Some((name, after)) = after.split_once('}').filter(|(name, _)| is_name(name)) else {
            return Err(ConfigurationError::malformed(
                at,
                "`${` is no variable, expected `${NAME}`; `$${` is its text",
            ));
        };
        let value = environment.text(name);
        let unset = || ConfigurationError::Variable { at: at.into(), variable: Escaped::new(name, 80) };
        filled.push_str(before);
        filled.push_str(&value.ok_or_else(unset)?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// A text in which nothing stands for a variable.
pub(crate) fn escaped(text: &str) -> String {
    text.replace("${", "$${")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_filled_in_and_one_that_is_not_set_is_named() {
        let environment = Environment::from_iter([("HOST", "ghcr.io"), ("EMPTY", "")]);
        let filled = |text: &str| filled_in("a", text, &environment);
        for (text, expected) in [
            ("acme", "acme"),
            ("${HOST}/acme", "ghcr.io/acme"),
            ("x${HOST}${HOST}", "xghcr.ioghcr.io"),
            ("$HOST $ {", "$HOST $ {"),
            ("$${HOST}", "${HOST}"),
        ] {
            assert_eq!(filled(text).unwrap(), expected, "{text}");
            assert_eq!(filled(&escaped(text)).unwrap(), text);
        }
        for text in ["${EMPTY}", "${NONE}"] {
            assert!(matches!(filled(text), Err(ConfigurationError::Variable { .. })), "{text}");
        }
        for text in ["${", "${}", "${a b}", "${1}", "${HOST"] {
            assert!(matches!(filled(text), Err(ConfigurationError::Malformed { .. })), "{text}");
        }
    }
}
