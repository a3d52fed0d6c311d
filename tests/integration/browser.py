"""Headless Chromium, driven through its DevTools protocol on a pair of pipes."""

import json
import os
import shutil
import signal
import subprocess
import threading

from support import deadline, skip_or_fail

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage")


class Browser:
    """One browser; `open()` makes a page in it. Ends with the test."""

    def __init__(self, test):
        if not CHROMIUM:
            skip_or_fail(test, "Chromium is not installed")
        to_read, self._commands = os.pipe()
        self._answers, to_write = os.pipe()

        def as_3_and_4():  # where it looks for them
            low, high = os.dup(to_read), os.dup(to_write)
            os.dup2(low, 3)
            os.dup2(high, 4)

        self._process = subprocess.Popen(
            [CHROMIUM, *FLAGS, f"--user-data-dir={test.temporary_directory()}",
             "--remote-debugging-pipe", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, close_fds=False, preexec_fn=as_3_and_4)
        os.close(to_read)
        os.close(to_write)
        self._count = 0
        self._got = {}
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        test.addCleanup(self.close)

    def _read(self):
        rest = b""
        while part := os.read(self._answers, 65536):
            *whole, rest = (rest + part).split(b"\0")
            with self._changed:
                for each in map(json.loads, whole):
                    if "id" in each:
                        self._got[each["id"]] = each
                self._changed.notify_all()

    def ask(self, method, session=None, **params):
        with self._changed:
            self._count += 1
            number = self._count
        command = {"id": number, "method": method, "params": params}
        if session:
            command["sessionId"] = session
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        with self._changed:
            if not self._changed.wait_for(lambda: number in self._got, deadline(30)):
                raise AssertionError(f"the browser does not answer to {method} {params}")
            answer = self._got.pop(number)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, url):
        target = self.ask("Target.createTarget", url=url)["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, session)

    def close(self):
        os.killpg(self._process.pid, signal.SIGKILL)  # its children too
        self._process.wait()
        self._thread.join()
        os.close(self._commands)
        os.close(self._answers)


class Page:
    def __init__(self, browser, session):
        self._browser = browser
        self._session = session

    def run(self, script):
        """The value of an expression; a promise is awaited."""
        answer = None
        while answer is None:
            try:
                answer = self._browser.ask("Runtime.evaluate", self._session, expression=script,
                                           awaitPromise=True, returnByValue=True)
            except AssertionError as e:
                if "context was destroyed" not in str(e):  # the page has come in place of none
                    raise
        if "exceptionDetails" in answer:
            raise AssertionError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def becomes(self, condition):
        """Waits until the expression is true, looking whenever the page changes."""
        self.run(f"""new Promise((done, failed) => {{
          const look = () => {{ if (document.body && ({condition})) done(true); }};
          new MutationObserver(look).observe(document, {{ subtree: true, childList: true,
            characterData: true, attributes: true }});
          setTimeout(() => failed(document.body.innerText), {round(1000 * deadline(15))});
          look();
        }})""")

    def picture(self):
        """A PNG of it, in base64."""
        return self._browser.ask("Page.captureScreenshot", self._session)["data"]
