//! Every reader against files that were changed at random: it never panics, it ends, and what it
//! refuses it refuses with a place. A plain function on a stable compiler: a fixed seed, so that a
//! failure is there again.
//!
//! `CONCORD_FUZZ_RUNS` (default 100,000) and `CONCORD_FUZZ_SEED` (default 1):
//!
//! `CONCORD_FUZZ_RUNS=5000000 cargo test --release -p concord-lists fuzz -- --nocapture`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use concord_lists::{ListError, ReadOptions, SourceFile, decompress, read};

use crate::samples::{OFSI, SAMPLES, UK_CSV, japan, spreadsheet};

/// What the readers look for, put in where it does not belong.
const WORDS: [&str; 40] = [
    "\"",
    "\"\"",
    ",",
    ";",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\0",
    "\u{1a}",
    "\u{feff}",
    "\u{fffd}",
    "-0- ",
    "<",
    ">",
    "</",
    "/>",
    "&",
    "&amp;",
    "&#x0;",
    "&#xFFFFFFFF;",
    "<!--",
    "<![CDATA[",
    "]]>",
    "<?",
    "<!DOCTYPE",
    "{",
    "}",
    "[",
    "]",
    ":",
    "null",
    "1e999",
    "\\ud800",
    "99999999999999999999",
    "00/00/0000",
    "circa ",
    "true",
    "(",
    "\u{202e}",
];

/// Numbers by xorshift (Marsaglia, 2003): the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }
}

/// Files to begin with: a set of files, each with its name.
type Seed = Vec<(String, Vec<u8>)>;

fn seeds() -> Vec<Seed> {
    let alone = |name: &str, bytes: Vec<u8>| vec![(name.to_owned(), bytes)];
    let mut seeds: Vec<Seed> = SAMPLES
        .iter()
        .map(|(name, _, content)| alone(name, content.as_bytes().to_vec()))
        .collect();
    seeds.push(alone("list.xlsx", japan("", 0)));
    seeds.push(alone("uk.ods", spreadsheet(UK_CSV, "")));
    seeds.push(alone("ofsi.ods", spreadsheet(OFSI, "")));
    let row = "7,\"EXAMPLE, Ann\",individual,\"SDGT\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB circa 1954; Passport A1 (Somalia).\"\r\n\u{1a}";
    let set = [
        ("sdn.csv", row),
        (
            "add.csv",
            "7,1,\"1 Road\",\"Town\",\"Somalia\",-0- \r\n\u{1a}",
        ),
        ("alt.csv", "7,2,\"aka\",\"ANN\",-0- \r\n\u{1a}"),
        ("sdn_comments.csv", "7,\"more\"\r\n\u{1a}"),
    ];
    let file = |(name, content): (&str, &str)| (name.to_owned(), content.as_bytes().to_vec());
    seeds.push(set.map(file).to_vec());
    let tables = [
        (
            "subjects.csv",
            "unique_id,subject_type,date_designated\nA1,individual,24/03/2007\n",
        ),
        (
            "subject_names.csv",
            "unique_id,name_type,alias_strength,full_name\nA1,primary,,Ann Example\n",
        ),
        (
            "subject_dobs.csv",
            "unique_id,year,month,day,precision\nA1,1954,,,circa\n",
        ),
        (
            "subject_identifiers.csv",
            "unique_id,raw_value,identifier_type\nA1,A1,passport\n",
        ),
        (
            "subject_countries.csv",
            "unique_id,raw_value,country_type,iso\nA1,Somalia,nationality,SO\n",
        ),
    ];
    seeds.push(tables.map(file).to_vec());
    if let Some(data) = crate::published::data() {
        let mut files = Vec::new();
        collect(&data, &mut files);
        for path in files {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let bytes = std::fs::read(&path).unwrap();
            let mut plain = decompress(&name, &bytes, u64::MAX).unwrap().into_owned();
            // Workbooks have their directory at the end; it takes long to unpack a whole one.
            if !name.ends_with("xlsx") {
                plain.truncate(2_000);
                seeds.push(alone(name.trim_end_matches(".gz"), plain));
            }
        }
    }
    seeds
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    let mut found: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    for path in found {
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn mutate(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let end = (at + random.below(64)).min(bytes.len());
    match random.below(9) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        1 if at < bytes.len() => bytes[at] = u8::try_from(random.below(256)).unwrap(),
        2 => drop(bytes.drain(at..end)),
        3 => bytes.truncate(at),
        4 => {
            let copy = bytes[at..end].to_vec();
            bytes.splice(at..at, copy);
        }
        5 => {
            let from = random.below(other.len() + 1);
            let to = (from + random.below(200)).min(other.len());
            bytes.splice(at..at, other[from..to].iter().copied());
        }
        6 => {
            // A line again, elsewhere.
            let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
            let line = lines[random
                .below(lines.len().max(1))
                .min(lines.len().saturating_sub(1))..]
                .first()
                .map_or(Vec::new(), |l| l.to_vec());
            bytes.splice(at..at, line);
        }
        7 => {
            // A run of one byte, to be longer than anything expects.
            let byte = bytes.get(at).copied().unwrap_or(b' ');
            let run = vec![byte; random.below(3_000)];
            bytes.splice(at..at, run);
        }
        _ => {
            let word = WORDS[random.below(WORDS.len())];
            bytes.splice(at..at, word.bytes());
        }
    }
}

/// Other letters and digits in their places: what stays a list is read to its end.
fn reword(bytes: &mut [u8], random: &mut Random) {
    const LETTERS: &[u8] = b"aeKz09-.' /";
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        if let Some(byte) = bytes.get_mut(at).filter(|b| b.is_ascii_alphanumeric()) {
            *byte = LETTERS[random.below(LETTERS.len())];
        }
    }
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |n| n.parse().expect("a number"))
}

#[test]
fn fuzz() {
    let (runs, seed) = (
        number("CONCORD_FUZZ_RUNS", 100_000),
        number("CONCORD_FUZZ_SEED", 1),
    );
    let seeds = seeds();
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut read_well: BTreeMap<&'static str, u64> = BTreeMap::new();
    let (mut refused, mut slowest) = (0_u64, Duration::ZERO);
    let begun = Instant::now();
    for run in 0..runs {
        let mut files = seeds[random.below(seeds.len())].clone();
        let other = &seeds[random.below(seeds.len())][0].1;
        let which = random.below(files.len());
        if random.below(2) == 0 {
            reword(&mut files[which].1, &mut random);
        } else {
            for _ in 0..=random.below(5) {
                let which = random.below(files.len());
                mutate(&mut files[which].1, other, &mut random);
            }
        }
        let started = Instant::now();
        let given: Vec<SourceFile<'_>> = files
            .iter()
            .map(|(name, bytes)| SourceFile { name, bytes })
            .collect();
        match read(&given, &ReadOptions::default()) {
            Ok(reading) => {
                assert!(
                    !reading.parties.is_empty(),
                    "run {run}: a list without parties"
                );
                assert!(
                    reading.parties.iter().all(|p| !p.names.is_empty()),
                    "run {run}"
                );
                *read_well.entry(reading.format.as_str()).or_default() += 1;
            }
            Err(error) => {
                refused += 1;
                let whole = matches!(
                    error,
                    ListError::MissingFile { .. } | ListError::StrayFile { .. }
                );
                let known = files.iter().any(|(name, _)| name == error.file());
                assert!(
                    whole || (known && error.place().is_some()),
                    "run {run}: {error}"
                );
            }
        }
        let took = started.elapsed();
        slowest = slowest.max(took);
        assert!(took < Duration::from_secs(10), "run {run} took {took:?}");
    }
    eprintln!(
        "{runs} runs in {:?}: {refused} refused, slowest {slowest:?}, read {read_well:?}",
        begun.elapsed()
    );
    if runs >= 100_000 {
        // What is refused at its first byte tests nothing: every format was also read to its end.
        assert!(read_well.len() >= 20, "{read_well:?}");
    }
}
