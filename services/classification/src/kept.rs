//! The last few comparisons of whole lists: the pages of one question are cut from one comparison.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use concord_licensing::{Uncompared, Weighed};

/// How many are kept. One of both whole lists takes some ten megabytes.
const MOST: usize = 4;

/// A comparison that was made.
#[derive(Debug)]
pub struct Compared {
    /// What one side alone controls, those that affect the most destinations first.
    pub weighed: Vec<Weighed>,
    /// What is missing, with the reason.
    pub not_compared: Vec<Uncompared>,
    /// How many pairs of entries were compared.
    pub pairs: usize,
}

/// Comparisons by what they answer: the editions, their dates and the scope. Editions are immutable, so an answer never ages.
#[derive(Debug, Default)]
pub struct Kept {
    answers: Mutex<VecDeque<(String, Arc<Compared>)>>,
}

impl Kept {
    /// The comparison that answers `question`, where it is still here.
    pub fn get(&self, question: &str) -> Option<Arc<Compared>> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let place = answers.iter().position(|(known, _)| known == question)?;
        let found = answers.remove(place)?;
        let answer = Arc::clone(&found.1);
        answers.push_back(found);
        Some(answer)
    }

    /// Keeps a comparison; the one that was asked for longest ago goes.
    pub fn keep(&self, question: String, answer: Arc<Compared>) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|(known, _)| *known != question);
        answers.push_back((question, answer));
        if answers.len() > MOST {
            answers.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_few_are_kept() {
        let kept = Kept::default();
        let answer = Arc::new(Compared {
            weighed: Vec::new(),
            not_compared: Vec::new(),
            pairs: 0,
        });
        for n in 0..MOST {
            kept.keep(n.to_string(), Arc::clone(&answer));
        }
        assert!(kept.get("0").is_some());
        kept.keep("another".to_owned(), answer);
        let known = ["0", "1", "another"].map(|question| kept.get(question).is_some());
        assert_eq!(known, [true, false, true]);
    }
}
