"""Years of made-up changes: no run fails, and no name of a release is lost before the next major version."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random

import pytest

from scripts.pipeline.diff import CHANGES
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape
from scripts.pipeline.validate import validate
from scripts.tracking.rehearsal.edits import EDITS, Server
from scripts.tracking.rehearsal.life import Life, LostNameError
from scripts.tracking.rehearsal.times import GROWN, Cost, excess, line, times
from scripts.tracking.rehearsal.vanish import table, vanished
from tests.tracking.test_mutations import excerpt

ROOT = Path(__file__).parents[2]
ROUTES = (
    "exec", "projects/stop", "shopping/cart/add", "licenses/get-managed",
)  # fmt: skip


def test_fifty_steps_of_a_life_lose_no_name(tmp_path: Path) -> None:
    random, life, server = Random(15), Life(tmp_path), Server(excerpt(ROUTES))
    life.meets(server.document, "2026-01-01")
    life.release()
    for step in range(50):
        for edit in random.choices(EDITS, k=random.randint(1, 4)):
            edit(server, random)
        life.meets(server.document, f"2026-01-{step % 28 + 1:02}")
        if step % 4 == 0:
            life.release()
    versions = re.findall(r"^## ([0-9.]+) ", (tmp_path / CHANGES).read_text(), re.MULTILINE)
    assert len(set(versions)) == len(versions), "one section a version"
    assert not life.lost


def test_the_rehearsal_notices_a_name_that_is_lost(tmp_path: Path) -> None:
    life, server = Life(tmp_path), Server(excerpt(ROUTES))
    life.meets(server.document, "2026-01-01")
    life.release()
    (tmp_path / "openapi" / "contract.json").unlink()  # so that nobody knows what was promised
    del server.paths["/api/v2/exec"]
    with pytest.raises(LostNameError, match=r"client\.exec"):
        life.meets(server.document, "2026-01-02")


def test_a_name_that_is_not_that_of_the_path_outlives_a_major_version_that_was_none(tmp_path: Path) -> None:
    life, server = Life(tmp_path), Server(excerpt(ROUTES))

    def meets(spelled: dict[str, str], *gone: str) -> None:
        paths = {spelled.get(path, path): item for path, item in whole.items() if path not in gone}
        life.meets({**server.document, "paths": paths}, "2026-01-01")

    whole = dict(server.paths)
    other = {
        "/api/v2/projects/stop": "/api/v2/projects/Stop",
        "/api/v2/licenses/get-managed": "/api/v2/licenses/getManaged",
    }
    meets({})
    life.release()
    meets(other)
    life.release()
    meets(other, *other)
    life.release()
    assert life.version == "2.0.0"
    meets(other, *other, "/api/v2/exec")
    meets(other, *other, "/api/v2/exec")
    assert life.proposed == "3.0.0"
    meets(other, *other)  # raises when `client.projects.stop` is lost
    assert life.proposed == "2.0.0"


@pytest.mark.parametrize("spelled", ["projects/stop", "projects/Stop"])
def test_what_came_back_is_not_retired_once_more_when_that_is_released(tmp_path: Path, spelled: str) -> None:
    life, server = Life(tmp_path), Server(excerpt(ROUTES))
    life.meets(server.document, "2026-01-01")
    life.release()
    stop = server.paths.pop("/api/v2/projects/stop")
    life.meets(server.document, "2026-01-02")
    life.release()
    server.paths[f"/api/v2/{spelled}"] = stop
    life.meets(server.document, "2026-01-03")
    life.release()
    assert life.version == "2.1.0"
    assert life.meets(server.document, "2026-01-04").retired == {"operations": [], "fields": []}


def test_what_would_leave_with_a_major_version_stays_when_there_is_none_after_all(tmp_path: Path) -> None:
    life, server = Life(tmp_path), Server(excerpt(ROUTES))
    life.meets(server.document, "2026-01-01")
    life.release()
    stop = server.paths.pop("/api/v2/projects/stop")
    life.meets(server.document, "2026-01-02")
    life.release()
    assert life.version == "2.0.0"
    copy = server.paths.pop("/api/v2/exec")
    life.meets(server.document, "2026-01-03")
    assert life.proposed == "3.0.0"
    server.paths["/api/v2/exec"] = copy
    found = life.meets(server.document, "2026-01-04")
    assert life.proposed == "2.0.0"
    assert [row["route"] for row in found.retired["operations"]] == ["projects/stop"]
    assert "leaving" not in found.retired
    del server.paths["/api/v2/exec"]
    life.meets(server.document, "2026-01-05")
    life.release()
    later = life.meets({**server.document}, "2026-01-06")
    assert [row["route"] for row in later.retired["operations"]] == ["exec"]
    assert "leaving" not in later.retired
    server.paths["/api/v2/projects/stop"] = stop
    assert "client.projects.stop is new." in str(life.meets(server.document, "2026-01-07").report)


# All 57: python -m tests.tracking.rehearse vanish
def test_a_published_route_that_vanishes_is_reported_gated_and_kept(tmp_path: Path) -> None:
    routes = ["latex", "projects/collaborators/add", "user-query"]
    rows = list(vanished(ROOT, tmp_path, routes))
    assert [row.route for row in rows] == routes
    for row in rows:
        assert "is gone: the server no longer offers" in row.said
        assert (row.exit_code, row.kept) == (20, True)
        assert row.lapsed > 0
    assert all("still callable" in line for line in list(table(rows))[2:])


def test_a_retired_route_that_comes_back_in_another_spelling_and_takes_nothing_keeps_its_arguments(
    tmp_path: Path,
) -> None:
    life, server = Life(tmp_path), Server(excerpt(ROUTES))
    life.meets(server.document, "2026-01-01")
    life.release()
    item = server.paths.pop("/api/v2/licenses/get-managed")
    add = server.paths.pop("/api/v2/shopping/cart/add")
    life.meets(server.document, "2026-01-02")
    life.release()
    add["post"].pop("requestBody")
    server.paths.update(
        {
            "/api/v2/licenses/getManaged": item,
            "/api/v2/shopping/cart/Add": add,
        }
    )
    found = life.meets(server.document, "2026-01-03")
    assert {row["route"] for row in found.retired["fields"]} == {"shopping/cart/Add"}
    assert "Leaves with this version" not in (tmp_path / CHANGES).read_text().partition("## 2.0.0")[0]


def test_what_is_retired_is_called_as_in_the_client(tmp_path: Path) -> None:
    life, server = Life(tmp_path), Server(excerpt(ROUTES))
    life.meets(server.document, "2026-01-01")
    life.release()
    server.paths["/api/v2/shopping/cart/Add"] = server.paths.pop("/api/v2/shopping/cart/add")
    life.meets(server.document, "2026-01-02")
    life.release()
    del server.components["AddCartItemRequestBody"]["properties"]["description"]
    life.meets(server.document, "2026-01-03")
    newest = (tmp_path / CHANGES).read_text().partition("\n## ")[2].partition("\n## ")[0]
    assert "* `client.shopping.cart.add`: argument `description`\n" in newest
    life.release()
    del server.paths["/api/v2/shopping/cart/Add"]
    life.meets(server.document, "2026-01-04")
    newest = (tmp_path / CHANGES).read_text().partition("\n## ")[2].partition("\n## ")[0]
    assert "* `client.shopping.cart.add`\n" in newest
    assert "* `client.shopping.cart.add`: argument `description`\n" in newest
    assert "cart.Add`" not in newest


# The whole table: python -m tests.tracking.rehearse times
def test_what_a_run_costs_is_measured_of_a_whole_run(tmp_path: Path) -> None:
    (cost,) = times(ROOT, tmp_path, {"values": [20]})
    assert (cost.what, cost.size) == ("values", 20)
    assert cost.seconds > 0.2
    assert cost.megabytes > 20
    assert line(cost).startswith("| 20 values | ")
    assert (tmp_path / "values-20" / "generated" / "cocalc_v2" / "resources").is_dir()


@pytest.mark.parametrize(("what", "count"), [("routes", 9), ("values", 30), ("fields", 30), ("keys", 30)])
def test_a_document_grows_by_as_much_as_is_asked(what: str, count: int) -> None:
    published = excerpt(ROUTES)
    small, large = (GROWN[what](published, size) for size in (count, 3 * count))
    assert len(json.dumps(large)) > 2 * len(json.dumps(small)) - len(json.dumps(published))
    if what == "routes":
        assert [len(one["paths"]) for one in (small, large)] == [9, 27]
    validate(shape(repair(large).document))


def test_what_grows_out_of_proportion_is_named() -> None:
    costs = [Cost("routes", 500, 5.0, 100), Cost("routes", 2_000, 19.0, 220), Cost("keys", 10, 1.0, 10)]
    assert not list(excess(costs))
    slow = [*costs, Cost("routes", 4_000, 60.0, 366), Cost("keys", 20, 1.0, 40)]
    assert list(excess(slow)) == [
        "4,000 routes take 60.0 s, 500 only 5.0 s",
        "20 keys take 40 MB, 10 only 10 MB",
    ]
