"""The program under test: started with flags, scraped, stopped with SIGTERM."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import yaml

import processes
from page import Page

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
BINARY = Path(os.environ.get("KAFKASCOPE_BIN", ROOT / "build" / "kafkascope")).resolve()
END_SECONDS = 2 * 2  # Documented: 2 s; asserted at double.
# What polls on a busy machine may log before the cause is known.
TOO_EARLY = ("no broker is connected", "no token from", "imed out", "transport failure")
SANITIZER_WORDS = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")


class Exporter:
    """Runs from construction to stop(). `config`: settings of the cluster in the configuration file, {"polling":
    {...}}; `top`: the rest of that file.
    """

    def __init__(
        self,
        log: Path,
        *flags: str,
        program: Path = BINARY,
        poll_seconds: float | None = 1,
        env: dict[str, str] | None = None,
        config: dict[str, object] | None = None,
        top: dict[str, object] | None = None,
    ):
        assert program.exists(), f"{program} is missing: `make build` makes it"
        self.log = log
        self.port = processes.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [program, f"--web.listen-address=127.0.0.1:{self.port}", *flags]
        if config or top:
            file = log.with_suffix(".yml")
            file.write_text(yaml.safe_dump({"clusters": [config or {}], **(top or {})}))
            command.append(f"--config.file={file}")
        if poll_seconds:
            command.append(f"--poll.interval={poll_seconds:g}s")
        self.process = processes.spawn(command, log, env={**os.environ, **(env or {})})

    # ---- HTTP

    def request(self, path: str = "/metrics", headers: dict[str, str] | None = None, timeout: float = 10) -> str:
        """Returns the body of a response 200; raises urllib's errors otherwise."""
        request = urllib.request.Request(self.url + path, headers=headers or {})
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.read().decode()

    def page(self) -> Page:
        return Page(self.request())

    # ---- waiting

    def await_page(self, condition: Callable[[Page], object], what: str, timeout: float = 120) -> Page:
        """Returns the first page for which `condition` holds. AssertionError with `what` on timeout."""
        end = time.monotonic() + timeout
        while True:
            page = self._page_or_none()
            if page and condition(page):
                return page
            self.assert_running()
            if time.monotonic() > end:
                shown = page.text if page else "no page at all"
                self.log.with_suffix(".page").write_text(shown)
                raise AssertionError(f"waited {timeout:.0f} s for a page with: {what}\n{processes.tail(self.log)}")
            time.sleep(0.1)

    def await_equal(self, view: Callable[[Page], T], expected: T, timeout: float = 120) -> Page:
        """Returns the first page that `view` maps to `expected`; shows the last difference on timeout."""
        seen: list[T] = []

        def equal(page: Page) -> bool:
            seen[:] = [view(page)]
            return seen[0] == expected

        try:
            return self.await_page(equal, "equality", timeout)
        except AssertionError:
            self.assert_running()
            assert seen, f"no page at all\n{processes.tail(self.log)}"
            assert seen[0] == expected, processes.tail(self.log)
            raise

    def polls(self, page: Page | None = None) -> float:
        """Returns the number of completed polls."""
        return (page or self.page()).total("kafka_exporter_poll_duration_seconds_count")

    def await_polls(self, count: int = 3) -> Page:
        """Returns a page after `count` more polls."""
        polls = self.polls(self.await_page(lambda page: True, "anything"))
        return self.await_page(lambda page: self.polls(page) >= polls + count, f"{count} more polls")

    def await_log(self, condition: Callable[[str], object], what: str, timeout: float = 30) -> str:
        """Returns the log once `condition` holds."""
        processes.wait_until(lambda: bool(condition(self.said())), f"log: {what}\n{processes.tail(self.log)}", timeout)
        return self.said()

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def events(self, message: str, **fields: str) -> list[dict[str, str]]:
        """Returns the lines of a JSON log with this message and these fields."""
        wanted = fields | {"msg": message}
        lines = [json.loads(line) for line in self.said().splitlines()]
        return [line for line in lines if wanted.items() <= line.items()]

    def failures(self, *expected: str) -> list[dict[str, str]]:
        """Returns the logged failures to read metadata, without those that are too early and not expected."""
        early = set(TOO_EARLY) - set(expected)
        failed = self.events("collector failed", collector="metadata")
        return [line for line in failed if not any(words in line["error"] for words in early)]

    def await_failure(self, reason: str, error: tuple[str, ...], hint: tuple[str, ...]) -> dict[str, str]:
        """Waits for a failure to read metadata, logged once within three polls or more, with these words."""
        self.await_log(lambda _: self.failures(*error), f"a failure with {error}", 120)
        self.await_page(lambda page: self.polls(page) >= 3, "3 polls")
        failures = self.failures(*error)
        assert len({failure["error"] for failure in failures}) == len(failures), failures
        failure = failures[0]
        assert failure["reason"] == reason, failure
        assert all(words in failure["error"] for words in error), failure
        assert all(words in failure["hint"] for words in hint), failure
        return failure

    @contextmanager
    def watched(self, every: float = 0.3) -> Iterator[list[tuple[float, Page]]]:
        """Collects (time, page) within the context. A page that takes more than 10 s fails the test at the end."""
        pages: list[tuple[float, Page]] = []
        failures: list[BaseException] = []
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(every):
                try:
                    pages.append((time.monotonic(), self.page()))
                except BaseException as failure:  # Any kind: passed on to the test.
                    failures.append(failure)
                    return

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield pages
        finally:
            ended.set()
            watcher.join()
        assert not failures, failures
        assert pages

    # ---- the end

    def assert_running(self) -> None:
        assert self.process.poll() is None, f"it ended with {self.process.returncode}:\n{processes.tail(self.log)}"

    def stop(self) -> None:
        """Sends SIGTERM and checks that it exits in time with 0 and without sanitizer reports. May be called again."""
        begin = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"SIGTERM did not end it in 30 s\n{processes.tail(self.log)}") from None
        seconds = time.monotonic() - begin
        said = self.said()
        assert not any(word in said for word in SANITIZER_WORDS), said[-6000:]
        assert code == 0, f"exit code {code}\n{processes.tail(self.log)}"
        assert seconds <= END_SECONDS, f"SIGTERM took {seconds:.1f} s"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _page_or_none(self) -> Page | None:
        try:
            return self.page()
        except (urllib.error.URLError, OSError):
            return None


def run(*flags: str, timeout: float = 30) -> subprocess.CompletedProcess[str]:
    """Runs the program with a configuration that it refuses."""
    assert BINARY.exists(), f"{BINARY} is missing: `make build` makes it"
    return subprocess.run([BINARY, *flags], capture_output=True, text=True, timeout=timeout, check=False)
