//! What a disk may hold after a power cut: from the calls of a run, every write and every name that was
//! not flushed may be there, be missing, or be there in part.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::traced::{Call, calls, string};

/// A disk writes this many bytes at once or not at all.
const SECTOR: usize = 512;

/// One step of a run.
#[derive(Clone, Debug)]
pub enum Step {
    /// A file's contents or a directory's names change.
    Change(Change),
    /// A file's contents are on the disk.
    Flushed(usize),
    /// A directory's names are on the disk.
    Named(PathBuf),
    /// The ledger has a line more.
    Said(String),
}

/// A change that a power cut may undo as long as it is not flushed.
#[derive(Clone, Debug)]
pub enum Change {
    /// Bytes of a file.
    Write(usize, usize, Vec<u8>),
    /// The length of a file.
    Length(usize, usize),
    /// A name for a file, in a directory.
    Link(PathBuf, usize),
    /// A name that is gone.
    Unlink(PathBuf),
    /// A directory.
    Directory(PathBuf),
}

impl Change {
    /// The directory whose names change, or none.
    fn directory(&self) -> Option<&Path> {
        match self {
            Self::Write(..) | Self::Length(..) => None,
            Self::Link(path, _) | Self::Unlink(path) | Self::Directory(path) => path.parent(),
        }
    }

    /// Whether this flush covers it.
    fn is_flushed_by(&self, step: &Step) -> bool {
        match (self, step) {
            (Self::Write(file, ..) | Self::Length(file, _), Step::Flushed(flushed)) => {
                file == flushed
            }
            (_, Step::Named(dir)) => self.directory() == Some(dir),
            _ => false,
        }
    }
}

/// Files by number, and their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Disk {
    contents: BTreeMap<usize, Vec<u8>>,
    names: BTreeMap<PathBuf, usize>,
    directories: BTreeSet<PathBuf>,
}

impl Disk {
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Write(file, at, bytes) => {
                let contents = self.contents.entry(*file).or_default();
                contents.resize(contents.len().max(at + bytes.len()), 0);
                contents[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Change::Length(file, length) => {
                self.contents.entry(*file).or_default().resize(*length, 0);
            }
            Change::Link(path, file) => {
                self.names.retain(|_, named| named != file); // a file has one name here
                self.names.insert(path.clone(), *file);
            }
            Change::Unlink(path) => drop(self.names.remove(path)),
            Change::Directory(path) => drop(self.directories.insert(path.clone())),
        }
    }

    /// Writes it out under `root`, where the run had `dir`.
    pub fn write(&self, dir: &Path, root: &Path) {
        let place = |path: &Path| root.join(path.strip_prefix(dir).unwrap());
        for directory in self.directories.iter().filter(|d| d.starts_with(dir)) {
            std::fs::create_dir_all(place(directory)).unwrap();
        }
        for (path, file) in &self.names {
            let target = place(path);
            // A file in a directory whose own name was lost is lost with it.
            if target.parent().is_some_and(Path::is_dir) {
                let contents = self.contents.get(file).map_or(&[][..], Vec::as_slice);
                std::fs::write(target, contents).unwrap();
            }
        }
    }
}

/// The steps of a run on the files in `dir`, and what the disk held before.
#[derive(Debug)]
pub struct Recording {
    before: Disk,
    steps: Vec<Step>,
    next: usize,
}

impl Recording {
    /// Begins with what is in `dir`.
    pub fn begin(dir: &Path) -> Self {
        let (mut before, mut next) = (Disk::default(), 0);
        before.directories.insert(dir.to_owned());
        let mut folders = vec![dir.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    before.directories.insert(path.clone());
                    folders.push(path);
                } else {
                    before.contents.insert(next, std::fs::read(&path).unwrap());
                    before.names.insert(path, next);
                    next += 1;
                }
            }
        }
        Self {
            before,
            steps: Vec::new(),
            next,
        }
    }

    /// Reads a trace. Files outside `dir` are not looked at, but for the ledger.
    pub fn read(&mut self, dir: &Path, trace: &str) {
        let mut names = self.before.names.clone();
        let mut directories = self.before.directories.clone();
        // Where the next write without a place goes, by thread-shared descriptor.
        let mut places = BTreeMap::<String, usize>::new();
        for call in calls(trace) {
            let steps = self.call(dir, &call, &mut names, &mut directories, &mut places);
            self.steps.extend(steps);
        }
    }

    fn call(
        &mut self,
        dir: &Path,
        call: &Call,
        names: &mut BTreeMap<PathBuf, usize>,
        directories: &mut BTreeSet<PathBuf>,
        places: &mut BTreeMap<String, usize>,
    ) -> Vec<Step> {
        let Call {
            name,
            arguments,
            returned,
            ..
        } = call;
        if returned.starts_with('-') || returned.is_empty() {
            return Vec::new();
        }
        let path = |bytes: Vec<u8>| PathBuf::from(String::from_utf8(bytes).unwrap());
        let descriptor = arguments.split('<').next().unwrap_or_default().to_owned();
        match name.as_str() {
            "openat" => {
                let Some((opened, _)) = string(returned) else {
                    return Vec::new();
                };
                let opened = path(opened);
                let number = returned.split('<').next().unwrap_or_default().to_owned();
                places.insert(number, 0);
                if !opened.starts_with(dir) || !arguments.contains("O_CREAT") {
                    return Vec::new();
                }
                if let Some(file) = names.get(&opened) {
                    let emptied = Step::Change(Change::Length(*file, 0));
                    return arguments
                        .contains("O_TRUNC")
                        .then_some(emptied)
                        .into_iter()
                        .collect();
                }
                let file = self.next;
                self.next += 1;
                names.insert(opened.clone(), file);
                vec![Step::Change(Change::Link(opened, file))]
            }
            "mkdir" => {
                let made = path(string(arguments).unwrap().0);
                if !made.starts_with(dir) || !directories.insert(made.clone()) {
                    return Vec::new();
                }
                vec![Step::Change(Change::Directory(made))]
            }
            "rename" => {
                let (from, rest) = string(arguments).unwrap();
                let (from, to) = (path(from), path(string(rest).unwrap().0));
                match names.remove(&from) {
                    None => Vec::new(),
                    Some(file) => {
                        names.insert(to.clone(), file);
                        vec![Step::Change(Change::Link(to, file))]
                    }
                }
            }
            "unlink" => {
                let gone = path(string(arguments).unwrap().0);
                match names.remove(&gone) {
                    None => Vec::new(),
                    Some(_) => vec![Step::Change(Change::Unlink(gone))],
                }
            }
            "write" | "pwrite64" | "ftruncate" | "fsync" | "fdatasync" => {
                let (of, rest) = string(arguments).unwrap();
                let of = path(of);
                if of.ends_with("ledger") && name == "write" {
                    let text = String::from_utf8(string(rest).unwrap().0).unwrap();
                    return text
                        .lines()
                        .map(|line| Step::Said(line.to_owned()))
                        .collect();
                }
                if directories.contains(&of) {
                    return vec![Step::Named(of)];
                }
                let Some(file) = names.get(&of).copied() else {
                    return Vec::new();
                };
                let number = |text: &str| text.trim().parse::<usize>().unwrap();
                let change = match name.as_str() {
                    "fsync" | "fdatasync" => return vec![Step::Flushed(file)],
                    "ftruncate" => Change::Length(file, number(rest.trim_start_matches(','))),
                    _ => {
                        let (bytes, rest) = string(rest).unwrap();
                        let written = number(returned);
                        assert_eq!(bytes.len(), written, "the trace has all bytes");
                        let at = match name.as_str() {
                            "pwrite64" => number(rest.rsplit(',').next().unwrap()),
                            _ => *places.get(&descriptor).unwrap_or(&0),
                        };
                        places.insert(descriptor, at + written);
                        Change::Write(file, at, bytes)
                    }
                };
                vec![Step::Change(change)]
            }
            _ => Vec::new(),
        }
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// What the ledger had after the first `cut` steps.
    pub fn said(&self, cut: usize) -> Vec<&str> {
        let said = self.steps[..cut].iter().filter_map(|step| match step {
            Step::Said(line) => Some(line.as_str()),
            _ => None,
        });
        said.collect()
    }

    /// What the disk may hold when the power goes after the first `cut` steps: nothing that was not
    /// flushed, all of it, all but one change, one change alone, and `random` mixtures with torn writes.
    pub fn states(&self, cut: usize, random: u64) -> BTreeSet<Disk> {
        let mut base = self.before.clone();
        let mut open: Vec<Change> = Vec::new();
        for step in &self.steps[..cut] {
            match step {
                Step::Change(change) => open.push(change.clone()),
                Step::Said(_) => {}
                flush => {
                    let (flushed, left) = open.into_iter().partition(|c| c.is_flushed_by(flush));
                    let flushed: Vec<Change> = flushed;
                    flushed.iter().for_each(|change| base.apply(change));
                    open = left;
                }
            }
        }
        let with = |chosen: &dyn Fn(usize, &Change) -> Option<Change>| {
            let mut disk = base.clone();
            let chosen = open.iter().enumerate().filter_map(|(i, c)| chosen(i, c));
            chosen.for_each(|change| disk.apply(&change));
            disk
        };
        let mut states = BTreeSet::from([with(&|_, _| None), with(&|_, c| Some(c.clone()))]);
        let last = open.len().saturating_sub(6);
        for one in (0..open.len()).filter(|i| *i < 3 || *i >= last) {
            states.insert(with(&|i, c| (i != one).then(|| c.clone())));
            states.insert(with(&|i, c| (i == one).then(|| c.clone())));
        }
        for seed in 0..random {
            let draw = |i: usize| mixed(seed << 40 | (cut as u64) << 20 | i as u64);
            states.insert(with(&|i, change| match draw(i) % 4 {
                0 => None,
                1 => Some(torn(change, draw(i) >> 8)),
                _ => Some(change.clone()),
            }));
        }
        states
    }
}

/// A write of which only some sectors have reached the disk: the first ones, or the last ones.
fn torn(change: &Change, draw: u64) -> Change {
    let Change::Write(file, at, bytes) = change else {
        return change.clone();
    };
    let sectors = bytes.len().div_ceil(SECTOR).max(1) as u64;
    let keep = ((draw % sectors) as usize * SECTOR).min(bytes.len());
    match draw >> 32 & 1 {
        0 => Change::Write(*file, *at, bytes[..keep].to_vec()),
        _ => Change::Write(*file, at + keep, bytes[keep..].to_vec()),
    }
}

/// A fixed scrambling of a number, so that every run draws the same.
fn mixed(n: u64) -> u64 {
    let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ n >> 31
}
