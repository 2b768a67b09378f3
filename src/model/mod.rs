//! The nouns that travel between stages: files, documents, reports, verdicts.
//!
//! Nothing here decides anything; a type lives here when two stages need it. This module imports
//! nothing else of the crate.

pub mod change;
pub mod day;
pub mod document;
pub mod file;
pub mod report;
pub mod verdict;

/// Declares an enum whose variants are codes of the dataset, with one `as_str` beside it.
///
/// The strings are the contract with users; `config/codes.toml` gives each its Chinese and English
/// label and a test holds the two against each other.
macro_rules! code_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident => $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as it stands in the published tables.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use code_enum;
