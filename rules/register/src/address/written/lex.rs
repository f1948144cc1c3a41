//! Words, numbers and the signs between them.

/// A word, a number or a sign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Token {
    Word(String),
    Number(u32),
    Comma,
    Dash,
    Slash,
    /// White space or a full stop.
    Gap,
}

/// The Russian letter a Kyrgyz or Uzbek one is merged with.
fn plain_letter(letter: char) -> char {
    match letter {
        'ё' => 'е',
        'ө' => 'о',
        'ү' | 'ў' => 'у',
        'ң' => 'н',
        'қ' => 'к',
        'ғ' => 'г',
        'ҳ' => 'х',
        other => other,
    }
}

/// Letters, the common alphabets first: looking others up takes long.
fn is_letter(letter: char) -> bool {
    matches!(letter, 'а'..='я' | 'ё' | 'a'..='z') || (!letter.is_ascii() && letter.is_alphabetic())
}

/// Cuts a text: lower case, Kyrgyz letters merged, quotes and other signs dropped.
pub(super) fn lex(text: &str) -> Vec<Token> {
    let cleaned = script::clean(text);
    let lower = |letter: char| match letter {
        'а'..='я' | ' '..='@' | 'a'..='z' => letter,
        other => other.to_lowercase().next().unwrap_or(other),
    };
    let letters: Vec<char> = cleaned.chars().map(lower).collect();
    let mut tokens = Vec::with_capacity(16);
    let mut at = 0;
    while at < letters.len() {
        let letter = letters[at];
        if letter.is_ascii_digit() {
            let end = end_of(&letters, at, |c| c.is_ascii_digit());
            let digits: String = letters[at..end].iter().collect();
            // A number too long for a house or a flat is kept as a large one and never read as a house.
            tokens.push(Token::Number(digits.parse().unwrap_or(u32::MAX)));
            at = end;
        } else if is_letter(letter) {
            let end = end_of(&letters, at, is_letter);
            tokens.push(Token::Word(
                letters[at..end].iter().copied().map(plain_letter).collect(),
            ));
            at = end;
        } else {
            match letter {
                ',' | ';' => tokens.push(Token::Comma),
                '-' => tokens.push(Token::Dash),
                '/' => tokens.push(Token::Slash),
                ' ' | '.' if tokens.last() != Some(&Token::Gap) => tokens.push(Token::Gap),
                _ => {}
            }
            at += 1;
        }
    }
    join_short_forms(&mut tokens);
    tokens
}

fn end_of(letters: &[char], from: usize, holds: impl Fn(char) -> bool) -> usize {
    let length = letters[from..].iter().take_while(|c| holds(**c)).count();
    from + length
}

/// `р-н`, `пр-т`, `мкр-н`, `а/а`, `ж/м` become one word each.
fn join_short_forms(tokens: &mut Vec<Token>) {
    let mut at = 0;
    while at + 2 < tokens.len() {
        let joined = match (&tokens[at], &tokens[at + 1], &tokens[at + 2]) {
            (Token::Word(a), Token::Dash | Token::Slash, Token::Word(b)) => {
                let pair = (a.as_str(), b.as_str());
                matches!(
                    pair,
                    ("р", "н")
                        | ("пр", "т")
                        | ("б", "р")
                        | ("мкр", "н")
                        | ("а", "а")
                        | ("а", "о")
                        | ("ж", "м")
                        | ("r", "n")
                        | ("pr", "t")
                        | ("mkr", "n")
                )
                .then(|| format!("{a}{b}"))
            }
            _ => None,
        };
        if let Some(word) = joined {
            tokens.splice(at..at + 3, [Token::Word(word)]);
        }
        at += 1;
    }
}
