//! Why a component is no flavor, or a call of a flavor gave no value.

use std::time::Duration;

use super::kebab_name::FlavorName;
use super::limits;
use super::model::{Failure, FailureKind};
use crate::error::{Explain, Kind};
use crate::grant::operation::OperationError;
use crate::text::{Escaped, Printable};

/// Next steps that several variants share.
const CONTRACT_HINT: &str = "build it against the `wit/` of this crhost, for the world `guest`";
const COMPLEXITY_HINT: &str = "it is too complex to be compiled here; report it to the flavor's author";

/// Why a file was not admitted as a flavor. Nothing of it has run, but for `describe`.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Flavor)]
pub(crate) enum AdmissionError {
    /// Larger than any useful component.
    #[error("it has {0} bytes, expected at most {max}", max = limits::COMPONENT_BYTES)]
    #[explain(hint = "build it for release, without debug information (`strip = true`)")]
    TooLarge(u64),
    /// Not WebAssembly at all.
    #[error("it is no WebAssembly component: expected a binary that begins with `\\0asm`")]
    #[explain(hint = "give the file that the build wrote, such as `target/wasm32-wasip2/release/myflavor.wasm`")]
    NotWasm,
    /// A core module.
    #[error("it is a WebAssembly core module, expected a component")]
    #[explain(hint = "build it with `cargo build --target wasm32-wasip2` or `cargo component build`")]
    CoreModule,
    /// Native code.
    #[error("it is compiled code, expected a WebAssembly component as its author built it")]
    #[explain(hint = "register the `.wasm` component itself; crhost compiles and caches it")]
    Precompiled,
    /// Bytes that do not validate, with the runtime's reason.
    #[error("it is no valid component: {0}")]
    #[explain(
        hint = "it may have been cut off or changed on its way here, or use what crhost leaves off: 64-bit or shared \
                      memory, several memories in a module, exceptions, garbage collection, tail calls, asynchronous \
                      functions"
    )]
    Invalid(Escaped),
    /// Compilation took too long.
    #[error("it was not compiled within {} s", limits::COMPILE_TIME.as_secs())]
    #[explain(hint = COMPLEXITY_HINT.to_owned())]
    CompileTime,
    /// Compilation took too much memory.
    #[error("it needs more than {} MiB to be compiled", limits::COMPILE_MEMORY >> 20)]
    #[explain(hint = COMPLEXITY_HINT.to_owned())]
    CompileMemory,
    /// The compiled code takes too much memory.
    #[error("it needs more than {} MiB to be loaded once it is compiled", limits::LOAD_MEMORY >> 20)]
    #[explain(hint = COMPLEXITY_HINT.to_owned())]
    LoadMemory,
    /// The process of the compiler ended in a way that it should not.
    #[error("the compiler failed on it ({0})")]
    #[explain(hint = COMPLEXITY_HINT.to_owned())]
    CompilerCrash(Escaped),
    /// No export of the contract's interface.
    #[error("it is a component but no flavor: it does not export `crhost:flavor/flavor`")]
    #[explain(hint = CONTRACT_HINT.to_owned())]
    NoFlavor,
    /// Another version of the contract.
    #[error("it speaks version {} of `crhost:flavor`, this crhost speaks 0.1", Escaped::new(&.0.to_string(), 100))]
    #[explain(hint = version_hint(_0))]
    Version(semver::Version),
    /// The same version of the contract in several releases.
    #[error("it exports `crhost:flavor/flavor` as {0} and as {1}, expected one version that this crhost speaks")]
    #[explain(hint = CONTRACT_HINT.to_owned())]
    Versions(Escaped, Escaped),
    /// An import that the host does not offer.
    #[error("it imports `{0}`, which crhost does not offer")]
    #[explain(hint = "a flavor may import `crhost:flavor` and WASI's clocks, random numbers and standard streams; \
                      it reaches the network through `crhost:flavor/http` alone")]
    Import(Escaped),
    /// An import or export of another type than the contract's.
    #[error("it does not fit the contract: {0}")]
    #[explain(hint = CONTRACT_HINT.to_owned())]
    Types(Escaped),
    /// `describe` gave no usable answer.
    #[error("`describe` {0}")]
    #[explain(hint = "`CRHOST_LOG=debug` shows what it wrote before; report it to the flavor's author")]
    Describe(Cause),
    /// The runtime itself failed.
    #[error("the WebAssembly runtime failed: {0}")]
    #[explain(hint = "CRHOST_HOME moves the directory of compiled flavors, should that be the reason")]
    Runtime(Escaped),
}

fn version_hint(version: &semver::Version) -> String {
    match (version.major, version.minor) > (0, 1) {
        true => "update crhost".to_owned(),
        false => "ask the flavor's author for a build against version 0.1".to_owned(),
    }
}

/// Why a flavor failed, in words that follow the name of the function.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum Cause {
    /// Its time was up.
    #[error("took longer than {} s", .0.as_secs())]
    Time(Duration),
    /// It exceeded the limit of linear memory.
    #[error("needed more than {} MiB of memory", limits::MEMORY_BYTES >> 20)]
    Memory,
    /// It exceeded the limit of table elements.
    #[error("needed more than {} table elements", limits::TABLE_ELEMENTS)]
    Tables,
    /// It exceeded the limit of handles.
    #[error("needed more than {} handles", limits::HANDLES)]
    Handles,
    /// It trapped or exited.
    #[error("stopped: {0}")]
    Trap(Escaped),
    /// Its answer breaks the contract.
    #[error("answered {0}")]
    Output(#[from] OutputError),
}

/// An answer outside of the contract's bounds, in words that follow "answered".
#[derive(Debug, thiserror::Error, Printable)]
#[error("{0}")]
pub(crate) struct OutputError(Escaped);

impl OutputError {
    /// A value that is not valid.
    pub(super) fn invalid(what: &str, value: &str) -> Self {
        Self(format!("`{}`, which is no valid {what}", Escaped::new(value, 100)).into())
    }

    /// A list with too many entries.
    pub(super) fn too_many(what: &str, count: usize, most: usize) -> Self {
        Self(format!("{count} {what}, expected at most {most}").into())
    }

    /// A name that is not a [`KebabName`](super::kebab_name::KebabName).
    pub(super) fn name(what: &str, value: &str) -> Self {
        Self(Escaped::of(format_args!(
            "`{}`, which is no valid {what}: expected lower-case letters and digits with single `-` between them, \
             at most 63",
            Escaped::new(value, 100)
        )))
    }

    /// A name that occurs twice in a list.
    pub(super) fn repeated(what: &str, name: &str) -> Self {
        Self(format!("two {what} named `{name}`").into())
    }

    /// A list without an entry that needs one.
    pub(super) fn none(what: &str) -> Self {
        Self(format!("no {what}, expected at least one").into())
    }

    /// An operation that breaks a rule.
    pub(super) fn operation(name: &str, broken: &OperationError) -> Self {
        Self(format!("an operation that is not accepted: `{}` {broken}", Escaped::new(name, 80)).into())
    }

    /// A text that is too long to be shown.
    pub(super) fn too_long(what: &str, length: usize, max: usize) -> Self {
        Self(format!("a {what} of {length} bytes, expected at most {max}").into())
    }

    /// A password that can't be sent. It is not shown.
    pub(super) fn password() -> Self {
        Self("a password that holds control characters".into())
    }

    /// A handle that the guest does not hold.
    pub(super) fn handle() -> Self {
        Self("a secret that it does not hold".into())
    }
}

/// Why a flavor's call gave no value.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum CallError {
    /// The flavor reports a failure.
    #[error("flavor `{flavor}`: {}", .failure.message)]
    Refused {
        /// The flavor.
        flavor: FlavorName,
        /// The failure.
        failure: Failure,
        /// The command that grants the first request that was denied in this call, if one was.
        grant: Option<Escaped>,
    },
    /// The flavor failed.
    #[error("flavor `{flavor}` failed: `{function}` {cause}")]
    Failed {
        /// The flavor.
        flavor: FlavorName,
        /// The function of the contract.
        function: &'static str,
        /// The cause.
        cause: Cause,
        /// The command that grants the first request that was denied in this call, if one was: that may be the reason.
        grant: Option<Escaped>,
    },
}

fn refusal_kind(failure: &Failure) -> Kind {
    match failure.kind {
        FailureKind::InvalidInput | FailureKind::Unsupported => Kind::Usage,
        FailureKind::Unauthenticated | FailureKind::Denied => Kind::Auth,
        FailureKind::NotFound => Kind::NotFound,
        FailureKind::Conflict => Kind::Conflict,
        FailureKind::Unavailable | FailureKind::RateLimited => Kind::Network,
        FailureKind::Other => Kind::Flavor,
    }
}

/// The kind of a refusal depends on its value, which the derive does not offer.
impl Explain for CallError {
    fn kind(&self) -> Kind {
        match self {
            Self::Failed { .. } => Kind::Flavor,
            Self::Refused { failure, .. } => refusal_kind(failure),
        }
    }

    fn hint(&self) -> Option<Escaped> {
        match self {
            Self::Refused { flavor, failure, grant } => {
                // The flavor's own advice stands under its name: it is not crhost that recommends it.
                let advice = failure.hint.as_ref().map(|hint| format!("flavor `{flavor}`: {hint}").into());
                Some(grant.clone().or(advice).unwrap_or_else(|| match failure.kind {
                    FailureKind::Unavailable => "check the network and the proxy variables, and try again".into(),
                    FailureKind::RateLimited => "the service has had too many requests; try again later".into(),
                    _ => format!("`crhost flavor describe {flavor}` shows what it expects").into(),
                }))
            }
            Self::Failed { grant: Some(grant), .. } => Some(grant.clone()),
            Self::Failed { cause: Cause::Trap(_), .. } => {
                Some("`CRHOST_LOG=debug` shows what the flavor wrote before; report it to the flavor's author".into())
            }
            Self::Failed { .. } => Some("report it to the flavor's author".into()),
        }
    }
}
