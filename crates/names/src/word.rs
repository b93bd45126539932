//! A word with everything by which it can be compared: spelling, sound, readings, idea.

use crate::align::Key;
use crate::normal::bare;
use crate::profile::Profile;
use crate::script::consonants::{Skeleton, skeletons};
use crate::script::{Script, cyrillic, greek, han, hangul, kana, latin};
use crate::similarity::{LEAST, Likeness, budget, letters, likeness, possible};
use crate::terms::{Concept, meaning};

/// A word and its readings. It follows from its text alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub script: Script,
    /// Its spelling; Han characters in simplified form.
    pub chars: Vec<char>,
    /// [`letters`] of `chars`.
    pub letters: u64,
    /// In Latin letters, by sound, with how they were got.
    pub sounds: Vec<Sound>,
    /// Latin spellings that are compared exactly: the word itself, or readings of Han.
    pub exact: Vec<(Key, String)>,
    /// Keys of Korean readings.
    pub korean: Vec<(Key, String)>,
    /// Consonants, for comparison with scripts that write little else.
    pub skeletons: Vec<Skeleton>,
    /// What it means, where it is translated: the usual idea first.
    pub ideas: &'static [Concept],
}

/// A sound with the system by which it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sound {
    pub key: Key,
    pub chars: Vec<char>,
    pub letters: u64,
}

impl Sound {
    fn new(key: Key, romanised: &str) -> Self {
        Self::of(key, &latin::sound(romanised))
    }

    fn of(key: Key, sound: &str) -> Self {
        let chars: Vec<char> = sound.chars().collect();
        Self {
            key,
            letters: letters(&chars),
            chars,
        }
    }
}

/// How two words agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Agreement {
    pub key: Key,
    pub edits: u32,
    pub similarity: u32,
}

impl Word {
    /// The word `text`, which is normalised.
    pub fn new(text: &str) -> Self {
        Self {
            ideas: meaning(&bare(text)).map_or(&[], |m| &m.ideas),
            ..Self::joined(text)
        }
    }

    /// Neighbouring words written as one: read, but not translated.
    pub fn joined(text: &str) -> Self {
        let own: Vec<char> = text.chars().collect();
        let script = own
            .iter()
            .find(|c| !c.is_numeric())
            .map_or(Script::Latin, |c| Script::of(*c));
        let chars: Vec<char> = match script {
            Script::Han => own.iter().map(|c| han::simplified(*c)).collect(),
            _ => bare(text).chars().collect(),
        };
        let mut word = Self {
            script,
            letters: letters(&chars),
            chars,
            sounds: Vec::new(),
            exact: Vec::new(),
            korean: Vec::new(),
            skeletons: Vec::new(),
            ideas: &[],
        };
        word.read(text, &own);
        word
    }

    fn read(&mut self, text: &str, own: &[char]) {
        let sound = |key, romanised: &str| vec![Sound::new(key, romanised)];
        match self.script {
            Script::Latin => {
                if own.iter().all(|c| c.is_numeric()) {
                    return;
                }
                self.sounds = latin::sounds(text)
                    .iter()
                    .map(|s| Sound::of(Key::Sound, s))
                    .collect();
                let text = &*bare(text);
                self.exact = vec![(Key::Literal, text.to_owned())];
                self.korean = hangul::key(text)
                    .map(|k| (Key::Hangul, k))
                    .into_iter()
                    .collect();
                self.skeletons = skeletons(text, Script::Latin);
            }
            Script::Hangul => {
                if let Some(latin) = hangul::romanised(own) {
                    self.korean = hangul::key(&latin)
                        .map(|k| (Key::Hangul, k))
                        .into_iter()
                        .collect();
                }
            }
            Script::Han => self.read_han(own),
            Script::Kana => {
                if let Some(latin) = kana::romanised(own) {
                    self.sounds = sound(Key::Kana, &latin);
                }
            }
            Script::Cyrillic => {
                let readings = cyrillic::romanised(own);
                self.sounds = readings
                    .iter()
                    .map(|r| Sound::new(Key::Cyrillic, r))
                    .collect();
                if let Some(first) = readings.first() {
                    self.skeletons = skeletons(first, Script::Latin);
                    self.korean = hangul::key(first)
                        .map(|k| (Key::Hangul, k))
                        .into_iter()
                        .collect();
                }
            }
            Script::Greek => self.sounds = sound(Key::Greek, &greek::romanised(text)),
            Script::Arabic | Script::Hebrew => self.skeletons = skeletons(text, self.script),
            Script::Other => {
                let latin = any_ascii::any_ascii(text).to_ascii_lowercase();
                let latin: String = latin.chars().filter(char::is_ascii_alphanumeric).collect();
                self.sounds = sound(Key::Romanised, &latin);
            }
        }
        self.sounds.retain(|s| !s.chars.is_empty());
    }

    fn read_han(&mut self, own: &[char]) {
        let mut add = |key, text: String| {
            if !self.exact.iter().any(|(_, held)| *held == text) {
                self.exact.push((key, text));
            }
        };
        let pinyin = han::ways(own, |c| c.pinyin.clone(), true);
        for way in &pinyin {
            let text = way.concat();
            // ü is printed as u, yu or v.
            if text.contains('v') {
                add(Key::Pinyin, text.replace('v', "u"));
                add(Key::Pinyin, text.replace('v', "yu"));
            }
            add(Key::Pinyin, text);
        }
        for way in &pinyin {
            let syllables: Vec<String> = way.iter().map(|s| han::wade_giles(s)).collect();
            add(Key::WadeGiles, syllables.concat());
        }
        for way in han::ways(own, |c| c.cantonese.into_iter().collect(), true) {
            let syllables: Vec<String> = way.iter().map(|s| han::hong_kong(s)).collect();
            add(Key::Cantonese, syllables.concat());
            add(Key::Cantonese, way.concat());
        }
        for way in han::ways(own, |c| c.korean.clone(), false) {
            let key = hangul::romanised(&way).and_then(|latin| hangul::key(&latin));
            if let Some(key) = key.filter(|k| !self.korean.iter().any(|(_, held)| held == k)) {
                self.korean.push((Key::Hanja, key));
            }
        }
    }

    /// The letters that an initial for this word may be.
    pub fn firsts(&self) -> impl Iterator<Item = char> + '_ {
        let sounds = self.sounds.iter().filter_map(|s| s.chars.first());
        self.chars.first().into_iter().chain(sounds).copied()
    }

    /// Of a script that may be read in Korean.
    pub fn is_korean(&self) -> bool {
        matches!(self.script, Script::Hangul | Script::Han)
    }

    /// Of a script without short vowels.
    pub fn is_unvowelled(&self) -> bool {
        matches!(self.script, Script::Arabic | Script::Hebrew)
    }
}

/// How `a` and `b` agree best; `None` when they do not. Symmetric.
pub(crate) fn agreement(a: &Word, b: &Word, profile: &Profile) -> Option<Agreement> {
    if a.chars == b.chars && a.script == b.script {
        return Some(Agreement {
            key: Key::Literal,
            edits: 0,
            similarity: crate::FULL,
        });
    }
    let mut best = None;
    if a.script == b.script
        && possible(
            (a.chars.len(), a.letters),
            (b.chars.len(), b.letters),
            profile,
        )
    {
        better(
            &mut best,
            Key::Literal,
            likeness(&a.chars, &b.chars, profile),
        );
    }
    unspelt(a, b, profile, true, &mut best);
    best
}

/// How `joined`, several neighbouring words written as one, and `single` agree: by the same letters,
/// sound or reading, without edits.
pub(crate) fn joined_agreement(
    joined: &Word,
    single: &Word,
    profile: &Profile,
) -> Option<Agreement> {
    if joined.chars == single.chars && joined.script == single.script {
        return Some(Agreement {
            key: Key::Joined,
            edits: 0,
            similarity: crate::FULL,
        });
    }
    let mut best = None;
    unspelt(joined, single, profile, false, &mut best);
    best.map(|found: Agreement| Agreement {
        key: match found.key {
            Key::Sound => Key::Joined,
            key => key,
        },
        ..found
    })
}

fn better(best: &mut Option<Agreement>, key: Key, found: Option<Likeness>) {
    if let Some(l) = found
        && l.similarity >= LEAST
        && best.is_none_or(|held| l.similarity > held.similarity)
    {
        *best = Some(Agreement {
            key,
            edits: l.edits,
            similarity: l.similarity,
        });
    }
}

/// Everything but the spelling within one script.
fn unspelt(a: &Word, b: &Word, profile: &Profile, single: bool, best: &mut Option<Agreement>) {
    let [term, sound, reading, korean, skeleton, contradiction] = profile.likeness_of_readings;
    let exactly = |similarity| {
        Some(Likeness {
            edits: 0,
            similarity,
        })
    };
    // Within one script only the usual ideas count: of two languages they are translations, of one
    // language further ones would make synonyms the same name.
    let meant = match a.script == b.script {
        true => a
            .ideas
            .first()
            .is_some_and(|idea| b.ideas.first() == Some(idea)),
        false => a.ideas.iter().any(|idea| b.ideas.contains(idea)),
    };
    if single && meant {
        better(best, Key::Term, exactly(term));
    }
    let latin = a.script == Script::Latin && b.script == Script::Latin;
    if a.script != b.script || latin {
        for x in &a.sounds {
            for y in &b.sounds {
                let key = x.key.max(y.key);
                if x.chars == y.chars && x.chars.len() > 1 {
                    better(best, key, exactly(sound));
                } else if single
                    && possible(
                        (x.chars.len(), x.letters),
                        (y.chars.len(), y.letters),
                        profile,
                    )
                    && let Some(l) = likeness(&x.chars, &y.chars, profile)
                {
                    let similarity = l.similarity * sound / crate::FULL;
                    better(best, key, Some(Likeness { similarity, ..l }));
                }
            }
        }
    }
    if a.script == Script::Han || b.script == Script::Han {
        for (k, x) in &a.exact {
            for (l, y) in &b.exact {
                // Two Han names that only sound alike are not the same.
                if x == y && a.script != b.script {
                    better(best, *k.max(l), exactly(reading));
                }
            }
        }
    }
    if (a.is_korean() || b.is_korean()) && a.script != b.script {
        for (k, x) in &a.korean {
            for (l, y) in &b.korean {
                if x == y {
                    better(best, *k.max(l), exactly(korean));
                }
            }
        }
    }
    if a.is_unvowelled() != b.is_unvowelled() {
        let (own, other) = if a.is_unvowelled() { (a, b) } else { (b, a) };
        let key = match own.script {
            Script::Hebrew => Key::Hebrew,
            _ => Key::Arabic,
        };
        for x in &own.skeletons {
            for y in &other.skeletons {
                let Some(n) = x.contradictions(y) else {
                    continue;
                };
                // One consonant alone says little: then the vowels must agree.
                let most = if x.consonants.chars().count() > 1 {
                    2
                } else {
                    0
                };
                if n <= most {
                    let similarity = skeleton.saturating_sub(n * contradiction);
                    better(best, key, exactly(similarity));
                }
            }
        }
    }
}

/// What a list is searched by for words that may agree with a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Feature {
    Concept = 1,
    Exact,
    KoreanNative,
    KoreanOther,
    ConsonantsUnvowelled,
    ConsonantsOther,
    JoinedSpelling,
    JoinedSound,
    Deletion,
    Sound,
    Text,
    Initial,
}

/// FNV-1a over the feature and a text.
pub(crate) fn hash(feature: Feature, text: impl IntoIterator<Item = char>) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    let start = 0xcbf2_9ce4_8422_2325_u64 ^ feature as u64;
    let mixed = text.into_iter().fold(start.wrapping_mul(PRIME), |hash, c| {
        (hash ^ u64::from(u32::from(c))).wrapping_mul(PRIME)
    });
    // The table takes the upper bits, which the last letters hardly reach.
    mixed ^ (mixed >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Word {
    /// What a listed word is found by. INVARIANT: words that agree otherwise than by edits share
    /// one of the listed word's features and the other's [`Word::probes`].
    pub fn features(&self) -> Vec<u64> {
        let mut features = Vec::new();
        features.extend(self.ideas.iter().map(|idea| idea_hash(*idea)));
        if self.chars.len() == 1 {
            features.extend(self.firsts().map(|c| hash(Feature::Initial, Some(c))));
        }
        for sound in &self.sounds {
            features.push(hash(Feature::Sound, sound.chars.iter().copied()));
        }
        self.reading_features(&mut features);
        features
    }

    fn reading_features(&self, features: &mut Vec<u64>) {
        features.extend(
            self.exact
                .iter()
                .map(|(_, t)| hash(Feature::Exact, t.chars())),
        );
        let korean = match self.is_korean() {
            true => Feature::KoreanNative,
            false => Feature::KoreanOther,
        };
        features.extend(self.korean.iter().map(|(_, t)| hash(korean, t.chars())));
        let consonants = match self.is_unvowelled() {
            true => Feature::ConsonantsUnvowelled,
            false => Feature::ConsonantsOther,
        };
        let skeletons = self.skeletons.iter();
        features.extend(skeletons.map(|s| hash(consonants, s.consonants.chars())));
    }

    /// What listed words that may agree with this one are looked up by.
    pub fn probes(&self) -> Vec<u64> {
        let mut probes = Vec::new();
        probes.extend(self.ideas.iter().map(|idea| idea_hash(*idea)));
        probes.extend(self.firsts().map(|c| hash(Feature::Initial, Some(c))));
        self.reading_probes(&mut probes);
        probes
    }

    fn reading_probes(&self, probes: &mut Vec<u64>) {
        probes.extend(
            self.exact
                .iter()
                .map(|(_, t)| hash(Feature::Exact, t.chars())),
        );
        for (_, text) in &self.korean {
            probes.push(hash(Feature::KoreanNative, text.chars()));
            if self.is_korean() {
                probes.push(hash(Feature::KoreanOther, text.chars()));
            }
        }
        let consonants = match self.is_unvowelled() {
            true => Feature::ConsonantsOther,
            false => Feature::ConsonantsUnvowelled,
        };
        let skeletons = self.skeletons.iter();
        probes.extend(skeletons.map(|s| hash(consonants, s.consonants.chars())));
    }

    /// What listed words that may agree with this one, which is several written as one, are looked
    /// up by, beside its spelling.
    pub fn whole_probes(&self) -> Vec<u64> {
        let mut probes = Vec::with_capacity(8);
        for sound in &self.sounds {
            probes.push(hash(Feature::Sound, sound.chars.iter().copied()));
        }
        self.reading_probes(&mut probes);
        probes
    }

    /// What listed neighbours written as one are found by. INVARIANT: as for [`Word::features`],
    /// with [`Word::joined_probes`].
    pub fn joined_features(&self) -> Vec<u64> {
        let mut features = vec![hash(Feature::JoinedSpelling, self.chars.iter().copied())];
        for sound in &self.sounds {
            features.push(hash(Feature::JoinedSound, sound.chars.iter().copied()));
        }
        self.reading_features(&mut features);
        features
    }

    /// What listed neighbours that agree with this word when written as one are looked up by.
    pub fn joined_probes(&self) -> Vec<u64> {
        let mut probes = vec![hash(Feature::JoinedSpelling, self.chars.iter().copied())];
        for sound in &self.sounds {
            probes.push(hash(Feature::JoinedSound, sound.chars.iter().copied()));
        }
        self.reading_probes(&mut probes);
        probes
    }
}

fn idea_hash(idea: Concept) -> u64 {
    hash(Feature::Concept, char::from_u32(u32::from(idea.0)))
}

/// Edits that a word of `length` letters may be away from some other.
pub(crate) fn reach(length: usize, profile: &Profile) -> u32 {
    (0..=3)
        .map(|more| budget(length + more, profile))
        .zip(0..)
        .filter(|(allowed, more)| more <= allowed)
        .map(|(allowed, _)| allowed)
        .max()
        .unwrap_or(0)
}
