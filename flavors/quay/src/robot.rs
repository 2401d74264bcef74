//! Robot accounts.

use crhost_flavor::Failure;

/// Checks the name of a robot.
pub(crate) fn robot(name: &str) -> Result<String, Failure> {
    match name.split_once('+') {
        Some((namespace, short)) if !namespace.is_empty() && !short.is_empty() && !short.contains('+') => {
            Ok(name.to_owned())
        }
        _ => Err(Failure::invalid_input(format!("`{name}` is no robot of Quay, expected `namespace+name`"))
            .hint("copy the name from the robot's page, e.g. `acme+ci`")),
    }
}
