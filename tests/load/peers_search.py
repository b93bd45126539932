"""How long peers take to search the same lists for the same names, for the table of docs/performance.md.

    python -m venv V && V/bin/pip install nomenklatura rapidfuzz
    cargo test --release -p concord-names --test load --no-run      # prints the program's path
    CONCORD_TEST_DATA=... V/bin/python tests/load/peers_search.py PROGRAM [QUERIES]

The program reads every list, tells the names and answers queries; the peers get the same names. They take
turns query by query, so that they meet the same machine. rapidfuzz's process.extract compares every name,
normalised before; logic-v2 has no search of its own, so it compares one name in SAMPLE and its time is
multiplied (each pair costs the same, whatever the others are).
"""

import os
import statistics
import subprocess
import sys
import time

from followthemoney import model
from nomenklatura.matching import LogicV2
from rapidfuzz import fuzz, process, utils

SAMPLE = 200


def entity(name, key):
    data = {"id": key, "schema": "LegalEntity", "properties": {"name": [name]}}
    return model.get_proxy(data)


class Ours:
    """The engine in a process of its own, which measures the search alone."""

    def __init__(self, program):
        env = os.environ | {"CONCORD_ASKED": "1"}
        self.process = subprocess.Popen(
            [program, "speed", "--ignored", "--nocapture"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
        )
        self.names, self.queries = [], []
        for line in self.process.stdout:
            word, *fields = line.rstrip("\n").split("\t")
            if word == "name":
                self.names.append(fields[0])
            elif word == "query":
                self.queries.append((fields[0], fields[1]))
            elif word == "ready":
                return
        sys.exit("the program ended: is CONCORD_TEST_DATA set?")

    def search(self, query):
        self.process.stdin.write(query + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("answer\t"):
                return int(line.split("\t")[1]) / 1e9
        sys.exit("the program ended")


def main():
    ours = Ours(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    queries = [query for _, query in ours.queries[:: max(1, len(ours.queries) // count)]]
    plain = [utils.default_process(name) for name in ours.names]
    sample = [entity(name, f"listed{n}") for n, name in enumerate(ours.names[::SAMPLE])]
    config = LogicV2.default_config()

    def rapidfuzz(query):
        start = time.perf_counter()
        process.extract(utils.default_process(query), plain, scorer=fuzz.token_sort_ratio, score_cutoff=85, limit=None)
        return time.perf_counter() - start

    def logic(query):
        asked = entity(query, f"asked {query}")
        start = time.perf_counter()
        for listed in sample:
            LogicV2.compare(asked, listed, config)
        return (time.perf_counter() - start) * len(ours.names) / len(sample)

    peers = {"Concord": ours.search, "rapidfuzz process.extract": rapidfuzz, "nomenklatura logic-v2": logic}
    times = {name: [] for name in peers}
    for search in peers.values():
        # What a peer loads when it is first used does not count.
        search("Amber Bakery")
    for query in queries:
        for name, search in peers.items():
            times[name].append(search(query))
    print(f"{len(queries)} queries, {len(ours.names)} names")
    print("| what | p50 ms | slowest ms | searches/s | p50 against ours |\n| --- | --- | --- | --- | --- |")
    for name, own in times.items():
        middle = statistics.median(own)
        ratio = middle / statistics.median(times["Concord"])
        print(f"| {name} | {middle * 1e3:.3f} | {max(own) * 1e3:.3f} | {1 / statistics.fmean(own):.4g} | {ratio:.0f} |")
    # The program ends with its input.
    ours.process.communicate()


if __name__ == "__main__":
    main()
