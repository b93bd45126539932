//! Any text is a name: nothing panics, and what holds for every pair holds for it.
//!
//! A stable driver: the texts follow from the number of the run. 100,000 by default in release (CI
//! runs fewer unoptimised ones); `CONCORD_FUZZ_RUNS=5000000 cargo test --release -p concord-names
//! --test fuzz -- --nocapture` for more.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use concord_names::{Corpus, FULL, Form, Name, Profile, Qualifiers, Subject, explain, verify};

/// Names of every script, and what has troubled readers of names.
const SEEDS: [&str; 24] = [
    "KIM, Jong Un",
    "김정은",
    "주식회사 가상물산 (주)",
    "조선무역은행 제2",
    "华为技术有限公司",
    "中国航天科技集団公司第五十四研究所",
    "株式会社ソニー",
    "Владимир Владимирович Путин",
    "Общество с ограниченной ответственностью \"Нева\"",
    "ААТ «БЕЛАЗ» імя В.І. Казлова",
    "محمد بن سلمان آل سعود",
    "شرکت صنایع هواپیماسازی ایران",
    "בנימין נתניהו",
    "Αλέξης Τσίπρας",
    "ธนาคารกรุงไทย",
    "ნინო ბურჯანაძე",
    "Lukaševič Şenol Ćosić Źdźbło",
    "S.A. de C.V. & Co. KG (GmbH); and any successor",
    "Brigade Forty-Four, 1st 22nd 100th",
    "B737-800 IMO 9187629 Sokol0v",
    "((()）（ ; ( a b",
    "\u{0}\u{feff}\u{202e}\u{200d}\u{301}\u{1f469}\u{200d}\u{1f680}",
    "ﷺ ﬃ ㈱ ㏍ ① ½ ǆ İ ß ſ",
    "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z",
];

/// Xorshift: the same numbers everywhere.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % below.max(1)
    }

    fn text(&mut self) -> String {
        let mut chars: Vec<char> = SEEDS[self.next(SEEDS.len())].chars().collect();
        for _ in 0..self.next(5) {
            let at = self.next(chars.len() + 1);
            match self.next(6) {
                0 if at < chars.len() => {
                    chars.remove(at);
                }
                1 => {
                    let other: Vec<char> = SEEDS[self.next(SEEDS.len())].chars().collect();
                    let from = self.next(other.len());
                    chars.splice(at..at, other[from..].iter().take(8).copied());
                }
                2 if !chars.is_empty() => {
                    let same = chars[self.next(chars.len())];
                    chars.insert(at, same);
                }
                3 => chars.truncate(at),
                4 => chars.insert(at, ' '),
                _ => {
                    let code = u32::try_from(self.next(0x11_0000)).unwrap();
                    chars.insert(at, char::from_u32(code).unwrap_or('\u{fffd}'));
                }
            }
        }
        chars.into_iter().collect()
    }
}

#[test]
fn any_text_is_read_and_explained() {
    let default = if cfg!(debug_assertions) {
        1_000
    } else {
        100_000
    };
    let runs = std::env::var("CONCORD_FUZZ_RUNS").map_or(default, |n| n.parse().unwrap());
    let corpus = Corpus::default();
    let subjects = [
        Subject::Unknown,
        Subject::Person,
        Subject::Organisation,
        Subject::Craft,
    ];
    let mut hits = 0_u64;
    for run in 0..runs {
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15 ^ (run + 1_u64).wrapping_mul(0xd1b5_4a32));
        let (a, b) = (numbers.text(), numbers.text());
        let facts = Qualifiers {
            subject: subjects[numbers.next(4)],
            ..Qualifiers::default()
        };
        let profile = Profile::ALL[numbers.next(3)];
        assert!(!Form::all(&a).is_empty());
        let name = Name::new(&a);
        assert_eq!(name, Name::new(&a));
        let found = explain(&a, &facts, &b, &facts, &corpus, profile);
        assert!(
            found.score <= found.name_score && found.name_score <= FULL,
            "{a:?} {b:?}"
        );
        assert_eq!(verify(&found), Ok(found.score), "{a:?} {b:?}");
        hits += u64::from(found.score >= profile.threshold);
    }
    eprintln!("{runs} runs, {hits} hits");
}
