"""Prints the time of a request through each middleware as a ratio to this crate's: table.py GO_OUTPUT CRITERION"""

import json
import re
import sys
from pathlib import Path

CONTENDERS = ["jub0bs", "rs"]


def go_times(text):
    """The fastest of several runs, in nanoseconds, and the allocations."""
    line = r"^BenchmarkCors/(\S+)/(\w+)-\d+\s+\d+\s+([\d.]+) ns/op.*?(\d+) allocs/op"
    times = {}
    for scenario, contender, ns, allocations in re.findall(line, text, re.M):
        contenders = times.setdefault(scenario.replace("_", " "), {})
        fastest, _ = contenders.get(contender, (float("inf"), 0))
        contenders[contender] = (min(fastest, float(ns)), allocations)
    return times


def our_time(criterion, scenario):
    """The fastest sample."""
    samples = json.loads((criterion / scenario / "tower-s3-cors" / "new" / "sample.json").read_text())
    return min(time / count for time, count in zip(samples["times"], samples["iters"]))


def main(go_output, criterion):
    print("| scenario | jub0bs/cors | rs/cors | allocations: tower-s3-cors, jub0bs/cors, rs/cors |")
    print("|---|---|---|---|")
    for scenario, contenders in go_times(Path(go_output).read_text()).items():
        ours = our_time(Path(criterion), scenario)
        ratios = [f"{contenders[name][0] / ours:.1f}" for name in CONTENDERS]
        allocations = ["0", *(contenders[name][1] for name in CONTENDERS)]
        print("|", " | ".join([scenario, *ratios, ", ".join(allocations)]), "|")


if __name__ == "__main__":
    main(*sys.argv[1:])
