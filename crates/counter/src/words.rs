use std::{collections::HashMap, str::FromStr, sync::OnceLock};

use serde::{Deserialize, Serialize};

/// The one table of texts, read by the window and by every program that speaks to a person.
const TABLE: &str = include_str!("../../../ui/src/texts.json");

/// A language of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// Indonesian, the default.
    #[default]
    #[serde(rename = "id")]
    Indonesian,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// The table of texts.
pub struct Words(HashMap<String, Text>);

#[derive(Deserialize)]
struct Text {
    id: String,
    en: String,
}

impl Words {
    /// The table, read once.
    pub fn table() -> &'static Self {
        static WORDS: OnceLock<Words> = OnceLock::new();
        // A test reads the table too, so a table that cannot be read never leaves this repository.
        WORDS.get_or_init(|| Words(serde_json::from_str(TABLE).unwrap_or_default()))
    }

    /// The text under this key with its gaps filled; the key itself if there is none. A value that is a
    /// word of ours is said by its own text: `returned` in the gap `deed` by `deed.returned`.
    pub fn say(&self, language: Language, key: &str, values: &[(&str, String)]) -> String {
        let Some(text) = self.0.get(key) else { return key.to_owned() };
        let text = if language == Language::English { &text.en } else { &text.id };
        let mut said = String::with_capacity(text.len());
        let mut rest = text.as_str();
        // Gap by gap, so that what fills one is not taken for another.
        while let Some((before, (gap, after))) = rest.split_once('{').and_then(|(b, a)| Some((b, a.split_once('}')?))) {
            said.push_str(before);
            match values.iter().find(|(named, _)| *named == gap) {
                Some((_, value)) => said.push_str(&self.filled(language, gap, value)),
                None => said.push_str(&format!("{{{gap}}}")),
            }
            rest = after;
        }
        said.push_str(rest);
        said
    }

    /// A value as it is said in this gap.
    pub(crate) fn filled(&self, language: Language, gap: &str, value: &str) -> String {
        let word = format!("{gap}.{value}");
        if self.has(&word) { self.say(language, &word, &[]) } else { value.to_owned() }
    }

    /// Whether there is such a text.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }
}

impl FromStr for Language {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "id" => Ok(Self::Indonesian),
            "en" => Ok(Self::English),
            _ => Err(()),
        }
    }
}
