//! Which words of the text a formula speaks of.

use crate::entry::{Code, Path};
use crate::text::{TextEntry, TextNote, TextParagraph, TextTree};

/// The texts in which the thresholds of the paragraph `path` may be printed: the heading, the paragraph, those above it,
/// those below it for which `own` does not say that they have a formula themselves, the notes in scope, the
/// definitions, and what the category says for all its entries.
pub(super) fn of_paragraph<'t>(
    tree: &'t TextTree,
    entry: &'t TextEntry,
    path: &Path,
    own: impl Fn(&Path) -> bool,
) -> Vec<&'t str> {
    let mut texts = of_heading(tree, entry);
    let Together {
        surely: mut beside,
        perhaps,
    } = together(entry, path);
    beside.extend(perhaps);
    let mut printed = vec![entry.heading.as_str()];
    for paragraph in &entry.paragraphs {
        let together = beside.iter().any(|path| path.covers(&paragraph.path));
        let above = paragraph.path.covers(path);
        let below = path.covers(&paragraph.path) && !own(&paragraph.path);
        if above || below || together {
            printed.push(&paragraph.text);
        }
    }
    // What the words point at (`identified in 1C236.a.1`) is printed there.
    texts.extend(of_named_entries(tree, &printed));
    texts.extend(printed);
    let notes = entry.notes.iter().filter(|note| speaks_of(note, path));
    texts.extend(notes.map(|note| note.text.as_str()));
    texts
}

/// Paragraphs beside a paragraph, or beside one above it, that hold together with it.
pub(super) struct Together {
    /// Their parent says so: `having all of the following`.
    pub(super) surely: Vec<Path>,
    /// The last two are joined by `and`, which ends some enumerations as well.
    pub(super) perhaps: Vec<Path>,
}

pub(super) fn together(entry: &TextEntry, path: &Path) -> Together {
    let mut together = Together {
        surely: Vec::new(),
        perhaps: Vec::new(),
    };
    let mut step = Some(path.clone());
    while let Some(here) = step.filter(|here| !here.is_empty()) {
        let parent = here.parent();
        let beside: Vec<&TextParagraph> = entry
            .paragraphs
            .iter()
            .filter(|other| other.path.parent() == parent && !other.path.is_empty())
            .collect();
        let above = match entry.paragraph(&parent) {
            Some(paragraph) => paragraph.text.clone(),
            None => format!("{} {}", entry.heading, entry.body),
        };
        let says_all = [
            "all of the following",
            "all the following",
            "both of the following",
        ]
        .iter()
        .any(|words| above.contains(words));
        let joined = beside.iter().any(|other| {
            let mut below = entry.paragraphs.iter();
            let last = below.rfind(|p| other.path.covers(&p.path));
            last.is_some_and(|last| last.text.trim_end().ends_with(" and"))
        });
        let paths = beside.iter().map(|other| other.path.clone());
        if says_all {
            together.surely.extend(paths);
        } else if joined {
            together.perhaps.extend(paths);
        }
        step = Some(parent);
    }
    together
}

/// The paragraphs of other entries that texts name, as `1C350.b`.
pub(super) fn of_named_entries<'t>(tree: &'t TextTree, texts: &[&str]) -> Vec<&'t str> {
    let named: Vec<Code> = texts
        .iter()
        .flat_map(|text| text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.')))
        .map(|word| word.trim_matches('.'))
        .filter(|word| word.len() >= 5 && word.starts_with(|c: char| c.is_ascii_digit()))
        .filter_map(Code::parse)
        .collect();
    let mut found = Vec::new();
    for code in &named {
        let Some(entry) = tree.entry(&code.entry) else {
            continue;
        };
        if code.path.is_empty() {
            found.extend([entry.heading.as_str(), entry.body.as_str()]);
        }
        let below = entry
            .paragraphs
            .iter()
            .filter(|p| code.path.covers(&p.path));
        found.extend(below.map(|p| p.text.as_str()));
        let notes = entry.notes.iter().filter(|n| speaks_of(n, &code.path));
        found.extend(notes.map(|note| note.text.as_str()));
    }
    found
}

/// Every text of an entry, its rows included.
pub(super) fn of_entry<'t>(tree: &'t TextTree, entry: &'t TextEntry) -> Vec<&'t str> {
    let mut texts = of_heading(tree, entry);
    texts.extend(entry.paragraphs.iter().map(|p| p.text.as_str()));
    texts.extend(entry.notes.iter().map(|note| note.text.as_str()));
    let rows: Vec<&str> = entry.rows.iter().map(|row| row.text.as_str()).collect();
    texts.extend(of_named_entries(tree, &rows));
    texts.extend(rows);
    texts.extend(entry.exceptions.iter().map(|(_, text)| text.as_str()));
    texts
}

fn of_heading<'t>(tree: &'t TextTree, entry: &'t TextEntry) -> Vec<&'t str> {
    let mut texts = vec![entry.heading.as_str(), entry.body.as_str()];
    texts.extend(entry.preamble.iter().map(String::as_str));
    let sections = tree.sections.iter().filter(|section| {
        if section.title.is_empty() {
            section.category == entry.category()
                && section.group.is_none_or(|group| group == entry.group())
        } else {
            section.title.contains(&*entry.code)
        }
    });
    texts.extend(sections.map(|section| section.text.as_str()));
    texts
}

/// A note that names paths speaks of these; one that names none, of the paragraphs under the same letter.
fn speaks_of(note: &TextNote, path: &Path) -> bool {
    let related = |name: &Path| name.covers(path) || path.covers(name);
    if !note.names.is_empty() {
        return note.names.iter().any(related);
    }
    let first = |path: &Path| path.as_str().split('.').next().map(str::to_owned);
    note.path.is_empty() || path.is_empty() || first(&note.path) == first(path)
}
