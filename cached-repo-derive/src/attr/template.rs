//! `"tenant:{tenant_id}"`: a tag with places for columns.

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Field(String),
}

/// Takes a template apart.
pub(crate) fn parse(template: &str) -> Result<Vec<Part>, String> {
    if template.trim().is_empty() {
        return Err("empty tag; write for example `\"users\"` or `\"tenant:{tenant_id}\"`".into());
    }
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            text.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" {
            return Err("unopened `}`; write `}}` for a brace that stands for itself".into());
        }
        let Some((field, after)) = rest.split_once('}') else {
            return Err("unclosed `{`; write `{{` for a brace that stands for itself".into());
        };
        let field = field.trim();
        if field.is_empty() {
            return Err("empty `{}`; name a column, for example `{tenant_id}`".into());
        }
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
        parts.push(Part::Field(field.trim_start_matches("r#").to_owned()));
        rest = after;
    }
    text.push_str(rest);
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::{Part, parse};

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    fn field(name: &str) -> Part {
        Part::Field(name.to_owned())
    }

    #[test]
    fn templates() {
        assert_eq!(parse("users"), Ok(vec![text("users")]));
        assert_eq!(
            parse("tenant:{tenant_id}"),
            Ok(vec![text("tenant:"), field("tenant_id")])
        );
        assert_eq!(
            parse("{a}{b}-{r#type}!"),
            Ok(vec![
                field("a"),
                field("b"),
                text("-"),
                field("type"),
                text("!")
            ])
        );
    }

    #[test]
    fn doubled_braces_stand_for_themselves() {
        assert_eq!(parse("{{a}}"), Ok(vec![text("{a}")]));
        assert_eq!(parse("{{{a}}}"), Ok(vec![text("{"), field("a"), text("}")]));
    }

    #[test]
    fn wrong_templates() {
        for (template, complaint) in [
            ("", "empty tag"),
            (" ", "empty tag"),
            ("a:{b", "unclosed"),
            ("a:{", "unclosed"),
            ("a}", "unopened"),
            ("a:{}", "empty `{}`"),
            ("a:{ }", "empty `{}`"),
        ] {
            assert!(parse(template).unwrap_err().starts_with(complaint));
        }
    }
}
