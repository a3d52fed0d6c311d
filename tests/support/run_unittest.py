"""Runs the unittest files of a folder for scripts/test and writes "pass|fail|skip <name>" for each case, as it ends.

    run_unittest.py <folder> <file for the results> [part of a test's name]

TEST_JOBS in the environment: so many files at a time, when no part of a name is given.
"""

import collections
import concurrent.futures
import os
import subprocess
import sys
import unittest


class CountedResult(unittest.TextTestResult):
    cases = None

    def write(self, verdict, test):
        print(verdict, test.id(), file=self.cases, flush=True)

    def startTest(self, test):
        self.verdict = "pass"
        super().startTest(test)

    def stopTest(self, test):
        self.write(self.verdict, test)
        super().stopTest(test)

    def note(self, verdict, test):
        # A fixture of a class or a module fails outside of every case.
        if isinstance(test, unittest.TestCase):
            self.verdict = verdict if self.verdict != "fail" else "fail"
        else:
            self.write(verdict, test)

    def addError(self, test, err):
        self.note("fail", test)
        super().addError(test, err)

    def addFailure(self, test, err):
        self.note("fail", test)
        super().addFailure(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.note("fail", test)
        super().addSubTest(test, subtest, err)

    def addUnexpectedSuccess(self, test):
        self.note("fail", test)
        super().addUnexpectedSuccess(test)

    def addSkip(self, test, reason):
        self.note("skip", test)
        super().addSkip(test, reason)


def flatten(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flatten(item)
        else:
            yield item


def discover(folder, part):
    sys.path.insert(0, folder)
    tests = []
    for pattern in ("test_*.py", "*_test.py"):
        tests += flatten(unittest.TestLoader().discover(folder, pattern, top_level_dir=folder))
    return [test for test in tests if part in test.id()]


def run(tests, results):
    with open(results, "a", encoding="utf-8") as cases:
        CountedResult.cases = cases
        return unittest.TextTestRunner(verbosity=2, resultclass=CountedResult).run(unittest.TestSuite(tests))


def run_file(folder, results, name):
    """One file of tests in a process of its own: (exit code, output)."""
    done = subprocess.run([sys.executable, "-B", __file__, folder, results, name], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    return done.returncode, done.stdout


def run_side_by_side(folder, results, names, jobs):
    succeeded = True
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for code, output in pool.map(lambda name: run_file(folder, results, name), names):
            print(output, flush=True)
            succeeded = succeeded and code == 0
    return succeeded


def main(folder, results, part=""):
    jobs = int(os.environ.pop("TEST_JOBS", "1"))
    tests = discover(folder, part)
    if jobs == 1 or part:
        return 0 if run(tests, results).wasSuccessful() else 1
    sizes = collections.Counter(test.id().split(".")[0] + "." for test in tests)
    names = [name for name, _ in sizes.most_common()]
    return 0 if run_side_by_side(folder, results, names, jobs) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
