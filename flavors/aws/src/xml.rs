//! Elements of STS's XML answers.

/// The text of the first element of a name, without attributes, its entities resolved; `None` if there is no complete
/// one.
pub(crate) fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    if text.contains('<') {
        return None;
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    Some(text.replace("&#39;", "'").replace("&amp;", "&").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_found_whole_or_not_at_all() {
        let xml = "<A><Key> a&amp;lt;b&lt; </Key><Key>c</Key><Outer><B>1</B></Outer><Cut>x";
        assert_eq!(element(xml, "Key").as_deref(), Some("a&lt;b<"));
        for name in ["Outer", "Cut", "None"] {
            assert_eq!(element(xml, name), None, "{name}");
        }
    }
}
