"""Runs the unittest files of a folder for scripts/test and writes "pass|fail|skip <name>" for each case, as it ends.

    run_unittest.py <folder> <file for the results> [part of a test's name]
"""

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


def main(folder, results, part=""):
    sys.path.insert(0, folder)
    tests = []
    for pattern in ("test_*.py", "*_test.py"):
        tests += flatten(unittest.TestLoader().discover(folder, pattern, top_level_dir=folder))
    chosen = unittest.TestSuite(test for test in tests if part in test.id())
    with open(results, "w", encoding="utf-8") as cases:
        CountedResult.cases = cases
        outcome = unittest.TextTestRunner(verbosity=2, resultclass=CountedResult).run(chosen)
    return 0 if outcome.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
