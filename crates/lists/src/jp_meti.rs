//! Japan's Foreign End User List (METI), an xlsx workbook of one sheet.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

use crate::country::CountryCode;
use crate::error::{ListError, Place};
use crate::gather::Gather;
use crate::list_id::ListId;
use crate::party::{Kind, Party, Quality};
use crate::read::{Format, Opened, Reading};
use crate::workbook;

/// What the header's cells contain, in this order.
const HEADER: [&str; 5] = [
    "No.",
    "Country or Region",
    "Company or Organization",
    "Also Known As",
    "Type of WMD",
];

/// Cells that the used part of a sheet may span, empty ones counted.
const MOST_CELLS: u64 = 4 << 20;

/// Refuses a sheet whose last cell is so far out that the table between would not fit into memory.
fn check_span(name: &str, workbook: &mut Xlsx<Cursor<&[u8]>>) -> Result<(), ListError> {
    let Some(sheet) = workbook.sheet_names().first().cloned() else {
        return Ok(());
    };
    let mut cells = workbook
        .worksheet_cells_reader(&sheet)
        .map_err(|e| unreadable(name, &e.to_string()))?;
    let (mut rows, mut columns) = (0, 0);
    while let Some(cell) = cells
        .next_cell()
        .map_err(|e| unreadable(name, &e.to_string()))?
    {
        let (row, column) = cell.get_position();
        rows = rows.max(u64::from(row) + 1);
        columns = columns.max(u64::from(column) + 1);
        if rows * columns > MOST_CELLS {
            let expected = format!("a table of at most {MOST_CELLS} cells");
            let cell = format!("row {rows}, column {columns}");
            return Err(value(
                name,
                u64::from(row) + 1,
                u64::from(column) + 1,
                "cell",
                &cell,
                &expected,
            ));
        }
    }
    Ok(())
}

fn unreadable(name: &str, problem: &str) -> ListError {
    workbook::unreadable(name, "xlsx workbook", problem)
}

/// Reads the workbook.
pub(crate) fn read(file: &Opened<'_>) -> Result<Reading, ListError> {
    let name = file.name.as_str();
    let damaged = |problem: String| unreadable(name, &problem);
    workbook::check_size(name, &file.bytes, "xlsx workbook")?;
    let mut workbook: Xlsx<_> =
        Xlsx::new(Cursor::new(file.bytes.as_ref())).map_err(|e| damaged(e.to_string()))?;
    check_span(name, &mut workbook)?;
    let range = workbook
        .worksheet_range_at(0)
        .ok_or_else(|| damaged("it has no sheet".to_owned()))?
        .map_err(|e| damaged(e.to_string()))?;
    let mut gather = Gather::new(file, Format::JpMetiXlsx);
    let first = range.start().map_or(0, |(row, _)| u64::from(row)) + 1;
    let mut rows = range.rows().zip(first..);
    // Titles may stand above the header.
    let header = rows.by_ref().take(20).find(|(row, _)| is_header(row));
    let Some((header, line)) = header else {
        return Err(ListError::MissingColumn {
            place: Place::line(name, first),
            column: HEADER[0].to_owned(),
        });
    };
    for (index, wanted) in HEADER.iter().enumerate() {
        if !words(&text(header, index)).contains(&words(wanted)) {
            return Err(ListError::MissingColumn {
                place: Place::at(name, line, index as u64 + 1),
                column: (*wanted).to_owned(),
            });
        }
    }
    let mut expected = 1_u64;
    let mut ended = None;
    for (row, line) in rows {
        if (0..row.len()).all(|i| text(row, i).is_empty()) {
            continue;
        }
        if let Some(at) = row.iter().position(|c| matches!(c, Data::Error(_))) {
            let expected = "a text; the workbook holds an error in its place";
            return Err(value(
                name,
                line,
                at as u64 + 1,
                "cell",
                &text(row, at),
                expected,
            ));
        }
        if is_header(row) {
            return Err(ListError::RepeatedHeader {
                place: Place::line(name, line),
            });
        }
        let number = text(row, 0);
        if number.is_empty() && text(row, 2).is_empty() {
            ended.get_or_insert(line);
            gather.problem(line, "a note below the table; it is not a record");
            continue;
        }
        if let Some(note) = ended {
            return Err(value(
                name,
                note,
                1,
                "No.",
                "",
                "a number: records follow below",
            ));
        }
        if number != expected.to_string() {
            let wanted = format!("{expected}, the number of the row: rows are missing or doubled");
            return Err(value(name, line, 1, "No.", &number, &wanted));
        }
        let party = party(&gather, row, line, &number)?;
        gather.party(party, 1);
        expected += 1;
    }
    gather.finish("")
}

/// A cell's words in lower case; how they are spaced and on which lines they stand varies.
fn words(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

fn is_header(row: &[Data]) -> bool {
    matches!(words(&text(row, 0)).as_str(), "no" | "no.")
}

fn text(row: &[Data], index: usize) -> String {
    match row.get(index) {
        None | Some(Data::Empty) => String::new(),
        Some(cell) => cell.to_string().trim().to_owned(),
    }
}

fn value(
    file: &str,
    line: u64,
    column: u64,
    field: &'static str,
    value: &str,
    expected: &str,
) -> ListError {
    ListError::Value {
        place: Place::at(file, line, column),
        field,
        value: value.to_owned(),
        expected: expected.to_owned(),
    }
}

/// The country in a cell that has its Japanese and its English name on two lines.
fn country(cell: &str) -> Option<CountryCode> {
    const FORMAL: [&str; 5] = [
        "Islamic Republic of ",
        "People's Republic of ",
        "Republic of ",
        "State of ",
        "Kingdom of ",
    ];
    cell.lines().map(str::trim).find_map(|line| {
        CountryCode::of_name(line).or_else(|| {
            FORMAL
                .iter()
                .find_map(|f| CountryCode::of_name(line.strip_prefix(f)?))
        })
    })
}

fn party(gather: &Gather, row: &[Data], line: u64, number: &str) -> Result<Party, ListError> {
    let file = gather.file.as_str();
    let mut names = lines(&text(row, 2)).into_iter();
    let Some(name) = names.next() else {
        return Err(value(
            file,
            line,
            3,
            "name",
            "",
            "the name of the organisation",
        ));
    };
    let list = ListId::new("jp_meti_ful")
        .ok_or_else(|| value(file, line, 1, "list", "jp_meti_ful", "a known list"))?;
    let source = Format::JpMetiXlsx.source();
    let position = gather.position(line);
    let mut party = Party::named(source, list, number, Kind::Organisation, &name, position);
    for alias in names.chain(lines(&text(row, 3))) {
        party.add_name(&alias, Quality::Strong);
    }
    let place = text(row, 1);
    party.countries.extend(country(&place));
    party.add_labelled("Country or region", &place.replace('\n', " "));
    for (index, label) in [(4, "Type of WMD"), (5, "Conventional weapons")] {
        party.add_labelled(label, &text(row, index).replace('\n', " "));
    }
    // The letters of the second line: B biological, C chemical, M missile, N nuclear; CW.
    for index in [4, 5] {
        let cell = text(row, index);
        let codes = cell.lines().last().unwrap_or_default().trim();
        let codes = codes.trim_start_matches(|c: char| !c.is_ascii());
        for code in codes.split([',', '\u{3001}']).map(str::trim) {
            if !code.is_empty() {
                party.programmes.push(code.to_owned());
            }
        }
    }
    Ok(party)
}

/// The names in a cell. A line that begins with a middle dot is a name; one in parentheses is the
/// name before it in another script; any other continues the line before it.
fn lines(cell: &str) -> Vec<String> {
    const DOTS: [char; 4] = ['\u{30fb}', '\u{ff65}', '\u{b7}', '\u{2022}'];
    const OPEN: [char; 2] = ['(', '\u{ff08}'];
    const CLOSE: [char; 2] = [')', '\u{ff09}'];
    let mut names: Vec<String> = Vec::new();
    for line in cell.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let inside = line.strip_prefix(OPEN).and_then(|l| l.strip_suffix(CLOSE));
        match (inside, names.last_mut()) {
            (Some(inside), _) if !inside.contains(OPEN) => names.push(inside.trim().to_owned()),
            (_, Some(last)) if !line.starts_with(DOTS) => {
                last.push(' ');
                last.push_str(line);
            }
            _ => names.push(line.trim_start_matches(DOTS).trim().to_owned()),
        }
    }
    names
}
