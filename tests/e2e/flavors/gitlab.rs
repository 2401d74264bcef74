//! GitLab, against named fakes.
