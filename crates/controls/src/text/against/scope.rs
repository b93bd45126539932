//! Which words of the text a formula speaks of.

use crate::entry::Path;
use crate::text::{TextEntry, TextNote, TextTree};

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
    for paragraph in &entry.paragraphs {
        let above = paragraph.path.covers(path);
        let below = path.covers(&paragraph.path) && !own(&paragraph.path);
        if above || below {
            texts.push(&paragraph.text);
        }
    }
    let notes = entry.notes.iter().filter(|note| speaks_of(note, path));
    texts.extend(notes.map(|note| note.text.as_str()));
    texts
}

/// Every text of an entry, its rows included.
pub(super) fn of_entry<'t>(tree: &'t TextTree, entry: &'t TextEntry) -> Vec<&'t str> {
    let mut texts = of_heading(tree, entry);
    texts.extend(entry.paragraphs.iter().map(|p| p.text.as_str()));
    texts.extend(entry.notes.iter().map(|note| note.text.as_str()));
    texts.extend(entry.rows.iter().map(|row| row.text.as_str()));
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
