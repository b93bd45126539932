//! Korea's published tables: encodings, columns and numbers, with invented rows, and the real files where they are.

use std::io::Read;

use concord_controls::table::{Encoding, HskTable, KeywordTable, TableError};

use crate::folder::{regime, shared_data};

const KEYWORDS: &str = "통제번호,키워드1,키워드2,키워드3\n3A001.a.,집적회로; IC,칩,\n6A003.,카메라,\"열화상; thermal\",\n";
const HSK: &str = "품목번호,품명(국문),품명(영문),통제번호\nHSKCD,HSKNM,HSENM,CNTRLNO\n9013200000,레이저,Lasers,6A005.\n9013200000,레이저,Lasers,6A205.\n8542310000,칩,Chips,3A001.\n";

fn cp949(text: &str) -> Vec<u8> {
    encoding_rs::EUC_KR.encode(text).0.into_owned()
}

fn keywords(bytes: &[u8]) -> Result<KeywordTable, TableError> {
    KeywordTable::parse("words.csv", bytes, &regime("kr"))
}

fn refused(bytes: &[u8]) -> String {
    keywords(bytes).unwrap_err().to_string()
}

#[test]
fn both_published_encodings_are_read_alike() {
    let marked = [b"\xEF\xBB\xBF".as_slice(), KEYWORDS.as_bytes()].concat();
    let utf8 = keywords(&marked).unwrap();
    let korean = keywords(&cp949(KEYWORDS)).unwrap();
    assert_eq!(
        (utf8.encoding, korean.encoding),
        (Encoding::Utf8, Encoding::Cp949)
    );
    assert_eq!(utf8.rows, korean.rows);
    assert_eq!(utf8.rows[0].number.to_string(), "3A001.a");
    assert_eq!(utf8.rows[1].words[1], ["열화상", "thermal"]);
    assert_ne!(utf8.digest, korean.digest);
    for bytes in [HSK.as_bytes().to_vec(), cp949(HSK)] {
        let table = HskTable::parse("hsk.csv", &bytes, &regime("kr")).unwrap();
        assert_eq!((table.rows.len(), table.links()), (2, 3));
        let found: Vec<String> = table
            .under("901320")
            .flat_map(|r| &r.numbers)
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, ["6A005", "6A205"]);
    }
}

#[test]
fn other_encodings_and_damage_are_refused_with_their_place() {
    let utf16: Vec<u8> = KEYWORDS.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(
        refused(&[b"\xFF\xFE".as_slice(), &utf16].concat())
            .starts_with("words.csv:1:1: the file is UTF-16; right are UTF-8")
    );
    assert!(refused(&utf16).starts_with("words.csv:1:1: there are zero bytes"));
    // CP949 in a file that begins as UTF-8, and bytes of neither.
    let mixed = [
        b"\xEF\xBB\xBF".as_slice(),
        "통제번호,키워드1,키워드2,키워드3\n3A001,".as_bytes(),
        &cp949("각도"),
    ]
    .concat();
    assert!(
        refused(&mixed).starts_with("words.csv:2:7: the file begins as UTF-8"),
        "{}",
        refused(&mixed)
    );
    let neither = [
        cp949("통제번호,키워드1,키워드2,키워드3\n3A001,칩"),
        vec![0xFF, b'\n'],
    ]
    .concat();
    assert!(
        refused(&neither).starts_with("words.csv:2:8: these bytes are neither UTF-8 nor CP949"),
        "{}",
        refused(&neither)
    );
    // Japanese, and Korean that was read as Latin and saved again: both are readable, neither has the columns.
    let japanese = encoding_rs::SHIFT_JIS
        .encode("統制番号,キーワード\n3A001,集積回路\n")
        .0
        .into_owned();
    assert!(
        refused(&japanese).contains("the header lacks `통제번호`")
            || refused(&japanese).contains("neither UTF-8 nor CP949"),
        "{}",
        refused(&japanese)
    );
    let again: String = cp949(KEYWORDS).iter().map(|b| char::from(*b)).collect();
    assert!(refused(again.as_bytes()).starts_with("words.csv:1:1: the header lacks `통제번호`"));
    assert!(
        refused(KEYWORDS.replace("키워드2", "단어").as_bytes())
            .contains("the header lacks `키워드2`")
    );
    assert!(
        refused(KEYWORDS.replace("집적회로", "집적\u{FFFD}로").as_bytes())
            .starts_with("words.csv:2:12: `\u{FFFD}`")
    );
    assert!(
        refused(KEYWORDS.replace("6A003.", "6A777.").as_bytes())
            .starts_with("words.csv:3:1: the control number `6A777` is not in the list of KR")
    );
    assert!(
        refused(KEYWORDS.replace("6A003.", "카메라").as_bytes())
            .starts_with("words.csv:3:1: `카메라` is not a control number")
    );
    assert!(
        refused(KEYWORDS.replace("6A003.", "3A001.a").as_bytes())
            .ends_with("is given twice, first at words.csv:2:1")
    );
    assert!(
        refused(KEYWORDS.replace(",카메라,", ",").as_bytes())
            .starts_with("words.csv:3:1: the row has 3 cells")
    );
    for empty in ["", "통제번호,키워드1,키워드2,키워드3\n"] {
        assert!(refused(empty.as_bytes()).ends_with("the table has no rows"));
    }
    assert!(refused(b"\xD0\xCF\x11\xE0").contains("older kind"));
    assert!(refused(b"PK\x03\x04 and no workbook").contains("not a readable xlsx workbook"));
    let hsk = |text: &str| {
        HskTable::parse("hsk.csv", text.as_bytes(), &regime("kr"))
            .unwrap_err()
            .to_string()
    };
    assert!(
        hsk(&HSK.replace("8542310000", "칩 10개"))
            .starts_with("hsk.csv:5:1: `칩 10개` is not a customs code")
    );
    assert!(
        hsk(&HSK.replace("6A005.", "laser"))
            .starts_with("hsk.csv:3:4: `laser` is not a control number")
    );
    assert!(hsk(&HSK.replace("6A", "0B")).starts_with("hsk.csv:3:4: 2 of 3 control numbers"));
    // One number of an older edition is told and no candidate.
    let older = HskTable::parse(
        "hsk.csv",
        HSK.replace("6A205", "0B001").as_bytes(),
        &regime("kr"),
    )
    .unwrap();
    assert_eq!(
        (
            older.links(),
            older.not_in_list.len(),
            &*older.not_in_list[0].0
        ),
        (2, 1, "0B001")
    );
}

#[test]
fn the_published_files_are_read_whole_and_any_cut_is_noticed_or_harmless() {
    let Some(data) = shared_data() else {
        return;
    };
    let list = regime("kr");
    let bytes = std::fs::read(data.join("regs/kr/control-number-keywords-2026-05-22.csv")).unwrap();
    let table = KeywordTable::parse("keywords.csv", &bytes, &list).unwrap();
    assert_eq!((table.rows.len(), table.encoding), (1_006, Encoding::Utf8));
    for cut in (0..bytes.len()).step_by(bytes.len() / 60) {
        let _ = KeywordTable::parse("cut.csv", &bytes[..cut], &list);
    }
    let packed = std::fs::read(data.join("regs/kr/hsk-control-number-2018-11-26.csv.gz")).unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(&packed[..])
        .read_to_end(&mut bytes)
        .unwrap();
    let table = HskTable::parse("hsk.csv", &bytes, &list).unwrap();
    assert_eq!((table.rows.len(), table.encoding), (1_849, Encoding::Cp949));
    assert_eq!(table.not_in_list.len(), 154);
}
