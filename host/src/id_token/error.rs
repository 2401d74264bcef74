//! Why this machine has no id token that can be used. No error holds a token, or what authorizes to request one.

use std::io;

use http::StatusCode;

use crate::error::Explain;
use crate::text::{Escaped, Foreign};

/// A failure to get an id token.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Auth)]
pub(crate) enum IdTokenError {
    /// The environment tells of no platform.
    #[error("this machine has no id token that crhost knows of, as it is no job of a CI system")]
    #[explain(
        hint = "`--id-token-from` says where one is when registering the connector: `file:PATH`, `env:VARIABLE`, `google` or another"
    )]
    NoPlatform,
    /// A job that may not request tokens.
    #[error("{platform} gives this job no id token: {missing}")]
    #[explain(hint = "{hint}")]
    NotAllowed {
        /// The platform.
        platform: Escaped,
        /// What is missing.
        missing: &'static str,
        /// How the job gets it.
        hint: Escaped,
    },
    /// The variable that the user named is not set.
    #[error("`{variable}`, which is to hold an id token, is not set, or empty")]
    #[explain(hint = "in GitLab CI, `id_tokens:` of the job sets it: `{variable}: {{ aud: AUDIENCE }}`")]
    NoVariable {
        /// The variable.
        variable: Escaped,
    },
    /// The file that the user named can't be read.
    #[error("the id token in `{path}` can't be read: {reason}")]
    #[explain(
        hint = "see whether what writes it has run; in Kubernetes, a projected volume with `serviceAccountToken` and its `audience` puts one there"
    )]
    File {
        /// The file.
        path: Escaped,
        /// Why not.
        reason: Foreign<io::Error>,
    },
    /// A file of the pod's service account can't be used.
    #[error("`{path}` of the pod's service account can't be used: {reason}")]
    #[explain(hint = "the pod needs a service account whose token is mounted")]
    Pod {
        /// The file.
        path: Escaped,
        /// Why not.
        reason: Escaped,
    },
    /// The program that the user named is not there.
    #[error("`{program}`, which is to give an id token, is not installed")]
    #[explain(kind = NotFound, hint = "install it, or have it on `PATH` as an absolute directory")]
    NoProgram {
        /// The program.
        program: Escaped,
    },
    /// The program failed.
    #[error("`{program}` gave no id token: {reason}")]
    #[explain(hint = "run it by hand in this job to see why")]
    Program {
        /// The program.
        program: Escaped,
        /// How it ended, and its own words.
        reason: Escaped,
    },
    /// An address in the environment that no token is requested at.
    #[error("the address at which {platform} gives id tokens is `{url}`, expected `https://…`")]
    #[explain(
        hint = "the runner sets it: see whether the job sets it, too; what authorizes the request goes over TLS, or to `http` of this machine"
    )]
    Url {
        /// The platform.
        platform: Escaped,
        /// The address, without its query.
        url: Escaped,
    },
    /// The platform does not answer.
    #[error("{platform} gives no id token, its address `{host}` can't be reached: {reason}")]
    #[explain(kind = Network, hint = "the platform may have a bad moment: run the job again")]
    Unreachable {
        /// The platform.
        platform: Escaped,
        /// The host that was asked.
        host: Escaped,
        /// Why not.
        reason: Escaped,
    },
    /// The platform refused.
    #[error("{platform} refused an id token: {status}{said}")]
    #[explain(hint = "{advice}")]
    Refused {
        /// The platform.
        platform: Escaped,
        /// Its status.
        status: StatusCode,
        /// Its own words, behind a colon; empty without any.
        said: Escaped,
        /// What to do.
        advice: Escaped,
    },
    /// The platform failed.
    #[error("{platform} gave no id token: {status}{said}")]
    #[explain(kind = Network, hint = "the platform may have a bad moment: run the job again")]
    Failed {
        /// The platform.
        platform: Escaped,
        /// Its status.
        status: StatusCode,
        /// Its own words, behind a comma; empty without any.
        said: Escaped,
    },
    /// An answer that holds more than a token.
    #[error("what {platform} gave has more than {limit} bytes, which no id token has")]
    #[explain(hint = "see what is there: it has to be the token alone")]
    TooLong {
        /// Where it is from.
        platform: Escaped,
        /// The most bytes.
        limit: usize,
    },
    /// An answer in another form.
    #[error("{platform} answered {what} in place of an id token, expected JSON with `{member}`")]
    #[explain(kind = Network, hint = "a proxy or a login page may stand in front of `{host}`: `NO_PROXY` leaves proxies out")]
    Answer {
        /// The platform.
        platform: Escaped,
        /// What it is instead.
        what: &'static str,
        /// The expected member.
        member: &'static str,
        /// The host that was asked.
        host: Escaped,
    },
    /// A text that is no token.
    #[error("what {platform} gave is no JSON Web Token: expected one line, of three parts with dots between them")]
    #[explain(hint = "see what is there: it has to be the token alone, without quotes")]
    NoToken {
        /// Where it is from.
        platform: Escaped,
    },
    /// No text at all.
    #[error("{platform} gave nothing in place of an id token")]
    #[explain(hint = "see what is there: it has to be the token alone")]
    Nothing {
        /// Where it is from.
        platform: Escaped,
    },
    /// A token for another audience.
    #[error("the id token of {platform} is for audience `{found}`, expected `{expected}`")]
    #[explain(hint = "{advice}")]
    Audience {
        /// Where it is from.
        platform: Escaped,
        /// Its audiences.
        found: Escaped,
        /// The one that is needed.
        expected: Escaped,
        /// What to do.
        advice: Escaped,
    },
    /// A token that no longer holds.
    #[error("the id token of {platform} has ended {ago} ago")]
    #[explain(hint = "have a new one issued: CI systems give each job its own, and Kubernetes writes its file anew")]
    Ended {
        /// Where it is from.
        platform: Escaped,
        /// How long ago.
        ago: Escaped,
    },
    /// A token that does not hold yet.
    #[error("the id token of {platform} is not valid yet, but in {wait}, from {start} on")]
    #[explain(hint = "see that the clock of this machine is right, e.g. with `timedatectl`")]
    NotYet {
        /// Where it is from.
        platform: Escaped,
        /// In what time.
        wait: Escaped,
        /// When.
        start: Escaped,
    },
    /// A clock that is wrong.
    #[error("the clock of this machine is {by} {ahead}: {platform} issued an id token at {issued} just now")]
    #[explain(
        hint = "set the clock, e.g. with `timedatectl set-ntp true`; services refuse what is signed at another time"
    )]
    Clock {
        /// The platform.
        platform: Escaped,
        /// The time of the token.
        issued: Escaped,
        /// By how much.
        by: Escaped,
        /// Ahead or behind.
        ahead: &'static str,
    },
}

impl IdTokenError {
    /// Whether the machine has no token at all: a field that may be left out is then left out.
    #[must_use]
    pub(crate) fn is_absence(&self) -> bool {
        matches!(self, Self::NoPlatform | Self::NotAllowed { .. } | Self::NoVariable { .. })
    }
}
