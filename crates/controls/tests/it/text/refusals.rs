//! What is refused, where, and in which words.

use concord_controls::text::{TextProblem, TextTree};

use super::{LIST, edited, parse};

/// The place of the first occurrence of a text: `list.xml:line:column`.
fn place(list: &str, of: &str) -> String {
    let before = list.split_once(of).unwrap().0;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    format!("list.xml:{line}:{column}")
}

#[test]
fn what_is_not_right_is_refused_at_its_place() {
    let item = "<P>a.1. A speed of 0.4 GHz or more; <I>or</I></P>\n";
    let cases = [
        (
            edited(item, &item.repeat(2)),
            None,
            "the paragraph `1A001.a.1` is printed twice, first at list.xml:",
        ),
        (
            edited("<B>1A002 ", "<B>1A001 "),
            Some("<FP-2><B>1A001 Boxes"),
            "the entry `1A001` is printed twice, first at list.xml:",
        ),
        (
            edited("<B>1A002 ", "<B>1A0O2 "),
            Some("<FP-2><B>1A0O2"),
            "expected an entry code such as `3A001` or `EAR99` at the begin of a heading, found `1A0O2 Boxes",
        ),
        (
            edited("<B>1A002 ", "<B>2A002 "),
            Some("<FP-2><B>2A002"),
            "the entry `2A002` stands in category 1, group A",
        ),
        (
            edited("<HD1>Category 7—", "<HD1>Chapter 7—"),
            Some("<?xml"),
            "category 7 is missing: the file is truncated or not the whole supplement",
        ),
        (
            edited(
                "<HD1>E. “Things” of Kind E\n</HD1>\n<HD1>Category 8",
                "<HD1>Category 8",
            ),
            Some("<?xml"),
            "category 7 has no group E: the file is truncated or not the whole supplement",
        ),
        (
            edited("N=\"Supplement No. 1 to", "N=\"Supplement No. 2 to"),
            Some("<?xml"),
            "expected one DIV9 element named `Supplement No. 1 to Part 774`, found 0",
        ),
        (
            edited("<P>a.1. A speed", "<PARA>x</PARA><P>a.1. A speed"),
            Some("<PARA>"),
            "unknown element `PARA`; the supplement is made of",
        ),
        (
            edited(
                "<FP><I>Items:</I>\n</FP>\n",
                "<FP><I>Items:</I>\n</FP>\n<FP><I>Items:</I>\n</FP>\n",
            ),
            None,
            "the entry `1A001` has a second `Items:` line",
        ),
        (
            edited(
                "(These items are left to 22 CFR parts 120 through 130.)",
                "",
            ),
            Some("<FP-2><B>1A002"),
            "the entry `1A002` has neither licence requirements nor another entry or regulation in its heading",
        ),
        (
            edited(
                "<FP><I>Items:</I> The list of items controlled is contained in the ECCN heading.\n</FP>\n",
                "",
            ),
            Some("<FP-2><B>3C001"),
            "the entry `3C001` has licence requirements without items",
        ),
        (
            edited("</NOTE>", ""),
            None,
            "not readable as XML: ill-formed document: expected `</NOTE>`",
        ),
        (
            edited("&amp;", "&nbsp;"),
            Some("&nbsp;"),
            "unknown entity `&nbsp;`",
        ),
        (
            edited("&amp;", "&#xFFFFFF;"),
            Some("&#xFFFFFF;"),
            "not readable as XML:",
        ),
        (
            edited("<DIV9", "<!DOCTYPE DIV9 [<!ENTITY a \"b\">]>\n<DIV9"),
            Some("<!DOCTYPE"),
            "a document type definition is not allowed here",
        ),
        (
            edited("UTF-8", "ISO-8859-1"),
            Some("<?xml"),
            "the XML declaration says `ISO-8859-1`",
        ),
        (
            edited("“Things”", "â€œThingsâ€"),
            Some("â€"),
            "`â€` is what re-encoding leaves of a character",
        ),
        (
            edited("20 °C", "20 \u{fffd}C"),
            Some("\u{fffd}"),
            "`\u{fffd}` is what re-encoding leaves of a character",
        ),
        (
            LIST.split_once("<P>a.1.").unwrap().0.to_owned(),
            None,
            "the file ends inside `DIV9`: it is truncated",
        ),
        (
            edited("<P>a.1. A", &format!("{}a.1. A", "<P>".repeat(80))),
            None,
            "elements are nested deeper than 64 levels",
        ),
        (String::new(), None, "expected one DIV9 element"),
    ];
    for (list, at, message) in cases {
        let error = parse(&list).expect_err(message);
        let said = error.to_string();
        if let Some(at) = at {
            let place = place(&list, at);
            assert!(said.starts_with(&format!("{place}: ")), "{place}: {said}");
        }
        assert!(error.at.line > 0 && error.at.column > 0, "{said}");
        assert!(
            error.kind.to_string().starts_with(message),
            "{message}: {said}"
        );
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_refused_where_they_stand() {
    let mut latin = LIST.as_bytes().to_vec();
    let position = LIST.find("“Things”").unwrap();
    latin[position] = 0x93;
    let error = TextTree::parse("list.xml", &latin).unwrap_err();
    assert_eq!(error.kind, TextProblem::NotUtf8);
    assert_eq!(error.at.to_string(), place(LIST, "“Things”"));
    let utf_16: Vec<u8> = LIST.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(TextTree::parse("list.xml", &utf_16).is_err());
}
