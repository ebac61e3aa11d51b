#!/usr/bin/env python3
"""Tests of tools/mutants.py and tools/mutate: which faults are made, and that bad input is named."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOOLS))
import mutants  # noqa: E402


def faults(line):
    return {new.strip() for _, new in mutants.of_line(line)}


class Rules(unittest.TestCase):
    def test_each_rule_makes_its_faults(self):
        for line, fault in [
                ("  if (a < b) return x;", "if (a <= b) return x;"),
                ("  if (a < b) return x;", "if (!(a < b)) return x;"),
                ("  if (a < b) return x;", ";"),
                ("  if (a >= b) {", "if (a > b) {"),
                ("  return a == b;", "return a != b;"),
                ("  return a + b;", "return a - b;"),
                ("  sum -= x;", "sum += x;"),
                ("  sum -= x;", ";"),
                ("  ++count;", "--count;"),
                ("  return quote_up(price, lots);", "return quote_down(price, lots);"),
                ("  return std::min(a, b);", "return std::max(a, b);"),
                ("  purse.free.value += x;", "purse.held.value += x;"),
                ("  return Side::buy;", "return Side::sell;"),
                ("  return a && b;", "return a || b;"),
                ("  return true;", "return false;"),
                ("  ledger.move(a, b);", ";"),
                ("  return x / 1'000'000;", "return x / 1000001;"),
                ("  pay(maker_fee);", "pay(taker_fee);")]:
            self.assertIn(fault, faults(line), line)

    def test_what_is_no_code_has_none(self):
        for line in ["  // a < b", "  ASSERT(a < b);", "#include <a>", "  static_assert(a < b);", "",
                     "}", "  INVARIANT(a == b, c);", "  ids.reserve_for(a + 1);",
                     "  prefetch(a + b);", "  Slot find(Side taker, Price limit) const;",
                     "struct A {", '  say("a < b");']:
            self.assertEqual(faults(line), set(), line)

    def test_templates_are_no_comparisons(self):
        self.assertEqual(faults("  std::vector<int> list;"), set())

    def test_a_comment_behind_code_is_left_out(self):
        self.assertIn("return a != b;", faults("  return a == b;  // x == y"))


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        plain = self.root / "src/core/plain"
        plain.mkdir(parents=True)
        (self.root / "tools").mkdir()
        (plain / "a.cc").write_text("int f(int a) {\n  if (a < 7) return 1;\n  return a + 2;\n}\n")
        (plain / "a_test.cc").write_text("  return a + 2;\n")

    def test_the_same_sources_and_seed_give_the_same_order(self):
        every = mutants.all_mutants(self.root, "plain")
        self.assertGreater(len(every), 5)
        self.assertEqual(len(set(every)), len(every))
        self.assertEqual({mutant.path for mutant in every}, {"src/core/plain/a.cc"})
        self.assertEqual(mutants.choose(every, 1), mutants.choose(every, 1))
        self.assertEqual(sorted(mutants.choose(every, 2)), sorted(every))
        self.assertNotEqual(mutants.choose(every, 1), mutants.choose(every, 2))

    def test_equivalent_ones_are_left_out(self):
        known = self.root / mutants.EQUIVALENT
        known.write_text("# why\nsrc/core/plain/a.cc | return a + 2; | return a - 2; | a reason\n")
        news = {mutant.new.strip() for mutant in mutants.all_mutants(self.root, "plain")}
        self.assertNotIn("return a - 2;", news)
        self.assertIn("return a + 3;", news)

    def test_an_equivalent_one_without_a_reason_is_refused(self):
        (self.root / mutants.EQUIVALENT).write_text("src/core/plain/a.cc | x | y\n")
        with self.assertRaises(mutants.Invalid):
            mutants.all_mutants(self.root, "plain")


class Command(unittest.TestCase):
    def run_tool(self, *words):
        return subprocess.run([sys.executable, str(TOOLS / "mutate"), *words], text=True,
                              capture_output=True, timeout=60)

    def test_bad_words_are_usage_errors(self):
        for words in (["--sample", "0"], ["--sample", "x"], ["--target", "other"], ["--jobs", "0"],
                      ["--nothing"]):
            self.assertEqual(self.run_tool(*words).returncode, 2, words)

    def test_only_one_place_is_listed_when_it_is_named(self):
        done = self.run_tool("--list", "--only", "fast/settle.cc")
        places = [line for line in done.stdout.splitlines() if line.startswith("--- ")]
        self.assertTrue(places)
        for place in places:
            self.assertTrue(place.startswith("--- src/core/fast/settle.cc:"), place)
        self.assertEqual(self.run_tool("--list", "--only", "fast/none.cc").returncode, 2)

    def test_the_list_of_the_target_that_ships_has_a_hundred_faults(self):
        done = self.run_tool("--list")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreaterEqual(int(done.stdout.splitlines()[-1].split()[0]), 100)


if __name__ == "__main__":
    unittest.main()
