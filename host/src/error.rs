//! What every error of the library can say about itself: its kind, and what the person can do next.

/// The kinds of failure that a caller can act on; each has one exit code of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Anything that no other kind describes.
    General,
    /// The request itself is wrong: an argument, a reference, a URI.
    Usage,
    /// Something named does not exist.
    NotFound,
    /// Credentials are missing, wrong or not allowed to do this.
    Auth,
    /// A name is taken, or something is in use.
    Conflict,
    /// The network or the other side did not answer; trying again may help.
    Network,
    /// A flavor failed, or is no flavor.
    Flavor,
    /// Bytes are not what their digest says.
    Verification,
    /// The person stopped it.
    Interrupted,
}

impl Kind {
    /// A stable word for machines.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Usage => "usage",
            Self::NotFound => "not-found",
            Self::Auth => "auth",
            Self::Conflict => "conflict",
            Self::Network => "network",
            Self::Flavor => "flavor",
            Self::Verification => "verification",
            Self::Interrupted => "interrupted",
        }
    }

    /// The exit code of a process that ends with this failure.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::General => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Auth => 4,
            Self::Conflict => 5,
            Self::Network => 6,
            Self::Flavor => 7,
            Self::Verification => 8,
            // 128 and the number of SIGINT, as shells count.
            Self::Interrupted => 130,
        }
    }
}

/// An error that can be shown to a person: its `Display` is one line without a full stop, and this trait adds the rest.
pub trait Explain: std::error::Error {
    /// What sort of failure this is.
    fn kind(&self) -> Kind;

    /// The next step, where there is one.
    fn hint(&self) -> Option<String> {
        None
    }
}
