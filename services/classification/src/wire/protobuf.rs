//! Writes protobuf messages field by field, in the order of their numbers and without what has its default: the same bytes that
//! the generated types make, without building them first.
//!
//! Wire format: <https://protobuf.dev/programming-guides/encoding>.

/// The bytes of a message, as far as they are written.
#[derive(Debug, Default)]
pub struct Message {
    bytes: Vec<u8>,
}

/// Wire type of numbers, flags and enums.
const VARINT: u32 = 0;
/// Wire type of texts and messages.
const LENGTH: u32 = 2;
/// Most bytes of a length that fits into two.
const TWO_BYTES: usize = 1 << 14;

impl Message {
    /// An empty message with room for this many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
        }
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// A text; an empty one is its default.
    pub fn text(&mut self, field: u32, text: &str) {
        if !text.is_empty() {
            self.each(field, text);
        }
    }

    /// One text of a repeated field; an empty one counts too.
    pub fn each(&mut self, field: u32, text: &str) {
        self.key(field, LENGTH);
        self.varint(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// A text of several parts.
    pub fn parts(&mut self, field: u32, parts: &[&str]) {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if length == 0 {
            return;
        }
        self.key(field, LENGTH);
        self.varint(length as u64);
        for part in parts {
            self.bytes.extend_from_slice(part.as_bytes());
        }
    }

    /// A number; zero is its default.
    pub fn number(&mut self, field: u32, number: u64) {
        if number != 0 {
            self.key(field, VARINT);
            self.varint(number);
        }
    }

    /// A count; what a message cannot hold is its largest number.
    pub fn count(&mut self, field: u32, count: usize) {
        self.number(field, u32::try_from(count).unwrap_or(u32::MAX).into());
    }

    /// A value of an enum.
    pub fn choice(&mut self, field: u32, choice: impl Into<i32>) {
        self.number(field, u64::try_from(choice.into()).unwrap_or_default());
    }

    /// A flag; false is its default.
    pub fn flag(&mut self, field: u32, flag: bool) {
        self.number(field, flag.into());
    }

    /// A message; an empty one is written too.
    pub fn message(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        self.key(field, LENGTH);
        let at = self.bytes.len();
        // Room for the usual length; the few messages that need another are moved.
        self.bytes.extend_from_slice(&[0, 0]);
        let begin = self.bytes.len();
        write(self);
        let length = self.bytes.len() - begin;
        if !(1 << 7..TWO_BYTES).contains(&length) {
            let mut varint = Self::default();
            varint.varint(length as u64);
            self.bytes.splice(at..begin, varint.bytes);
        } else if let Some([low, high]) = self.bytes.get_mut(at..begin) {
            *low = (length & 0x7f) as u8 | 0x80;
            *high = (length >> 7) as u8;
        }
    }

    /// Fields that were written before.
    pub fn fields(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn key(&mut self, field: u32, wire_type: u32) {
        self.varint((field << 3 | wire_type).into());
    }

    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }
}

#[cfg(test)]
mod tests {
    use concord_proto::types::{LocalizedText, Question};
    use prost::Message as _;

    use super::Message;

    #[test]
    fn messages_of_every_length_have_the_bytes_of_the_generated_types() {
        for length in [
            0, 1, 100, 119, 120, 127, 128, 1_000, 16_300, 16_383, 16_384, 70_000,
        ] {
            let text = LocalizedText {
                language: "ko".to_owned(),
                text: "x".repeat(length),
            };
            let question = Question {
                input: "가".repeat(length),
                thresholds: vec![String::new(), "a".to_owned()],
                closes: u32::try_from(length).unwrap_or_default(),
                could_raise: length % 2 == 0,
                text: vec![text.clone(), LocalizedText::default()],
                ..Question::default()
            };
            let mut written = Message::default();
            written.text(1, &question.input);
            for threshold in &question.thresholds {
                written.each(4, threshold);
            }
            written.count(5, length);
            written.flag(7, question.could_raise);
            written.message(8, |m| {
                m.text(1, &text.language);
                m.parts(2, &["", &text.text]);
            });
            written.message(8, |_| ());
            assert_eq!(written.into_bytes(), question.encode_to_vec(), "{length}");
        }
    }
}
