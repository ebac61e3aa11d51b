#!/usr/bin/env python3
"""The counts of ./ok test: what did not run must never look like a pass."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TALLY = pathlib.Path(__file__).resolve().parents[1] / "ok/tally.py"
CTEST = """<testsuite tests="3" failures="1">
<testcase name="core.LedgerTest.Adds" status="run"/>
<testcase name="core.LedgerTest.Sums" status="{status}"/>
<testcase name="tidy" status="run"/>
</testsuite>"""
TAP = "TAP version 13\nnot ok 1 - trades\n# tests 3\n# pass 2\n# fail 1\n# cancelled 0\n"


class TallyTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def tally(self, **files):
        names = []
        for name, text in files.items():
            names.append(name.replace("_", "."))
            if text is not None:
                (self.folder / names[-1]).write_text(text)
        run = subprocess.run([sys.executable, TALLY, self.folder, *names], capture_output=True,
                             text=True, check=False)
        return run.returncode, run.stdout.splitlines()

    def test_adds_all_suites_up(self):
        code, lines = self.tally(ctest_xml=CTEST.format(status="run"), clients_tap=TAP,
                                 fuzz_txt="x\n4 passed, 0 failed\n")
        self.assertEqual((code, lines[-1]), (1, "9 passed, 1 failed"))
        self.assertIn("failed: trades", lines)

    def test_is_green_when_everything_passed(self):
        code, lines = self.tally(ctest_xml=CTEST.format(status="run"))
        self.assertEqual((code, lines[-1]), (0, "3 passed, 0 failed"))

    def test_shows_the_totals_of_the_simulator(self):
        case = '<testcase name="sim.seeds" status="run"><system-out>x\n{"seeds":9}\n</system-out>'
        _, lines = self.tally(ctest_xml=f"<testsuite>{case}</testcase></testsuite>")
        self.assertIn('simulator: {"seeds":9}', lines)
        self.assertEqual(lines[-1], "1 passed, 0 failed")

    def test_counts_everything_but_run_as_failed(self):
        for status in ("fail", "disabled", "notrun"):
            code, lines = self.tally(ctest_xml=CTEST.format(status=status))
            self.assertEqual((code, lines[-1]), (1, "2 passed, 1 failed"), status)
            self.assertIn("failed: core.LedgerTest.Sums", lines)

    def test_counts_cancelled_client_tests_as_failed(self):
        code, lines = self.tally(clients_tap=TAP.replace("cancelled 0", "cancelled 2"))
        self.assertEqual((code, lines[-1]), (1, "2 passed, 3 failed"))

    def test_counts_a_missing_empty_or_cut_result_as_one_failure(self):
        for files in ({"ctest_xml": None}, {"ctest_xml": "<testsuite>"},
                      {"ctest_xml": "<testsuite/>"}, {"clients_tap": "TAP version 13\n"},
                      {"fuzz_txt": ""}, {"fuzz_txt": "0 passed, 0 failed"}):
            code, lines = self.tally(**files)
            self.assertEqual((code, lines[-1]), (1, "0 passed, 1 failed"), files)


if __name__ == "__main__":
    unittest.main()
