//! Reads SPDX licence expressions: names, `WITH`, `AND`, `OR`, parentheses, and the old `/`.
//!
//! It must not know which licences are acceptable.

/// Whether the expression can be met with `accepted` licences alone.
pub(super) fn is_satisfied(expression: &str, accepted: &[&str]) -> Result<bool, String> {
    let mut reader = Reader { tokens: tokens(expression), at: 0, accepted };
    let satisfied = reader.any()?;
    match reader.peek() {
        None => Ok(satisfied),
        Some(token) => Err(format!("unexpected {token}")),
    }
}

/// `MIT/Apache-2.0` is how crates wrote OR before they used SPDX.
fn tokens(expression: &str) -> Vec<String> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    spaced.split_whitespace().map(str::to_owned).collect()
}

struct Reader<'a> {
    tokens: Vec<String>,
    at: usize,
    accepted: &'a [&'a str],
}

impl Reader<'_> {
    /// One side is enough. AND binds tighter than OR.
    fn any(&mut self) -> Result<bool, String> {
        let mut satisfied = self.all()?;
        while self.take("OR") {
            satisfied |= self.all()?;
        }
        Ok(satisfied)
    }

    fn all(&mut self) -> Result<bool, String> {
        let mut satisfied = self.one()?;
        while self.take("AND") {
            satisfied &= self.one()?;
        }
        Ok(satisfied)
    }

    fn one(&mut self) -> Result<bool, String> {
        if self.take("(") {
            let satisfied = self.any()?;
            return if self.take(")") { Ok(satisfied) } else { Err("expected )".to_owned()) };
        }
        let mut licence = self.name()?;
        if self.take("WITH") {
            licence = format!("{licence} WITH {}", self.name()?);
        }
        Ok(self.accepted.contains(&licence.as_str()))
    }

    fn name(&mut self) -> Result<String, String> {
        match self.peek() {
            None => Err("expected a licence at the end".to_owned()),
            Some(token) if ["(", ")", "AND", "OR", "WITH"].contains(&token) => {
                Err(format!("expected a licence, found {token}"))
            }
            Some(token) => {
                let name = token.to_owned();
                self.at += 1;
                Ok(name)
            }
        }
    }

    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(String::as_str)
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.peek() == Some(token);
        if found {
            self.at += 1;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCEPTED: [&str; 3] = ["A", "B", "A WITH X"];

    #[track_caller]
    fn check(expression: &str, expected: bool) {
        assert_eq!(is_satisfied(expression, &ACCEPTED), Ok(expected), "{expression}");
    }

    #[test]
    fn a_name_is_accepted_or_not() {
        check("A", true);
        check("Z", false);
        // Names are compared exactly: A-or-later is another licence than A.
        check("A-or-later", false);
        check("a", false);
    }

    #[test]
    fn one_side_of_an_or_is_enough() {
        check("A OR Z", true);
        check("Z OR A", true);
        check("Z/A", true);
        check("Z / A", true);
        check("Y OR Z", false);
    }

    #[test]
    fn both_sides_of_an_and_are_needed() {
        check("A AND B", true);
        check("A AND Z", false);
        check("Z AND A", false);
    }

    #[test]
    fn and_binds_tighter_than_or() {
        check("A OR Z AND Y", true);
        check("Z AND Y OR A", true);
        check("(A OR Z) AND Y", false);
        check("(A OR Z) AND B", true);
        check("Z AND (A OR B)", false);
    }

    #[test]
    fn an_exception_makes_it_another_licence() {
        check("A WITH X", true);
        check("B WITH X", false);
        check("Z OR A WITH X AND B", true);
    }

    #[test]
    fn what_is_no_expression_is_an_error() {
        for expression in ["", "A AND", "OR A", "(A", "A)", "A B", "A WITH", "()"] {
            assert!(is_satisfied(expression, &ACCEPTED).is_err(), "{expression}");
        }
    }
}
