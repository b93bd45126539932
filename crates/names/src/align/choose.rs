//! Which of the possible agreements hold: a set that shares no token, of greatest worth.

use super::{Edge, JOINED};

/// What is maximised, in this order: agreement; then, for equal agreement, less weight spent on
/// it; then more weight covered. Sums, so the order of tokens cannot matter.
type Worth = (u64, i64, u64);

impl Edge {
    fn worth(&self) -> Worth {
        let weight = u64::from(self.weight);
        (
            weight * u64::from(self.similarity),
            -i64::from(self.weight),
            self.matched,
        )
    }

    fn turned(self) -> Self {
        Self {
            a: self.b,
            b: self.a,
            ..self
        }
    }
}

fn plus(x: Worth, y: Worth) -> Worth {
    (x.0 + y.0, x.1 + y.1, x.2 + y.2)
}

/// Most tokens on the smaller side of a group that is aligned optimally.
const OPTIMAL: usize = 12;

/// Most steps that an optimal alignment may take (some milliseconds). Beyond it, and beyond
/// [`OPTIMAL`], the best agreement comes first, which is as deterministic.
const STEPS: usize = 1 << 20;

/// The set of edges that share no token, of greatest worth: each group of edges that compete for
/// tokens on its own, since worths add. The order of `edges` does not matter; `turned` says that
/// the sides are the other way round than in the canonical order.
pub(crate) fn choose(mut edges: Vec<Edge>, turned: bool) -> Vec<Edge> {
    if are_apart(&edges) {
        return edges;
    }
    if turned {
        edges.iter_mut().for_each(|e| *e = e.turned());
    }
    edges.sort_unstable();
    let mut chosen = Vec::with_capacity(edges.len());
    let groups = groups(&edges);
    let mut members = Vec::new();
    let mut at = 0;
    while let Some((group, _)) = groups.get(at) {
        members.clear();
        let own = groups.iter().skip(at).take_while(|(g, _)| g == group);
        members.extend(own.filter_map(|(_, n)| edges.get(*n).copied()));
        at += members.len();
        match members.as_slice() {
            [single] => chosen.push(*single),
            several => choose_among(several, &mut chosen),
        }
    }
    if turned {
        chosen.iter_mut().for_each(|e| *e = e.turned());
    }
    chosen
}

fn over(x: (usize, usize), y: (usize, usize)) -> bool {
    x.0 < y.0 + y.1 && y.0 < x.0 + x.1
}

/// True when no two edges share a token. Many edges always do.
fn are_apart(edges: &[Edge]) -> bool {
    edges.len() <= 16
        && edges.iter().enumerate().all(|(n, e)| {
            edges
                .iter()
                .skip(n + 1)
                .all(|f| !over(e.a, f.a) && !over(e.b, f.b))
        })
}

/// The number of each edge's group with the edge's own, sorted: edges of different groups share no
/// token.
fn groups(edges: &[Edge]) -> Vec<(usize, usize)> {
    let tokens = |side: fn(&Edge) -> (usize, usize)| {
        let ends = edges.iter().map(side).map(|(start, length)| start + length);
        ends.max().unwrap_or(0)
    };
    let a_len = tokens(|e| e.a);
    // A forest over the tokens of both sides.
    let mut parents: Vec<usize> = (0..a_len + tokens(|e| e.b)).collect();
    for e in edges {
        let own = (e.a.0..e.a.0 + e.a.1).chain(a_len + e.b.0..a_len + e.b.0 + e.b.1);
        let first = root(&mut parents, e.a.0);
        for token in own {
            let other = root(&mut parents, token);
            if let Some(parent) = parents.get_mut(other) {
                *parent = first;
            }
        }
    }
    let mut groups: Vec<(usize, usize)> = edges
        .iter()
        .enumerate()
        .map(|(n, e)| (root(&mut parents, e.a.0), n))
        .collect();
    groups.sort_unstable();
    groups
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while let Some(parent) = parents.get(at).copied().filter(|parent| *parent != at) {
        let above = parents.get(parent).copied().unwrap_or(parent);
        if let Some(slot) = parents.get_mut(at) {
            *slot = above;
        }
        at = above;
    }
    at
}

fn choose_among(edges: &[Edge], chosen: &mut Vec<Edge>) {
    let used = |side: fn(&Edge) -> (usize, usize)| -> Vec<usize> {
        let all = edges.iter().map(side);
        let mut all: Vec<usize> = all.flat_map(|(from, length)| from..from + length).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let (a_used, b_used) = (used(|e| e.a), used(|e| e.b));
    let least = a_used.len().min(b_used.len());
    if least > OPTIMAL || edges.len() << least > STEPS {
        greedy(edges.to_vec(), chosen);
    } else if a_used.len() == least {
        optimal(edges, &a_used, &b_used, chosen);
    } else {
        let turned: Vec<Edge> = edges.iter().copied().map(Edge::turned).collect();
        let from = chosen.len();
        optimal(&turned, &b_used, &a_used, chosen);
        let own = chosen.iter_mut().skip(from);
        own.for_each(|e| *e = e.turned());
    }
}

/// Dynamic programme over `b`'s tokens from the last to the first and the set of `a`'s tokens in
/// use: exact, in `2^a_used * edges` steps.
fn optimal(edges: &[Edge], a_used: &[usize], b_used: &[usize], chosen: &mut Vec<Edge>) {
    let mask_of = |e: &Edge| {
        let first = a_used.partition_point(|i| *i < e.a.0);
        ((1_usize << e.a.1) - 1) << first
    };
    // By b's token. Both tokens of a joined edge are in use, so it ends as many places on as it
    // has tokens.
    let mut steps: Vec<(usize, usize, Worth, &Edge)> = edges
        .iter()
        .map(|e| {
            let first = b_used.partition_point(|j| *j < e.b.0);
            (first, mask_of(e), e.worth(), e)
        })
        .collect();
    steps.sort_by_key(|(first, ..)| *first);
    let from = |j: usize| {
        let start = steps.partition_point(|(first, ..)| *first < j);
        let end = steps.partition_point(|(first, ..)| *first <= j);
        steps.get(start..end).unwrap_or_default()
    };
    let states = 1_usize << a_used.len();
    let mut best: Vec<Worth> = vec![(0, 0, 0); (b_used.len() + JOINED) * states];
    let worth = |best: &[Worth], j: usize, mask: usize| {
        best.get(j * states + mask).copied().unwrap_or((0, 0, 0))
    };
    for j in (0..b_used.len()).rev() {
        let own = from(j);
        for mask in 0..states {
            let value = own
                .iter()
                .filter(|(_, m, ..)| m & mask == 0)
                .map(|(_, m, w, e)| plus(*w, worth(&best, j + e.b.1, mask | m)))
                .fold(worth(&best, j + 1, mask), Worth::max);
            if let Some(slot) = best.get_mut(j * states + mask) {
                *slot = value;
            }
        }
    }
    let (mut j, mut mask) = (0, 0);
    while j < b_used.len() {
        let target = worth(&best, j, mask);
        let step = from(j).iter().find(|(_, m, w, e)| {
            m & mask == 0 && plus(*w, worth(&best, j + e.b.1, mask | m)) == target
        });
        match step {
            Some((_, m, _, e)) => {
                chosen.push(**e);
                mask |= m;
                j += e.b.1;
            }
            None => j += 1,
        }
    }
}

fn greedy(mut edges: Vec<Edge>, chosen: &mut Vec<Edge>) {
    let from = chosen.len();
    edges.sort_by(|x, y| y.worth().cmp(&x.worth()).then((x.a, x.b).cmp(&(y.a, y.b))));
    for e in edges {
        let held = chosen.get(from..).unwrap_or_default();
        if held.iter().all(|c| !over(c.a, e.a) && !over(c.b, e.b)) {
            chosen.push(e);
        }
    }
}
