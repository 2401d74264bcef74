//! Why a component is no flavor, or a call of a flavor gave no value.

use std::time::Duration;

use super::cause::Cause;
use super::file_kind::FileKind;
use super::kebab_name::FlavorName;
use super::maker::Maker;
use super::model::{Failure, FailureKind};
use super::raised;
use crate::error::{Explain, Kind};
use crate::grant::GuestKind;
use crate::text::{Escaped, Printable};

/// Next steps that several variants share.
const CONTRACT_HINT: &str = "build it against what `crhost flavor wit` prints, for the world `guest`";
const COMPLEXITY_HINT: &str = "build it smaller: for release, without debug information, with fewer or smaller functions; or raise the limits of \
     components: `CRHOST_COMPONENT_LIMITS=4`";

/// Why a file was not admitted as a flavor. Nothing of it has run, but for `describe`.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Flavor)]
pub(crate) enum AdmissionError {
    /// Larger than any useful component.
    #[error("it has {0} bytes, expected at most {max}", max = raised::component_bytes())]
    #[explain(
        hint = "build it for release, without debug information (`wasm-tools strip`), or raise the limits of components: \
                      `CRHOST_COMPONENT_LIMITS=4`"
    )]
    TooLarge(u64),
    /// Not WebAssembly at all.
    #[error("it is {0}, expected a WebAssembly component")]
    #[explain(hint = "give the component that the build wrote, a `.wasm` file")]
    NotWasm(FileKind),
    /// A core module.
    #[error("it is a WebAssembly core module, expected a component")]
    #[explain(
        hint = "make a component of it: in Rust `cargo build --target wasm32-wasip2` or `cargo component build`, in C, Go \
                and others `wasm-tools component embed` and `wasm-tools component new`; Python has `componentize-py`, \
                JavaScript `jco componentize`"
    )]
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
    /// Compilation took too much processor time.
    #[error("compiling it takes more than {} s of processor time", raised::compile_time().as_secs())]
    #[explain(hint = COMPLEXITY_HINT.to_owned())]
    CompileTime,
    /// The compiler got too little of the processor.
    #[error("it was not compiled within {} s, in which the compiler had little of the processor",
        raised::compile_wall_time().as_secs())]
    #[explain(hint = "try again when this machine is less busy")]
    CompileWait,
    /// Compilation took too much memory.
    #[error("it needs more than {} MiB to be compiled", raised::compile_memory() >> 20)]
    #[explain(hint = COMPLEXITY_HINT.to_owned())]
    CompileMemory,
    /// The compiled code takes too much memory.
    #[error("it needs more than {} MiB to be loaded once it is compiled", raised::load_memory() >> 20)]
    #[explain(hint = COMPLEXITY_HINT.to_owned())]
    LoadMemory,
    /// The process of the compiler ended in a way that it should not.
    #[error("the compiler failed on it ({0})")]
    #[explain(hint = "the fault is the compiler's; report it as a fault of crhost, with the component")]
    CompilerCrash(Escaped),
    /// No export of the contract's interface.
    #[error("it is a component but no flavor: it does not export `crhost:flavor/flavor`")]
    #[explain(hint = CONTRACT_HINT.to_owned())]
    NoFlavor,
    /// A program for a command line.
    #[error("it is a command: it exports `wasi:cli/run`, and not `crhost:flavor/flavor`")]
    #[explain(
        hint = "build it as a library, for the world `guest`; in Rust with `crate-type = [\"cdylib\"]`, in C with \
                `-mexec-model=reactor`"
    )]
    Command,
    /// A component of another world.
    #[error("it is a component of another world: it exports `{0}`, and not `crhost:flavor/flavor`")]
    #[explain(hint = CONTRACT_HINT.to_owned())]
    OtherWorld(Escaped),
    /// A policy where a flavor is expected.
    #[error("it is a policy, expected a flavor: it exports `crhost:flavor/admission`")]
    #[explain(hint = "`crhost policy register FILE` takes it")]
    PolicyAsFlavor,
    /// No export of the interface of policies.
    #[error("it is a component but no policy: it does not export `crhost:flavor/admission`")]
    #[explain(hint = "build it against the `wit/` of this crhost, for the world `policy`")]
    NoPolicy,
    /// A flavor where a policy is expected.
    #[error("it is a flavor, expected a policy: it exports `crhost:flavor/flavor`")]
    #[explain(hint = "`crhost flavor register FILE` takes it")]
    FlavorAsPolicy,
    /// Another version of the contract.
    #[error("it speaks version {} of `crhost:flavor`, this crhost speaks 0.1", Escaped::new(&.0.to_string(), 100))]
    #[explain(hint = version_hint(_0))]
    Version(semver::Version),
    /// An import that a newer release of the contract has.
    #[error("it needs `{0}`, this crhost has version {1} of that")]
    #[explain(hint = "update crhost")]
    NewerRelease(Escaped, Escaped),
    /// The same version of the contract in several releases.
    #[error("it exports `crhost:flavor/flavor` as {0} and as {1}, expected one version that this crhost speaks")]
    #[explain(hint = CONTRACT_HINT.to_owned())]
    Versions(Escaped, Escaped),
    /// An import that the host does not offer.
    #[error("it imports `{0}`, which crhost does not offer")]
    #[explain(
        hint = "a flavor may import `crhost:flavor` and, of WASI 0.2, `cli`, `clocks`, `filesystem`, `http`, `io`, \
                      `random` and `sockets`; it reaches the network through `crhost:flavor/http` alone"
    )]
    Import(Escaped),
    /// An import or export of another type than the contract's.
    #[error("it does not fit the contract: {0}")]
    #[explain(hint = CONTRACT_HINT.to_owned())]
    Types(Escaped),
    /// `describe` gave no usable answer.
    #[error("`describe` {0}")]
    #[explain(hint = _0.hint(Maker::Other, GuestKind::Flavor))]
    Describe(Cause),
    /// The runtime itself failed.
    #[error("the WebAssembly runtime failed: {0}")]
    #[explain(hint = "CRHOST_HOME moves the directory of compiled flavors, should that be the reason")]
    Runtime(Escaped),
}

impl AdmissionError {
    /// Types that differ from the contract's, with the runtime's reason in words without its own terms.
    pub(super) fn types(error: &wasmtime::Error) -> Self {
        let reason = format!("{error:#}");
        let import = reason.strip_prefix("component imports instance `").and_then(|rest| {
            rest.split_once("`, but a matching implementation was not found in the linker: instance export `")
        });
        let words = import.and_then(|(interface, rest)| {
            let (export, why) = rest.split_once("` has the wrong type: ")?;
            let missing = why.ends_with("implementation is missing");
            Some(match missing {
                true => format!("it imports `{export}` of `{interface}`, which crhost does not have"),
                false => format!("it imports `{export}` of `{interface}`, which is otherwise in crhost: {why}"),
            })
        });
        Self::Types(Escaped::new(&words.unwrap_or(reason), 300))
    }

    /// The next step for what was fetched from a registry, which only its author can mend.
    #[must_use]
    pub(crate) fn hint_of_artifact(&self) -> Escaped {
        let is_no_component =
            matches!(self, Self::CoreModule | Self::NotWasm(_) | Self::Precompiled | Self::NoFlavor | Self::Command);
        match self.hint_for(Maker::Other) {
            Some(hint) if !is_no_component => hint,
            _ => "its author has to publish a component: `crhost flavor publish` sends nothing else, and the author's \
                  tools may"
                .into(),
        }
    }

    /// The next step for a component that is from `maker`.
    #[must_use]
    pub(crate) fn hint_for(&self, maker: Maker) -> Option<Escaped> {
        match self {
            Self::Describe(cause) => Some(cause.hint(maker, GuestKind::Flavor).into()),
            other => other.hint(),
        }
    }
}

fn version_hint(version: &semver::Version) -> String {
    match (version.major, version.minor) > (0, 1) {
        true => "update crhost".to_owned(),
        false => "ask the flavor's author for a build against version 0.1".to_owned(),
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
        /// Whose flavor it is.
        maker: Maker,
        /// The command that grants the first request that was denied in this call, if one was: that may be the reason.
        grant: Option<Escaped>,
    },
}

impl CallError {
    /// The next step for the author who made the call, whose log and stack are shown besides: a grant, the flavor's own
    /// advice, or a rule that the answer broke.
    #[must_use]
    pub(crate) fn hint_for_author(&self) -> Escaped {
        match self {
            Self::Refused { grant: Some(grant), .. } | Self::Failed { grant: Some(grant), .. } => grant.clone(),
            Self::Refused { failure, .. } => failure.hint.clone().unwrap_or_else(|| match of_kind(failure.kind) {
                Some(hint) => format!("{hint}; these are crhost's words, the flavor gives no hint").into(),
                None => "the flavor gives no hint: users expect the next step".into(),
            }),
            Self::Failed { cause, .. } => cause.hint_for_author(GuestKind::Flavor).into(),
        }
    }

    /// The kind of the failure that the flavor reports; `None` where the flavor itself failed.
    #[must_use]
    pub(crate) fn failure_kind(&self) -> Option<FailureKind> {
        match self {
            Self::Refused { failure, .. } => Some(failure.kind),
            Self::Failed { .. } => None,
        }
    }
}

impl CallError {
    /// The time for which the service behind the flavor wants to be left alone; `None` where asking again is of no use.
    #[must_use]
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { failure, .. }
                if matches!(failure.kind, FailureKind::Unavailable | FailureKind::RateLimited) =>
            {
                failure.retry_after
            }
            _ => None,
        }
    }
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

/// The next step after a failure of which a flavor says none, where its kind tells.
fn of_kind(kind: FailureKind) -> Option<&'static str> {
    match kind {
        FailureKind::Unavailable => Some("check the network and the proxy variables, and try again"),
        FailureKind::RateLimited => Some("the service has had too many requests; try again later"),
        // A request that was refused to it says nothing about what it expects.
        FailureKind::Denied => Some("`-v` shows the requests that the flavor sent"),
        _ => None,
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
                let own = || match of_kind(failure.kind) {
                    Some(hint) => hint.into(),
                    None => format!("`crhost flavor describe {flavor}` shows what it expects").into(),
                };
                Some(grant.clone().or(advice).unwrap_or_else(own))
            }
            Self::Failed { grant: Some(grant), .. } => Some(grant.clone()),
            Self::Failed { cause, maker, .. } => Some(cause.hint(*maker, GuestKind::Flavor).into()),
        }
    }
}
