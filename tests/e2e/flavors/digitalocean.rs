//! DigitalOcean, against named fakes.
