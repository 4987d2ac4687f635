//! Tags that the program names must be declared by some entity: checked while the program compiles.

use super::super::meta::{EntityMeta, TagMeta, TagPart};
use super::text::Text;

/// Panics if neither an entity nor the schema itself declares the tag, with `{}` for each column, or if the values are too few
/// or too many.
#[track_caller]
pub const fn assert_tag(metas: &[&EntityMeta], own: &[TagMeta], template: &str, values: usize) {
    if !is_declared(metas, own, template) {
        let mut text = Text::new();
        text.add("the cache schema declares no tag `")
            .add(template)
            .add("`; write one of these with `{}` for its columns, or add the tag to an entity, or to the schema for single reads:");
        list(metas, own, &mut text);
        panic!("{}", text.as_str());
    }
    if count_places(template) != values {
        let mut text = Text::new();
        text.add("the tag `")
            .add(template)
            .add("` needs a value for each `{}`, ")
            .number(count_places(template) as u32)
            .add(" in all, but gets ")
            .number(values as u32);
        panic!("{}", text.as_str());
    }
}

const fn is_declared(metas: &[&EntityMeta], own: &[TagMeta], template: &str) -> bool {
    let mut member = 0;
    while member < metas.len() {
        if is_one_of(metas[member].tags, template) {
            return true;
        }
        member += 1;
    }
    is_one_of(own, template)
}

const fn is_one_of(tags: &[TagMeta], template: &str) -> bool {
    let mut tag = 0;
    while tag < tags.len() {
        if is(tags[tag].parts, template.as_bytes()) {
            return true;
        }
        tag += 1;
    }
    false
}

/// Whether the template consists of these parts.
const fn is(parts: &[TagPart], template: &[u8]) -> bool {
    let (mut part, mut at) = (0, 0);
    while part < parts.len() {
        match parts[part] {
            TagPart::Field(_) => {
                if at + 1 >= template.len() || template[at] != b'{' || template[at + 1] != b'}' {
                    return false;
                }
                at += 2;
            }
            TagPart::Text(text) => {
                let text = text.as_bytes();
                let mut letter = 0;
                while letter < text.len() {
                    if at >= template.len() || template[at] != text[letter] {
                        return false;
                    }
                    let doubled = matches!(text[letter], b'{' | b'}');
                    if doubled && (at + 1 >= template.len() || template[at + 1] != text[letter]) {
                        return false;
                    }
                    at += 1 + doubled as usize;
                    letter += 1;
                }
            }
        }
        part += 1;
    }
    at == template.len()
}

/// How many `{}` there are; a doubled brace stands for itself.
const fn count_places(template: &str) -> usize {
    let bytes = template.as_bytes();
    let (mut at, mut count) = (0, 0);
    while at + 1 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (b'{', b'}') => {
                count += 1;
                at += 2;
            }
            (b'{', b'{') | (b'}', b'}') => at += 2,
            _ => at += 1,
        }
    }
    count
}

const fn list(metas: &[&EntityMeta], own: &[TagMeta], text: &mut Text) {
    let mut member = 0;
    while member < metas.len() {
        let mut tag = 0;
        while tag < metas[member].tags.len() {
            text.add("\n    `")
                .add(metas[member].tags[tag].template)
                .add("` of `")
                .add(metas[member].ident.prefix)
                .add("`");
            tag += 1;
        }
        member += 1;
    }
    let mut tag = 0;
    while tag < own.len() {
        text.add("\n    `")
            .add(own[tag].template)
            .add("` of the schema");
        tag += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{TagPart, count_places, is};

    #[test]
    fn a_template_is_matched_part_by_part() {
        let parts = [
            TagPart::Text("a{b:"),
            TagPart::Field("x"),
            TagPart::Text("!"),
        ];
        assert!(is(&parts, b"a{{b:{}!"));
        for wrong in ["a{b:{}!", "a{{b:{}", "a{{b:!", "a{{b:{}!x", "", "a{{b:{x}!"] {
            assert!(!is(&parts, wrong.as_bytes()), "{wrong}");
        }
    }

    #[test]
    fn places_are_counted_but_not_doubled_braces() {
        assert_eq!(count_places("a:{}:{}"), 2);
        assert_eq!(count_places("{{}}"), 0);
        assert_eq!(count_places("{{{}}}"), 1);
        assert_eq!(count_places("a{"), 0);
    }
}
