//! Any registry, with a stored password.
