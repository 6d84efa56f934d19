//! Enums whose values have a word, in commands and in the store.

/// Declares an enum with the word of each value.
#[macro_export]
macro_rules! words {
    (
        $(#[$about:meta])*
        $pub:vis enum $name:ident {
            $($(#[$of:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$about])*
        $pub enum $name {
            $($(#[$of])* $variant,)+
        }

        impl $name {
            /// Every value with its word in commands and in the store.
            pub const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];

            /// The word in commands and in the store.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            pub fn from_word(word: &str) -> Option<Self> {
                Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                Self::from_word(&word)
                    .ok_or_else(|| serde::de::Error::custom(format!("unknown word `{word}`")))
            }
        }
    };
}
pub use words;
