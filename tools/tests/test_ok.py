#!/usr/bin/env python3
"""./ok against stand-ins of the package tools and the build tools."""
import os
import pathlib
import pty
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What a stand-in does: apt-get "installs" by writing names where dpkg-query looks.
STANDINS = {
    "dpkg-query": 'grep -qx "${@: -1}" "$FAKE/installed" && printf installed',
    "apt-get": 'echo "apt-get $*" >>"$FAKE/calls"; [ "$1" != update ] || { touch "$FAKE/lists"; exit; }\n'
               '[ -e "$FAKE/lists" ] || exit 100\n'
               'if [ "$1" = download ]; then shift; for name; do touch "${name}_1_amd64.deb"; done; exit; fi\n'
               'for name; do echo "$name" >>"$FAKE/installed"; done',
    "dpkg-deb": 'mkdir -p "$3/usr/bin"; name=$(basename "$2"); touch "$3/usr/bin/${name%%_*}"',
    "sudo": 'echo "sudo $*" >>"$FAKE/calls"; "$@"',
    "id": 'echo "${FAKE_UID:-0}"',
    "cmake": 'echo "cmake $*" >>"$FAKE/calls"; mkdir -p build/release; touch build/release/build.ninja\n'
             'exit "${FAKE_CMAKE:-0}"',
    "ctest": 'while [ "$1" != --output-junit ]; do shift; done\n'
             'echo "<testsuite><testcase name=\\"core.A.B\\" status=\\"${FAKE_CTEST:-run}\\"/></testsuite>" >"$2"\n'
             '[ -z "${FAKE_CTEST:-}" ]',
    "npm": 'exit "${FAKE_NPM:-0}"',
    "node": 'for word; do file=${word#--test-reporter-destination=}; case $word in *.tap)\n'
            'printf "# pass 2\\n# fail 0\\n# cancelled 0\\n" >"$file" ;; esac; done',
}


class OkTest(unittest.TestCase):
    def setUp(self):
        self.tree = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.tree)
        shutil.copy(ROOT / "ok", self.tree)
        shutil.copytree(ROOT / "tools/ok", self.tree / "tools/ok")
        (self.tree / "packages.txt").write_text(
            "# == test\nshellcheck  # scripts\n# == build\ng++  # compiler\nninja-build  # build\n")
        self.fake = self.tree / "fake"
        self.fake.mkdir()
        (self.fake / "installed").write_text("")
        (self.fake / "lists").touch()
        for name, body in STANDINS.items():
            (self.fake / name).write_text(f"#!/bin/bash\n{body}\n")
            (self.fake / name).chmod(0o755)

    def ok(self, *arguments, answer=None, **environment):
        env = {"PATH": f"{self.fake}:{os.environ['PATH']}", "FAKE": str(self.fake),
               "HOME": str(self.tree), "LC_ALL": "C", **environment}
        if answer is None:
            source = subprocess.DEVNULL
        else:
            keyboard, source = pty.openpty()
            os.write(keyboard, answer.encode())
            self.addCleanup(os.close, keyboard)
        return subprocess.run([self.tree / "ok", *arguments], stdin=source, capture_output=True,
                              text=True, env=env, check=False)

    def calls(self):
        path = self.fake / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def install(self, *names):
        (self.fake / "installed").write_text("".join(name + "\n" for name in names))

    def test_installs_what_is_missing_with_yes(self):
        self.install("g++")
        run = self.ok("build", "-y")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.calls()[0], "apt-get install -y --no-install-recommends ninja-build")
        self.assertRegex(run.stdout.splitlines()[-1], r"^Built in \d+:\d\d min")

    def test_build_leaves_the_packages_of_the_tests_alone(self):
        run = self.ok("build", "-y")
        self.assertIn("ninja-build", self.calls()[0])
        self.assertNotIn("shellcheck", run.stdout)

    def test_fetches_new_lists_only_when_the_old_ones_do_not_do(self):
        self.install("g++")
        self.ok("build", "-y")
        self.assertNotIn("apt-get update", self.calls())
        self.install("g++")
        (self.fake / "lists").unlink()
        self.assertEqual(self.ok("build", "-y").returncode, 0)
        self.assertIn("apt-get update", self.calls())

    def test_installs_nothing_when_nobody_can_be_asked(self):
        run = self.ok("build")
        self.assertEqual(run.returncode, 1)
        self.assertEqual(self.calls(), [])
        self.assertIn("-y", run.stderr.splitlines()[-1])

    def test_shows_the_command_and_takes_no_for_an_answer(self):
        run = self.ok("build", answer="n\n")
        self.assertEqual(run.returncode, 1)
        self.assertEqual(self.calls(), [])
        self.assertIn("apt-get install -y --no-install-recommends g++ ninja-build", run.stdout)

    def test_takes_yes_for_an_answer(self):
        self.assertEqual(self.ok("build", answer="y\n").returncode, 0)
        self.assertIn("apt-get install", self.calls()[0])

    def test_uses_sudo_when_it_is_not_root(self):
        run = self.ok("build", "-y", FAKE_UID="1000")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertTrue(self.calls()[0].startswith("sudo env "), self.calls())
        self.assertIn("sudo apt-get install", run.stdout)

    def test_says_what_failed_when_the_build_fails(self):
        self.install("g++", "ninja-build")
        run = self.ok("build", FAKE_CMAKE="1")
        self.assertEqual(run.returncode, 1)
        self.assertIn("FAILED", run.stderr.splitlines()[-1])

    def prepare_tests(self):
        self.install("g++", "ninja-build", "shellcheck")
        (self.tree / "test/clients").mkdir(parents=True)
        (self.tree / "test/clients/one.test.mjs").touch()
        for tool, passed in (("fuzz_smoke", 3), ("mutate", 2)):
            path = self.tree / "tools" / tool
            path.write_text(f'#!/bin/bash\necho "{passed} passed, 0 failed"\n')
            path.chmod(0o755)

    def test_counts_all_suites_in_the_last_line(self):
        self.prepare_tests()
        run = self.ok("test")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertEqual(run.stdout.splitlines()[-1], "8 passed, 0 failed")

    def test_fails_when_one_suite_fails_but_runs_the_others(self):
        self.prepare_tests()
        run = self.ok("test", FAKE_CTEST="fail")
        self.assertEqual((run.returncode, run.stdout.splitlines()[-1]), (1, "7 passed, 1 failed"))
        run = self.ok("test", FAKE_NPM="1")
        self.assertEqual((run.returncode, run.stdout.splitlines()[-1]), (1, "6 passed, 1 failed"))
        (self.tree / "tools/fuzz_smoke").unlink()
        run = self.ok("test")
        self.assertEqual((run.returncode, run.stdout.splitlines()[-1]), (1, "5 passed, 1 failed"))

    def test_forgets_the_results_of_the_last_run(self):
        self.prepare_tests()
        self.ok("test")
        (self.fake / "node").write_text("#!/bin/bash\nexit 1\n")
        run = self.ok("test")
        self.assertEqual((run.returncode, run.stdout.splitlines()[-1]), (1, "6 passed, 1 failed"))

    def test_fetches_the_parts_once_and_installs_none_of_them(self):
        self.prepare_tests()
        with (self.tree / "packages.txt").open("a") as packages:
            packages.write("# == parts\nprometheus  # scrapes\n")
        (self.fake / "lists").unlink()
        run = self.ok("test")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertTrue((self.tree / "build/parts/usr/bin/prometheus").exists())
        self.assertEqual(self.calls().count("apt-get download prometheus"), 2)
        self.assertFalse([call for call in self.calls() if "install" in call])
        self.ok("test")
        self.assertEqual(self.calls().count("apt-get download prometheus"), 2)

    def test_ends_when_the_parts_cannot_be_had(self):
        self.prepare_tests()
        with (self.tree / "packages.txt").open("a") as packages:
            packages.write("# == parts\nprometheus  # scrapes\n")
        (self.fake / "dpkg-deb").write_text("#!/bin/bash\nexit 2\n")
        run = self.ok("test")
        self.assertEqual(run.returncode, 1)
        self.assertIn("prometheus", run.stderr.splitlines()[-1])

    def test_demo_keeps_its_output_for_data(self):
        self.install("g++", "ninja-build")
        binary = self.tree / "build/release/okiagari"
        binary.parent.mkdir(parents=True)
        binary.write_text('#!/bin/bash\necho "$*"\n')
        binary.chmod(0o755)
        run = self.ok("demo", "--script", "failover", "--json")
        self.assertEqual(run.stdout, "demo --script failover --json\n")
        run = self.ok("demo", "-y", "--lang", "ja")
        self.assertEqual(run.stdout, "demo --lang ja\n")

    def test_refuses_unknown_words_with_the_usage_code(self):
        for arguments in (["tset"], ["build", "x"], ["--lang", "fr", "help"], ["help", "--lang"]):
            self.assertEqual(self.ok(*arguments).returncode, 2, arguments)

    def test_speaks_the_language_of_the_environment_and_of_the_flag(self):
        self.assertIn("取引所", self.ok("help", LC_ALL="ja_JP.UTF-8").stdout)
        self.assertIn("取引所", self.ok("help", "--lang=ja").stdout)
        self.assertIn("exchange", self.ok("help", "--lang", "en", LC_ALL="ja_JP.UTF-8").stdout)

    def test_every_message_exists_in_both_languages(self):
        text = (ROOT / "tools/ok/messages.sh").read_text()
        messages = dict(en={}, ja={})
        for language, key, value in re.findall(r"^(en|ja)\[(\w+)\]='([^']*)'$", text, re.M):
            messages[language][key] = value
        self.assertEqual(messages["en"].keys(), messages["ja"].keys())
        for key, english in messages["en"].items():
            self.assertNotEqual(english, messages["ja"][key])
            self.assertEqual(english.count("%s"), messages["ja"][key].count("%s"), key)

    def test_doctor_names_each_problem_with_its_mend_and_a_code(self):
        run = self.ok("doctor")
        self.assertEqual(run.returncode, 1)
        line = next(line for line in run.stdout.splitlines() if line.startswith("D02"))
        self.assertIn("apt-get install -y --no-install-recommends g++ ninja-build", line)
        self.assertIn("It cannot work yet", run.stderr.splitlines()[-1])

    def test_doctor_calls_missing_test_packages_degraded(self):
        self.install("g++", "ninja-build")
        run = self.ok("doctor")
        self.assertEqual(run.returncode, 3, run.stdout)
        self.assertIn("shellcheck", run.stdout)

    def test_doctor_notices_a_build_of_another_tree(self):
        self.install("g++", "ninja-build", "shellcheck")
        (self.tree / "build/release").mkdir(parents=True)
        (self.tree / "build/release/CMakeCache.txt").write_text(
            "CMAKE_HOME_DIRECTORY:INTERNAL=/elsewhere\n")
        run = self.ok("doctor")
        self.assertEqual(run.returncode, 1)
        self.assertIn("D13", run.stdout)


if __name__ == "__main__":
    unittest.main()
