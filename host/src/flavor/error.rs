//! Why a component is no flavor, or a flavor gave no answer.

use std::time::Duration;

use super::limits;
use super::model::{Failure, FailureKind};
use super::names::FlavorName;
use crate::error::{Explain, Kind};
use crate::text::printable;

/// Why a file was not admitted as a flavor. Nothing of it has run, but for `Run` and `Describe`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AdmissionError {
    /// Larger than any useful component.
    #[error("it has {0} bytes, expected at most {max}", max = limits::COMPONENT_BYTES)]
    TooLarge(u64),
    /// Not WebAssembly at all.
    #[error("it is no WebAssembly component: expected a binary that begins with `\\0asm`")]
    NotWasm,
    /// A core module.
    #[error("it is a WebAssembly core module, expected a component")]
    CoreModule,
    /// Native code.
    #[error("it is compiled code, expected a WebAssembly component as its author built it")]
    Precompiled,
    /// Bytes that do not validate.
    #[error("it is no valid component: {0}")]
    Invalid(String),
    /// Compilation took too long.
    #[error("it was not compiled within {} s", limits::COMPILE_TIME.as_secs())]
    CompileTime,
    /// Compilation took too much memory.
    #[error("it needs more than {} MiB to be compiled", limits::COMPILE_MEMORY >> 20)]
    CompileMemory,
    /// What compilation gave takes too much memory.
    #[error("it needs more than {} MiB to be loaded once it is compiled", limits::LOAD_MEMORY >> 20)]
    LoadMemory,
    /// Compilation ended in a way that it should not.
    #[error("the compiler failed on it ({0})")]
    CompilerCrash(String),
    /// No export of the contract's interface.
    #[error("it is a component but no flavor: it does not export `crhost:flavor/flavor`")]
    NoFlavor,
    /// Another version of the contract.
    #[error("it speaks version {} of `crhost:flavor`, this crhost speaks 0.1", printable(&.0.to_string(), 100))]
    Version(semver::Version),
    /// The same version of the contract in several releases.
    #[error("it exports `crhost:flavor/flavor` as {0} and as {1}, expected one version that this crhost speaks")]
    Versions(String, String),
    /// An import that the host does not offer.
    #[error("it imports `{0}`, which crhost does not offer")]
    Import(String),
    /// An import or export of another type than the contract's.
    #[error("it does not fit the contract: {0}")]
    Types(String),
    /// `describe` gave no usable answer.
    #[error("`describe` {0}")]
    Describe(Cause),
    /// The runtime itself failed.
    #[error("the WebAssembly runtime failed: {0}")]
    Runtime(String),
}

impl Explain for AdmissionError {
    fn kind(&self) -> Kind {
        Kind::Flavor
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::CoreModule => "build it with `cargo build --target wasm32-wasip2` or `cargo component build`",
            Self::Precompiled => "register the `.wasm` component itself; crhost compiles and caches it",
            Self::NoFlavor | Self::Types(_) | Self::Versions(..) => {
                "build it against the `wit/` of this crhost, for the world `guest`"
            }
            Self::Version(version) if (version.major, version.minor) > (0, 1) => "update crhost",
            Self::Version(_) => "ask the flavor's author for a build against version 0.1",
            Self::Import(_) => {
                "a flavor may import `crhost:flavor` and WASI's clocks, random numbers and standard streams; \
                 it reaches the network through `crhost:flavor/http` alone"
            }
            Self::NotWasm => "give the file that the build wrote, such as `target/wasm32-wasip2/release/myflavor.wasm`",
            Self::Invalid(_) => {
                "it may have been cut off or changed on its way here, or use what crhost leaves off: 64-bit or shared \
                 memory, several memories in a module, exceptions, garbage collection, tail calls, asynchronous functions"
            }
            Self::TooLarge(_) => "build it for release, without debug information (`strip = true`)",
            Self::CompileTime | Self::CompileMemory | Self::LoadMemory | Self::CompilerCrash(_) => {
                "it is too complex to be compiled here; report it to the flavor's author"
            }
            Self::Describe(_) => "`CRHOST_LOG=debug` shows what it wrote before; report it to the flavor's author",
            Self::Runtime(_) => "CRHOST_HOME moves the folder of compiled flavors, should that be the reason",
        };
        Some(hint.to_owned())
    }
}

/// How a call ended without an answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    /// It ran out of time.
    #[error("took longer than {} s", .0.as_secs())]
    Time(Duration),
    /// It ran out of memory.
    #[error("needed more than {} MiB of memory", limits::MEMORY_BYTES >> 20)]
    Memory,
    /// It ran out of table elements.
    #[error("needed more than {} table elements", limits::TABLE_ELEMENTS)]
    Tables,
    /// It ran out of handles.
    #[error("needed more than {} handles", limits::HANDLES)]
    Handles,
    /// It stopped itself, or the runtime stopped it.
    #[error("stopped: {0}")]
    Trap(String),
    /// It answered something that the contract does not allow.
    #[error("answered {0}")]
    Output(#[from] OutputError),
}

/// An answer outside of the contract's bounds.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct OutputError(String);

impl OutputError {
    /// A value that is not what it should be.
    pub(super) fn new(what: &str, value: &str) -> Self {
        Self(format!("`{}`, which is no valid {what}", printable(value, 100)))
    }

    /// A list that is too long.
    pub(super) fn too_many(what: &str, count: usize, most: usize) -> Self {
        Self(format!("{count} {what}, expected at most {most}"))
    }

    /// A name that nobody could type.
    pub(super) fn name(what: &str, value: &str) -> Self {
        Self(format!(
            "`{}`, which is no valid {what}: expected lower-case letters and digits with single `-` between them, \
             at most 63",
            printable(value, 100)
        ))
    }

    /// A name that two things have.
    pub(super) fn repeated(what: &str, name: &str) -> Self {
        Self(format!("two {what} named `{name}`"))
    }

    /// A list that is empty and must not be.
    pub(super) fn none(what: &str) -> Self {
        Self(format!("no {what}, expected at least one"))
    }

    /// A text that is too long, and is not shown.
    pub(super) fn too_long(what: &str, length: usize, max: usize) -> Self {
        Self(format!("a {what} of {length} bytes, expected at most {max}"))
    }

    /// A password that could not be sent, and is not shown.
    pub(super) fn password() -> Self {
        Self("a password that holds control characters".to_owned())
    }

    /// A handle that the host never gave.
    pub(super) fn handle() -> Self {
        Self("a secret that it does not hold".to_owned())
    }
}

/// Why a flavor's call gave no value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The flavor says no, in its own words.
    #[error("flavor `{flavor}`: {}", .failure.message)]
    Refused {
        /// Which flavor.
        flavor: FlavorName,
        /// What it says.
        failure: Failure,
        /// How the user grants what it was denied in this call, if it was.
        grant: Option<String>,
    },
    /// The flavor failed.
    #[error("flavor `{flavor}` failed: `{function}` {cause}")]
    Failed {
        /// Which flavor.
        flavor: FlavorName,
        /// Which function of the contract.
        function: &'static str,
        /// How.
        cause: Cause,
        /// How the user grants what it was denied in this call, if it was: a flavor may stop at that.
        grant: Option<String>,
    },
}

impl Explain for CallError {
    fn kind(&self) -> Kind {
        match self {
            Self::Failed { .. } => Kind::Flavor,
            Self::Refused { failure, .. } => match failure.kind {
                FailureKind::InvalidInput | FailureKind::Unsupported => Kind::Usage,
                FailureKind::Unauthenticated | FailureKind::Denied => Kind::Auth,
                FailureKind::NotFound => Kind::NotFound,
                FailureKind::Unavailable => Kind::Network,
                FailureKind::Other => Kind::Flavor,
            },
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Refused { flavor, failure, grant } => {
                Some(grant.clone().or_else(|| failure.hint.clone()).unwrap_or_else(|| match failure.kind {
                    FailureKind::Unavailable => "check the network and the proxy variables, and try again".to_owned(),
                    _ => format!("`crhost flavor describe {flavor}` shows what it expects"),
                }))
            }
            Self::Failed { grant: Some(grant), .. } => Some(grant.clone()),
            Self::Failed { cause: Cause::Trap(_), .. } => Some(
                "`CRHOST_LOG=debug` shows what the flavor wrote before; report it to the flavor's author".to_owned(),
            ),
            Self::Failed { .. } => Some("report it to the flavor's author".to_owned()),
        }
    }
}
