use serde_json::Value;

/// A language of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Language {
    Indonesian,
    English,
}

impl Language {
    /// How the window writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Indonesian => "id",
            Self::English => "en",
        }
    }
}

/// What the window says, from its own table, so that a better word breaks no test.
pub struct Words {
    table: Value,
    language: Language,
}

impl Words {
    /// The words of one language.
    pub fn of(language: Language) -> Self {
        let table = serde_json::from_str(include_str!("../../../ui/src/texts.json")).expect("texts.json is JSON");
        Self { table, language }
    }

    /// The language of these words.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text under that key.
    pub fn say(&self, key: &str) -> String {
        let text = self.table[key][self.language.code()].as_str();
        text.unwrap_or_else(|| panic!("texts.json has no {key:?}")).to_owned()
    }

    /// The text under that key as far as its first gap.
    pub fn start_of(&self, key: &str) -> String {
        self.say(key).split('{').next().unwrap_or_default().trim().to_owned()
    }

    /// The text under that key with its gaps filled.
    pub fn fill(&self, key: &str, gaps: &[(&str, &str)]) -> String {
        gaps.iter().fold(self.say(key), |text, (gap, word)| text.replace(&format!("{{{gap}}}"), word))
    }
}
