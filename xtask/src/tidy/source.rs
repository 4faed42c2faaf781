//! A Rust file taken apart: per line its code and its comment, and the texts of its strings.
//!
//! Just enough of the grammar that a rule about code does not trip over a comment or a string.
//! It must not know any rule.

/// One file of Rust.
pub(super) struct Source<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    pub(super) lines: Vec<Line>,
    pub(super) strings: Vec<StringText>,
}

#[derive(Default)]
pub(super) struct Line {
    /// What the compiler reads, with every string and character emptied.
    pub(super) code: String,
    pub(super) comment: String,
    /// Inside a test function, a test module or a test file.
    pub(super) in_test: bool,
}

/// One string, as it stands in the source, and the line on which it begins.
pub(super) struct StringText {
    pub(super) line: usize,
    pub(super) text: String,
}

impl<'a> Source<'a> {
    pub(super) fn read(path: &'a str, text: &'a str) -> Self {
        let mut reader = Reader::new(text);
        reader.read();
        let mut source = Self { path, text, lines: reader.lines, strings: reader.strings };
        source.mark_tests();
        source
    }

    /// Lines with their numbers, counted from 1.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.lines.iter().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Strings and comments are gone, so counting braces finds where a test ends.
    fn mark_tests(&mut self) {
        let whole_file = self.path.contains("/tests/") || self.path.ends_with("/tests.rs");
        let mut depth = 0_usize;
        let mut announced = false;
        let mut test_depth = None;
        for line in &mut self.lines {
            announced |= test_depth.is_none() && announces_test(&line.code);
            line.in_test = whole_file || announced || test_depth.is_some();
            for character in line.code.chars() {
                match character {
                    '{' => {
                        if announced {
                            (announced, test_depth) = (false, Some(depth));
                        }
                        depth += 1;
                    }
                    '}' => {
                        depth = depth.saturating_sub(1);
                        if test_depth == Some(depth) {
                            test_depth = None;
                        }
                    }
                    // `#[cfg(test)] mod tests;` has its body elsewhere.
                    ';' if announced => announced = false,
                    _ => {}
                }
            }
        }
    }
}

/// Whether `word` stands in `text` as a whole word.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_word_part) && !after.is_some_and(is_word_part)
    })
}

fn is_word_part(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn announces_test(code: &str) -> bool {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    code.contains("#[cfg(test)]")
        || code.contains("#[cfg(all(test")
        || code.contains("#[test]")
        || code.contains("::test]")
        || code.contains("::test(")
}

struct Reader {
    characters: Vec<char>,
    at: usize,
    lines: Vec<Line>,
    strings: Vec<StringText>,
}

impl Reader {
    fn new(text: &str) -> Self {
        Self {
            characters: text.chars().collect(),
            at: 0,
            lines: vec![Line::default()],
            strings: vec![],
        }
    }

    fn read(&mut self) {
        while let Some(character) = self.peek(0) {
            match (character, self.peek(1)) {
                ('/', Some('/')) => self.line_comment(),
                ('/', Some('*')) => self.block_comment(),
                ('"', _) => self.string(),
                ('\'', _) => self.quote(),
                _ => {
                    self.code(character);
                    self.at += 1;
                }
            }
        }
    }

    fn line_comment(&mut self) {
        while let Some(character) = self.peek(0).filter(|c| *c != '\n') {
            self.comment(character);
            self.at += 1;
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        while let Some(character) = self.peek(0) {
            let step = match (character, self.peek(1)) {
                ('/', Some('*')) => {
                    depth += 1;
                    2
                }
                ('*', Some('/')) => {
                    depth -= 1;
                    2
                }
                _ => 1,
            };
            for _ in 0..step {
                if let Some(read) = self.peek(0) {
                    self.comment(read);
                }
                self.at += 1;
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        let raw_hashes = self.raw_hashes();
        let (line, mut text) = (self.lines.len(), String::new());
        self.code('"');
        self.at += 1;
        while let Some(character) = self.peek(0) {
            match (character, raw_hashes) {
                ('"', None) => break,
                ('"', Some(hashes)) if (1..=hashes).all(|n| self.peek(n) == Some('#')) => break,
                ('\\', None) => {
                    // A line that goes on with `\` is one text.
                    self.at += 1;
                    match self.peek(0) {
                        Some('\n') => self.code('\n'),
                        Some(escaped) => text.extend(['\\', escaped]),
                        None => {}
                    }
                }
                ('\n', _) => {
                    text.push('\n');
                    self.code('\n');
                }
                _ => text.push(character),
            }
            self.at += 1;
        }
        self.code('"');
        self.at += 1;
        self.strings.push(StringText { line, text });
    }

    /// How many `#` close the raw string that opens here; `None` for a plain string.
    fn raw_hashes(&self) -> Option<usize> {
        let code = &self.lines.last()?.code;
        let prefix = code.trim_end_matches('#');
        let hashes = code.len() - prefix.len();
        let name_at = prefix.rfind(|c| !is_word_part(c)).map_or(0, |at| at + 1);
        matches!(prefix.get(name_at..), Some("r" | "br" | "cr")).then_some(hashes)
    }

    /// A character (`'a'`, `'\n'`) is emptied; a lifetime (`'a`) is code.
    fn quote(&mut self) {
        let length = match (self.peek(1), self.peek(2)) {
            (Some('\\'), _) => {
                let rest = self.characters.get(self.at + 3..).unwrap_or_default();
                rest.iter().position(|c| *c == '\'').map_or(1, |end| end + 4)
            }
            (Some(_), Some('\'')) => 3,
            _ => 1,
        };
        if length == 1 {
            self.code('\'');
        } else {
            self.code('\'');
            self.code('\'');
        }
        self.at += length;
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    fn code(&mut self, character: char) {
        self.put(character, |line| &mut line.code);
    }

    fn comment(&mut self, character: char) {
        self.put(character, |line| &mut line.comment);
    }

    fn put(&mut self, character: char, part: fn(&mut Line) -> &mut String) {
        if character == '\n' {
            self.lines.push(Line::default());
        } else if let Some(line) = self.lines.last_mut() {
            part(line).push(character);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Vec<String> {
        Source::read("a.rs", text).lines.into_iter().map(|line| line.code).collect()
    }

    fn strings(text: &str) -> Vec<(usize, String)> {
        let source = Source::read("a.rs", text);
        source.strings.into_iter().map(|found| (found.line, found.text)).collect()
    }

    fn test_lines(path: &str, text: &str) -> Vec<usize> {
        let source = Source::read(path, text);
        source.numbered().filter(|(_, line)| line.in_test).map(|(number, _)| number).collect()
    }

    #[test]
    fn comments_are_no_code() {
        assert_eq!(code("a // b\nc /* d /* e */ f\ng */ h"), ["a ", "c ", " h"]);
        let source = Source::read("a.rs", "a // b");
        assert_eq!(source.lines[0].comment, "// b");
    }

    #[test]
    fn strings_are_emptied_and_kept_apart() {
        assert_eq!(code(r#"f("a // b\" {", 1)"#), [r#"f("", 1)"#]);
        assert_eq!(strings(r#"f("a \" b")"#), [(1, r#"a \" b"#.to_owned())]);
        assert_eq!(strings("f(\n\"one \\\n  two\")"), [(2, "one   two".to_owned())]);
        assert_eq!(code("\"a\nb\" + c"), ["\"", "\" + c"]);
    }

    #[test]
    fn raw_strings_end_at_their_own_hashes() {
        assert_eq!(strings("r#\"a \" b\\\"# + c"), [(1, "a \" b\\".to_owned())]);
        assert_eq!(strings("br\"a\\\" + \"d\""), [(1, "a\\".to_owned()), (1, "d".to_owned())]);
        // `bar` is a name that ends in r, not a raw string.
        assert_eq!(strings(r#"bar!{}; for"a\"b""#), [(1, r#"a\"b"#.to_owned())]);
    }

    #[test]
    fn a_quote_character_opens_no_string() {
        assert_eq!(code("f('\"', '\\'', '{') // x"), ["f('', '', '') "]);
        assert_eq!(code("fn f<'a>(x: &'a str) {}"), ["fn f<'a>(x: &'a str) {}"]);
    }

    #[test]
    fn a_test_module_ends_at_its_brace() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}";
        assert_eq!(test_lines("src/a.rs", text), [2, 3, 4, 5]);
        assert_eq!(test_lines("src/a.rs", "#[cfg(test)]\nmod tests;\nfn a() {}"), [1, 2]);
        let text = "#[tokio::test(start_paused = true)]\nasync fn a() {\n}\nfn b() {}";
        assert_eq!(test_lines("src/a.rs", text), [1, 2, 3]);
    }

    #[test]
    fn a_file_under_tests_is_a_test() {
        assert_eq!(test_lines("crates/app/tests/desk.rs", "fn a() {}"), [1]);
        assert_eq!(test_lines("crates/app/src/holds/tests.rs", "fn a() {}"), [1]);
        assert!(test_lines("crates/app/src/contests.rs", "fn a() {}").is_empty());
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("use a::Map;", "Map"));
        assert!(!has_word("use a::BTreeMap;", "Map"));
        assert!(!has_word("Map_of", "Map"));
        assert!(has_word("Mapped, Map", "Map"));
    }
}
