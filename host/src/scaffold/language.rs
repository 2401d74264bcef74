//! The languages that there are templates for.

use serde::Serialize;

use super::name::ProjectName;

/// A language that there is a template for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Language {
    /// With the SDK.
    Rust,
    /// By componentize-py.
    Python,
    /// By jco, with the engine QuickJS.
    JavaScript,
    /// By `zig cc`.
    C,
    /// By Go itself, with the bindings of wit-bindgen.
    Go,
}

impl Language {
    /// All of them, the one that is taken if none is named first.
    pub(crate) const ALL: [Self; 5] = [Self::Rust, Self::Python, Self::JavaScript, Self::C, Self::Go];

    /// Its directory below `examples/templates`, which users type as well.
    #[must_use]
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::C => "c",
            Self::Go => "go",
        }
    }

    /// The commands that build a project, in its directory.
    #[must_use]
    pub(crate) fn build(self, name: &ProjectName) -> String {
        match self {
            Self::Rust => "cargo build --release --target wasm32-wasip2".to_owned(),
            Self::Python => format!("componentize-py -d wit -w guest componentize flavor -o {name}.wasm"),
            Self::JavaScript => "npm install && npm run build".to_owned(),
            Self::C | Self::Go => "make".to_owned(),
        }
    }

    /// The component that they write, below that directory.
    #[must_use]
    pub(crate) fn component(self, name: &ProjectName) -> String {
        match self {
            Self::Rust => format!("target/wasm32-wasip2/release/{}.wasm", name.snake_case()),
            _ => format!("{name}.wasm"),
        }
    }
}
