"""Many flows in a few threads: those that sleep hold none, and are not forgotten."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from cocalc_facade import CoCalcError
from cocalc_facade._wire.drivers import Driver
from cocalc_facade._wire.flow import Flow, Invoke, Parallel, Sleep


class Instantly:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self._now = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds


class NoKeys:
    recent = ()


@pytest.fixture
def driver() -> Driver:
    clock: Any = Instantly()
    keys: Any = NoKeys()
    return Driver(None, clock, keys)


def run(driver: Driver, step: Parallel) -> Any:
    def flow() -> Flow[Any]:
        return (yield step)

    return driver.run(flow())


def test_flows_that_sleep_share_threads_and_wake_in_order(driver: Driver) -> None:
    threads: set[int] = set()
    woken: list[float] = []

    def sleeper(number: int) -> Flow[int]:
        for _ in range(5):
            yield Sleep(10.0 + number)
            threads.add(threading.get_ident())
        woken.append(number)
        return number

    outcomes = run(driver, Parallel(map(sleeper, range(100)), concurrency=100, threads=4))
    assert outcomes == [(number, None) for number in range(100)]
    assert len(threads) <= 4
    assert sorted(woken) == [*range(100)]


def test_threads_come_as_they_are_needed(driver: Driver) -> None:
    together = threading.Barrier(8, timeout=60)

    def flow(_: int) -> Flow[None]:
        yield Invoke(together.wait)

    assert len(run(driver, Parallel(map(flow, range(16)), concurrency=8))) == 16


def test_outcomes_that_are_not_kept_are_told_only(driver: Driver) -> None:
    told: list[Any] = []

    def flow(number: int) -> Flow[int]:
        yield Sleep(1)
        if number == 3:
            raise CoCalcError("three")
        return number

    step = Parallel(map(flow, range(5)), 2, lambda index, outcome: told.append((index, outcome)), keep=False)
    assert run(driver, step) == []
    assert sorted(index for index, _ in told) == [*range(5)]
    assert [str(error) for _, (_, error) in told if error is not None] == ["three"]


@pytest.mark.parametrize("caught", [CoCalcError, Exception])
def test_only_what_is_caught_is_the_error_of_a_flow(driver: Driver, caught: type[Exception]) -> None:
    def flow(number: int) -> Flow[int]:
        yield Sleep(1)
        if number == 1:
            raise ValueError("one")
        return number

    step = Parallel(map(flow, range(3)), 1, caught=caught)
    if caught is Exception:
        assert [type(error) for _, error in run(driver, step)] == [type(None), ValueError, type(None)]
    else:
        with pytest.raises(ValueError, match="one"):
            run(driver, step)


def test_what_gives_the_flows_may_fail(driver: Driver) -> None:
    def flow() -> Flow[int]:
        yield Sleep(1)
        return 1

    def flows() -> Iterator[Flow[int]]:
        yield flow()
        raise ValueError("no more")

    told: list[Any] = []
    with pytest.raises(ValueError, match="no more"):
        run(driver, Parallel(flows(), 2, lambda *outcome: told.append(outcome)))
    assert told == [(0, (1, None))]


def test_flows_that_sleep_are_closed_when_whoever_waits_is_interrupted(driver: Driver) -> None:
    closed: list[int] = []
    asleep, released = threading.Event(), threading.Event()

    def sleep(_: float) -> None:
        asleep.set()
        released.wait(60)

    clock: Any = driver.clock
    clock.sleep = sleep

    def flow() -> Flow[None]:
        try:
            yield Sleep(1000.0)
        finally:
            closed.append(1)

    def interrupt() -> None:
        if asleep.is_set():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(driver, Parallel([flow()], 3, tick=interrupt, every=0.01))
    assert closed == [1]
    released.set()


def test_ctrl_c_while_a_thread_is_being_started_is_told_as_such(driver: Driver) -> None:
    """Its lock is let go then, of which the threads of Python would speak instead."""

    def flow() -> Flow[None]:
        yield Sleep(0.0)

    moment = 0
    begun = 1
    while begun > moment:
        moment, begun = begun, 0

        def interrupt(frame: Any, event: str, _argument: Any, at: int = moment) -> None:
            nonlocal begun
            if event == "call" and frame.f_code.co_filename == threading.__file__:
                begun += 1
                if begun == at:
                    raise KeyboardInterrupt

        sys.setprofile(interrupt)
        try:
            run(driver, Parallel([flow()], 1))
        except KeyboardInterrupt:
            begun = moment + 1  # on to the next one
        finally:
            sys.setprofile(None)
    assert moment > 5
