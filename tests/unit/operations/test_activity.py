"""Background work runs in the active colour alone, also while both colours live."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from tests.support.listening import until

from valeo_erp.operations.activity import PATIENCE, Activity


class Service:
    """What users reach: leads to one release, or is away."""

    def __init__(self, leads_to: str | None) -> None:
        self.leads_to = leads_to

    def activity(self, release: str, handed_over: Callable[[bool], None] = lambda _: None) -> Activity:
        return Activity(release, "http://production", httpx.MockTransport(self._answer), handed_over)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/readyz"
        if self.leads_to is None:
            raise httpx.ConnectError("nobody")
        return httpx.Response(503, json={"ready": False, "release": self.leads_to})


@contextmanager
def fenced(activity: Activity, at_work: set[str], name: str) -> Iterator[asyncio.Task[None]]:
    """Work that says while it is done."""

    async def work() -> None:
        at_work.add(name)
        try:
            await asyncio.Event().wait()
        finally:
            at_work.discard(name)

    task = asyncio.create_task(activity.fence(work))
    yield task
    task.cancel()


async def test_of_two_colours_only_the_one_that_users_reach_works() -> None:
    service, at_work = Service("blue"), set[str]()
    blue, green = service.activity("blue"), service.activity("green")
    with fenced(blue, at_work, "blue"), fenced(green, at_work, "green"):
        for leads_to in ("blue", "green", "blue"):
            service.leads_to = leads_to
            for each in (blue, green) if leads_to == "green" else (green, blue):
                await each.look()  # the one that is no longer active looks first
            await until(lambda wanted={leads_to}: at_work == wanted)  # type: ignore[misc]
    await until(lambda: not at_work)


async def test_before_it_is_known_nothing_is_done() -> None:
    activity = Service("blue").activity("blue")
    assert not activity.active
    await activity.look()
    assert activity.active


async def test_a_service_that_is_silent_for_a_moment_changes_nothing_and_for_long_ends_the_work() -> None:
    service = Service("blue")
    activity = service.activity("blue")
    await activity.look()
    service.leads_to = None
    for _ in range(PATIENCE - 1):
        await activity.look()
    assert activity.active
    await activity.look()
    assert not activity.active


async def test_users_are_sent_on_once_another_release_has_replaced_an_active_one_and_never_before() -> None:
    service, told = Service("blue"), list[bool]()
    green = service.activity("green", told.append)
    await green.look()
    assert told == []  # staged: nobody has used it yet
    for service.leads_to in ("green", "blue", "blue", "green"):
        await green.look()
    assert told == [False, True, False]
    service.leads_to = None
    for _ in range(PATIENCE):
        await green.look()
    assert told[3:] == [False]  # nobody answers: that is no other release


@pytest.mark.parametrize("body", [b"", b"[]", b'"blue"', b'{"release": 1}', b"<html>"])
async def test_an_answer_that_names_no_release_is_none(body: bytes) -> None:
    activity = Activity("blue", "http://production", httpx.MockTransport(lambda _: httpx.Response(200, content=body)))
    await activity.look()
    assert not activity.active


async def test_alone_without_a_service_it_works_always() -> None:
    at_work = set[str]()
    activity = Activity("local", None)
    await activity.watch()
    with fenced(activity, at_work, "local"):
        await until(lambda: at_work == {"local"})


async def test_a_fault_of_the_work_is_not_hidden() -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Activity("local", None).fence(broken)
