//! Texts from outside on a terminal, where some characters move the cursor or reverse the line.

use std::fmt::Write;

/// Whether a terminal would not show the character, but do something: control characters, and those
/// that are invisible or set the direction of writing.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with hidden characters spelled out, as `\u{202e}`.
pub fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            // Writing to memory cannot fail.
            let _ = write!(printable, "{}", character.escape_unicode());
        } else {
            printable.push(character);
        }
    }
    printable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_spelled_out_and_letters_stay() {
        let shown = printable("Å\u{301} \u{1b}[2J\u{9b}1m\u{202e}\n\u{200b}\\ 'ß' 東京");
        assert_eq!(
            shown,
            "Å\u{301} \\u{1b}[2J\\u{9b}1m\\u{202e}\\u{a}\\u{200b}\\ 'ß' 東京"
        );
    }
}
