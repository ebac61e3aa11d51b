#!/usr/bin/env python3
"""One small tree per rule of tools/tidy.py: the good one is silent, each broken one is named."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import tidy  # noqa: E402  (found through the path above)

GOOD = {
    "docs/levels.txt": "# comment\nbase\ncore net\nedge\n",
    "docs/dependencies.md": "- `libfmt-dev`: text\n",
    "packages.txt": "# == build\nlibfmt-dev  # text\n",
    "ARCHITECTURE.md": "`base/` `core/` `edge/`, see [levels](docs/levels.txt) and `src/base/a.h`.\n",
    "src/base/CMakeLists.txt": "oki_room(base LIBS fmt::fmt)\n",
    "src/base/a.h": "// What it is.\n#pragma once\n",
    "src/base/a.cc": '#include "base/a.h"\nstatic const char* name = "okiagari_up";\n',
    "src/core/CMakeLists.txt": "oki_room(core ROOMS base)\n",
    "src/core/b.h": '// What it is.\n#pragma once\n#include "base/a.h"\n',
    "src/core/b.cc": '#include "core/b.h"\n',
    "src/edge/CMakeLists.txt": "oki_room(edge ROOMS core LIBS simdjson::simdjson)\n",
    "src/edge/c.cc": '#include "base/a.h"\n#include "core/b.h"\n',
}


def function(lines, opening="int add(int a, int b) {"):
    return opening + "\n" + "  ++a;\n" * (lines - 2 - opening.count("\n")) + "}\n"


class TidyTest(unittest.TestCase):
    def check(self, **changes):
        """The faults of the good tree with these files changed; __ stands for / and _dot_ for a dot."""
        with tempfile.TemporaryDirectory() as holder:
            root = pathlib.Path(holder)
            files = GOOD | {name.replace("__", "/").replace("_dot_", "."): text
                            for name, text in changes.items()}
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return tidy.check(root)

    def assert_fault(self, part, **changes):
        faults = self.check(**changes)
        self.assertEqual(len(faults), 1, faults)
        self.assertIn(part, faults[0])

    def test_is_silent_about_a_good_tree(self):
        self.assertEqual(self.check(), [])

    def test_finds_an_include_of_a_higher_level(self):
        self.assert_fault("'core' must not include 'edge'", src__core__b_dot_cc='#include "edge/c.h"\n')

    def test_finds_an_include_of_the_same_level(self):
        self.assert_fault("'core' must not include 'net'", src__core__b_dot_cc='#include "net/x.h"\n')

    def test_finds_a_link_to_a_higher_level(self):
        self.assert_fault("'core' must not link 'edge'",
                          src__core__CMakeLists_dot_txt="oki_room(core ROOMS base edge)\n")

    def test_finds_an_include_of_a_room_that_is_not_linked(self):
        self.assert_fault("'edge' does not link 'net'", src__edge__c_dot_cc='#include "net/x.h"\n')

    def test_lets_only_tests_include_the_rooms_of_tests(self):
        rooms = "oki_room(edge ROOMS core LIBS simdjson::simdjson TEST_ROOMS net)\n"
        include = '#include "net/x.h"\n'
        self.assertEqual(self.check(src__edge__CMakeLists_dot_txt=rooms,
                                    src__edge__c_test_dot_cc=include), [])
        self.assert_fault("'edge' does not link 'net'", src__edge__CMakeLists_dot_txt=rooms,
                          src__edge__c_dot_cc=include)
        self.assert_fault("'core' must not link 'edge'",
                          src__core__CMakeLists_dot_txt="oki_room(core ROOMS base TEST_ROOMS edge)\n")

    def test_finds_a_folder_without_a_level(self):
        self.assert_fault("folder 'shop' is not in", src__shop__d_dot_cc="\n",
                          src__shop__CMakeLists_dot_txt="oki_room(shop ROOMS)\n")

    def test_finds_what_nobody_uses(self):
        self.assert_fault("nobody includes it", src__core__z_dot_h="// What.\n#pragma once\n")
        self.assert_fault("no CMakeLists.txt", src__net__d_dot_cc="\n")

    def test_finds_an_include_without_its_folder(self):
        self.assert_fault("say the folder", src__core__b_dot_cc='#include "b.h"\n')

    def test_finds_banned_words_but_not_in_comments(self):
        self.assertEqual(self.check(src__base__a_dot_cc="// assert(x) okiagari_up\n"), [])
        for line in ("assert(x);", "co_await x;", "std::this_thread::sleep_for(x);",
                     "std::shuffle(a, b, c);"):
            self.assert_fault("banned", src__base__a_dot_cc=line + "\n")

    def test_finds_unfinished_work_also_in_comments(self):
        for word in ("TODO", "FIX" + "ME", "HACK"):
            self.assert_fault("unfinished", src__base__a_dot_cc=f"// {word}: later\n")

    def test_finds_impure_core_but_lets_its_tests_be(self):
        for line in ("double price;", "#include <thread>", "std::random_device device;"):
            self.assert_fault("banned", src__core__b_dot_cc=line + "\n")
            self.assertEqual(self.check(src__core__b_test_dot_cc=line + "\n"), [])

    def test_finds_long_lines_and_files(self):
        self.assert_fault("100 columns", src__base__a_dot_cc="x" * 101 + "\n")
        self.assert_fault("600 lines", src__base__a_dot_cc="\n" * 601)

    def test_finds_long_functions_however_they_begin(self):
        for opening in ("int add(int a, int b) {", "int add(int a,\n        int b) {",
                        "Room::Room(int a)\n    : a_(a) {", "struct Sum sum(int a) {"):
            self.assert_fault("function of 71", src__base__a_dot_cc=function(71, opening))
            self.assertEqual(self.check(src__base__a_dot_cc=function(70, opening)), [])

    def test_lets_long_types_and_tables_be(self):
        for opening in ("struct Sum {", "const int table[] = {", "namespace oki {"):
            self.assertEqual(self.check(src__base__a_dot_cc=function(90, opening)), [])

    def test_finds_a_header_without_a_word_or_a_guard(self):
        self.assert_fault("starts with what it is", src__base__a_dot_h="#pragma once\n")
        self.assert_fault("no #pragma once", src__base__a_dot_h="// What it is.\n")

    def test_finds_third_party_headers_in_headers(self):
        self.assert_fault("third-party", src__base__a_dot_h="// A.\n#pragma once\n#include <fmt/core.h>\n")

    def test_finds_a_link_to_nowhere(self):
        self.assert_fault("leads nowhere", docs__x_dot_md="[gone](gone.md)\n")
        self.assertEqual(self.check(docs__x_dot_md="[web](https://example.org)\n"), [])

    def test_finds_a_named_path_that_is_not_there(self):
        self.assert_fault("there is no", docs__x_dot_md="see `src/base/gone.cc`\n")

    def test_finds_a_metric_that_nobody_writes(self):
        self.assertEqual(self.check(docs__x_dot_md="watch `okiagari_up`\n"), [])
        self.assert_fault("no source writes", docs__x_dot_md="watch `okiagari_down`\n")

    def test_finds_a_room_that_the_architecture_forgot(self):
        self.assert_fault("room `edge/`", ARCHITECTURE_dot_md="`base/` `core/`\n")

    def test_finds_a_package_without_a_reason(self):
        self.assert_fault("say why", packages_dot_txt="libfmt-dev\n")
        self.assert_fault("does not name", packages_dot_txt="libfmt-dev  # text\ncmake  # build\n")

    def test_finds_a_japanese_page_that_lags(self):
        self.assertEqual(self.check(docs__x_dot_md="# a\n", docs__x_dot_ja_dot_md="# あ\n"), [])
        self.assert_fault("its headings", docs__x_dot_md="# a\n## b\n", docs__x_dot_ja_dot_md="# あ\n")


if __name__ == "__main__":
    unittest.main()
