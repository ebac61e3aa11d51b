#!/usr/bin/env python3
"""Adds up what the test tools wrote into build/results; the last line is 'N passed, M failed'.

Reads ctest.xml (JUnit, by ctest), clients.tap (by node --test), fuzz.txt and mutate.txt (their last
line is 'N passed, M failed'). The simulator's totals, the last line of the test sim.seeds, are shown
too. A result that is missing, empty or cut short counts as one failure: no tests
must never look like good tests.
"""
import collections
import pathlib
import re
import sys
import xml.etree.ElementTree


def read_ctest(path):
    """Counts per room: the part of the test's name before the first dot."""
    counts = collections.defaultdict(lambda: [0, 0])
    failures = []
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        name = case.get("name")
        good = case.get("status") == "run"
        counts[name.split(".")[0] if "." in name else "tools"][0 if good else 1] += 1
        if not good:
            failures.append(name)
    return counts, failures


def simulator_totals(path):
    """The last line of the simulator's test, or None when there is no such test to be read."""
    try:
        cases = xml.etree.ElementTree.parse(path).getroot().iter("testcase")
    except (OSError, xml.etree.ElementTree.ParseError):
        return None
    texts = [case.findtext("system-out") for case in cases if case.get("name") == SIMULATOR]
    lines = texts[0].strip().splitlines() if texts and texts[0] else []
    return lines[-1] if lines else None


def read_tap(path):
    text = path.read_text()
    found = {word: re.search(rf"^# {word} (\d+)$", text, re.M) for word in
             ("pass", "fail", "cancelled")}
    passed, failed, cancelled = (int(match.group(1)) for match in found.values())
    names = re.findall(r"^\s*not ok \d+ - (.*)$", text, re.M)
    return {"clients": [passed, failed + cancelled]}, names


def read_last_line(path):
    """The counts of a suite that is named as its file."""
    match = re.fullmatch(r"(\d+) passed, (\d+) failed", path.read_text().splitlines()[-1])
    return {path.stem: [int(match.group(1)), int(match.group(2))]}, []


SIMULATOR = "sim.seeds"
READERS = {"ctest.xml": read_ctest, "fuzz.txt": read_last_line, "mutate.txt": read_last_line,
           "clients.tap": read_tap}


def tally(folder, expected):
    """Returns ({suite: [passed, failed]}, [names of failures])."""
    total, failures = {}, []
    for file in expected:
        try:
            counts, names = READERS[file](folder / file)
            if sum(map(sum, counts.values())) == 0:
                raise ValueError("no test ran")
        except Exception as why:  # Whatever is wrong with a result, it is not a pass.
            counts, names = {file: [0, 1]}, [f"{file}: no result ({why})"]
        total.update(counts)
        failures += names
    return total, failures


def main():
    folder = pathlib.Path(sys.argv[1])
    total, failures = tally(folder, sys.argv[2:] or list(READERS))
    for name in failures:
        print(f"failed: {name}")
    if totals := simulator_totals(folder / "ctest.xml"):
        print(f"simulator: {totals}")
    for suite, (passed, failed) in sorted(total.items()):
        print(f"{suite:12} {passed:6} passed {failed:4} failed")
    passed, failed = (sum(column) for column in zip(*total.values()))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
