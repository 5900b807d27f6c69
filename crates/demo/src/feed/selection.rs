//! Which match of a feed is meant.

use unicode_normalization::{char::is_combining_mark, UnicodeNormalization};

use super::{FeedError, FieldError, MatchError};

/// What a match is called.
pub struct Description {
    /// Its place in the feed, from 1.
    pub number: usize,
    pub teams: [String; 2],
    /// Short names of the teams; may be empty, like all that follows.
    pub codes: [String; 2],
    pub round: String,
    pub date: String,
    /// Group, ground and the like.
    pub details: Vec<String>,
}

/// Where a word of the user's stands in a description.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    First,
    Second,
    Other,
}

/// How well a match must fit, from the strictest on.
#[derive(Clone, Copy)]
enum Fit {
    /// Whole names, dates, rounds and so on, one after the other.
    Exact,
    /// Whole words of them.
    Words,
    /// Beginnings of words.
    Beginnings,
}

impl Description {
    /// Teams and occasion, for display.
    pub fn name(&self) -> String {
        let teams = match &self.teams {
            [first, second] if first.is_empty() || second.is_empty() => {
                format!("match {} without both teams' names", self.number)
            }
            teams => teams.join(" - "),
        };
        let occasion = self.occasion();
        if occasion.is_empty() {
            teams
        } else {
            format!("{teams} ({occasion})")
        }
    }

    /// # Errors
    /// [`FieldError`] if a team has no name.
    pub fn require_teams(&self) -> Result<(), MatchError> {
        let nameless = ["team1", "team2"].into_iter().zip(&self.teams);
        for (field, team) in nameless {
            if team.is_empty() {
                return Err(FieldError {
                    field: field.into(),
                    found: "missing or no text".into(),
                    expected: "the name of a team",
                }
                .into());
            }
        }
        Ok(())
    }

    /// Round and date.
    pub fn occasion(&self) -> String {
        super::joined([&self.round, &self.date])
    }

    /// Number and name, for a list to choose from.
    fn listed(&self) -> String {
        format!("#{} {}", self.number, self.name())
    }

    /// What a user may call the parts of the match.
    fn phrases(&self) -> Vec<(Part, Vec<String>)> {
        let mut phrases = Vec::new();
        for (part, (name, code)) in [Part::First, Part::Second]
            .into_iter()
            .zip(self.teams.iter().zip(&self.codes))
        {
            // A name may end in a country or a short form: "Reds (RED)".
            let short = name.split_once('(').map(|(short, _)| short);
            for text in [Some(name.as_str()), short, Some(code.as_str())] {
                phrases.push((part, words(text.unwrap_or_default())));
            }
        }
        for text in [&self.round, &self.date].into_iter().chain(&self.details) {
            phrases.push((Part::Other, words(text)));
        }
        phrases.retain(|(_, phrase)| !phrase.is_empty());
        phrases
    }

    fn fits(&self, wanted: &[String], fit: Fit) -> bool {
        let phrases = self.phrases();
        match fit {
            Fit::Exact => is_made_of(wanted, &phrases, Part::First),
            Fit::Words => fits_in_order(wanted, &phrases, |own, word| own == word),
            Fit::Beginnings => fits_in_order(wanted, &phrases, |own, word| own.starts_with(word)),
        }
    }
}

/// Whether the words are whole phrases one after the other, without the first team after the second.
fn is_made_of(wanted: &[String], phrases: &[(Part, Vec<String>)], so_far: Part) -> bool {
    if wanted.is_empty() {
        return true;
    }
    phrases.iter().any(|(part, phrase)| {
        if *part == Part::First && so_far == Part::Second {
            return false;
        }
        let so_far = if *part == Part::Second { *part } else { so_far };
        let rest = wanted.strip_prefix(phrase.as_slice());
        rest.is_some_and(|rest| is_made_of(rest, phrases, so_far))
    })
}

/// Whether every word is one of the match's, none that only the first team has after one that only
/// the second has.
fn fits_in_order(
    wanted: &[String],
    phrases: &[(Part, Vec<String>)],
    is_same: impl Fn(&str, &str) -> bool,
) -> bool {
    let is_of = |word: &str, part: Part| {
        let mut own = phrases.iter().filter(|(of, _)| *of == part);
        own.any(|(_, phrase)| phrase.iter().any(|own| is_same(own, word)))
    };
    let fits = |word: &String, part: Part| is_of(word, part) || is_of(word, Part::Other);
    (0..=wanted.len()).any(|place| {
        let (before, after) = wanted.split_at(place);
        before.iter().all(|word| fits(word, Part::First))
            && after.iter().all(|word| fits(word, Part::Second))
    })
}

/// Words in lower case and without accents. Digits with hyphens between them are one word, so that a
/// date is.
fn words(text: &str) -> Vec<String> {
    let plain: Vec<char> = text
        .nfkd()
        .filter(|character| !is_combining_mark(*character))
        .flat_map(char::to_lowercase)
        .collect();
    let is_digit = |place: Option<usize>| {
        let found = place.and_then(|place| plain.get(place));
        found.is_some_and(char::is_ascii_digit)
    };
    let mut words = vec![String::new()];
    for (place, character) in plain.iter().enumerate() {
        let is_inside =
            *character == '-' && is_digit(place.checked_sub(1)) && is_digit(place.checked_add(1));
        if character.is_alphanumeric() || is_inside {
            let word = words.last_mut();
            if let Some(word) = word {
                word.push_str(without_stroke(*character, &mut [0; 4]));
            }
        } else {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Letters that are not made of a letter and an accent, as they are typed without.
fn without_stroke(character: char, buffer: &mut [u8; 4]) -> &str {
    match character {
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ı' => "i",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        other => other.encode_utf8(buffer),
    }
}

/// The place in the list of the one match that is meant: by its number in the feed, as `#3`, or else
/// by its words. Without any, it must be the only one.
///
/// # Errors
/// [`FeedError::NoMatches`], [`FeedError::NoSuchMatch`], [`FeedError::OtherOrder`],
/// [`FeedError::SeveralMatches`].
pub fn choose(matches: &[Description], wanted: Option<&str>) -> Result<usize, FeedError> {
    if matches.is_empty() {
        return Err(FeedError::NoMatches);
    }
    let listed = |places: &[usize]| {
        let found = places.iter().filter_map(|place| matches.get(*place));
        found.map(Description::listed).collect()
    };
    let all: Vec<_> = (0..matches.len()).collect();
    let unknown = |wanted: &str| FeedError::NoSuchMatch {
        wanted: wanted.to_owned(),
        candidates: listed(&all),
    };
    let text = wanted.unwrap_or_default().trim();
    if let Some(number) = text.strip_prefix('#') {
        let place = number
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1));
        let place = place.filter(|place| *place < matches.len());
        return place.ok_or_else(|| unknown(text));
    }
    let words = words(text);
    if words.is_empty() && !text.is_empty() {
        return Err(unknown(text));
    }
    let fitting = |fit| -> Vec<usize> {
        let places = (0..).zip(matches);
        let fits = places.filter(|(_, one)| one.fits(&words, fit));
        fits.map(|(place, _)| place).collect()
    };
    for fit in [Fit::Exact, Fit::Words, Fit::Beginnings] {
        match fitting(fit)[..] {
            [] => {}
            [only] => return Ok(only),
            ref several => {
                return Err(FeedError::SeveralMatches {
                    candidates: listed(several),
                })
            }
        }
    }
    let swapped = in_other_order(matches, &words);
    if swapped.is_empty() {
        return Err(unknown(text));
    }
    Err(FeedError::OtherOrder {
        wanted: text.to_owned(),
        candidates: listed(&swapped),
    })
}

/// The matches that would fit with their teams swapped.
fn in_other_order(matches: &[Description], words: &[String]) -> Vec<usize> {
    let fits = |one: &Description| {
        let swapped = one.phrases().into_iter().map(|(part, phrase)| match part {
            Part::First => (Part::Second, phrase),
            Part::Second => (Part::First, phrase),
            Part::Other => (Part::Other, phrase),
        });
        let swapped: Vec<_> = swapped.collect();
        fits_in_order(words, &swapped, |own, word| own.starts_with(word))
    };
    let places = (0..).zip(matches);
    let fitting = places.filter(|(_, one)| fits(one));
    fitting.map(|(place, _)| place).collect()
}
