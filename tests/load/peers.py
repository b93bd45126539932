"""How peers judge labelled pairs of names, for the tables of docs/screening.md.

    python -m venv V && V/bin/pip install nomenklatura rapidfuzz
    CONCORD_TEST_DATA=... CONCORD_ALIASES=aliases.csv cargo test --release -p concord-names --test aliases
    V/bin/python tests/load/peers.py aliases.csv crates/names/tests/pairs/*.csv

Reads columns name1, name2, schema, match, kind; prints, for each peer and kind, recall and F1 at the
peer's own threshold (0.7; for rapidfuzz 90 of 100), and pairs a second. The peers take turns pair by
pair, so that they meet the same machine.
"""

import csv
import sys
import time
from collections import defaultdict

from followthemoney import model
from nomenklatura.matching import LogicV1, LogicV2
from rapidfuzz import fuzz, utils


def entity(schema, name, key):
    """A party with nothing but a name. Keys differ, since the peer keeps what it knows by key."""
    kinds = {"Person": "Person", "Company": "Company", "Vessel": "Vessel"}
    data = {"id": key, "schema": kinds.get(schema, "LegalEntity"), "properties": {"name": [name]}}
    return model.get_proxy(data)


def judge_with(algorithm):
    config = algorithm.default_config()

    def judge(row, key):
        own, other = entity(row["schema"], row["name1"], f"a{key}"), entity(row["schema"], row["name2"], f"b{key}")
        return algorithm.compare(own, other, config).score >= 0.7

    return judge


def main():
    rows = [row for path in sys.argv[1:] for row in csv.DictReader(open(path, encoding="utf-8"))]
    peers = {
        "logic-v2": judge_with(LogicV2),
        "logic-v1": judge_with(LogicV1),
        "rapidfuzz token_sort_ratio": lambda row, _: fuzz.token_sort_ratio(
            row["name1"], row["name2"], processor=utils.default_process
        )
        >= 90,
    }
    counts = {name: defaultdict(lambda: [0, 0, 0]) for name in peers}
    seconds = dict.fromkeys(peers, 0.0)
    for key, row in enumerate(rows):
        for name, judge in peers.items():
            start = time.perf_counter()
            hit = judge(row, key)
            seconds[name] += time.perf_counter() - start
            same = row["match"] == "true"
            count = counts[name][f"{row['kind']} {row['schema']}"]
            count[0] += hit and same
            count[1] += same and not hit
            count[2] += hit and not same
    for name in peers:
        print(f"{name}: {len(rows) / seconds[name]:.0f} pairs a second")
        for kind, (hits, missed, wrong) in sorted(counts[name].items()):
            recall = hits / max(hits + missed, 1)
            f1 = 2 * hits / max(2 * hits + missed + wrong, 1)
            print(f"  {kind}: recall {recall:.2f} of {hits + missed}, F1 {f1:.2f}")


if __name__ == "__main__":
    main()
