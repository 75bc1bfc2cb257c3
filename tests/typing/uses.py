"""A hundred things that people do, as they would write them: no cast, and nothing for a checker to complain of.

Course staff, partners who build on this, those who run a server, authors of tools. `tests/face/test_uses.py` runs them on the stand-in, but those whose name ends with `_`.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import httpx
from cocalc_v2 import models

from cocalc_facade import (
    SCHEMA,
    TABLES,
    APIError,
    ApiKey,
    AsyncCoCalc,
    AsyncProject,
    Attempt,
    AuthenticationError,
    CartItem,
    CoCalc,
    CoCalcError,
    CommandError,
    CompletedCommand,
    ConfirmationRequired,
    InvalidRequestError,
    LatexMessage,
    Mismatch,
    Outcome,
    Outcomes,
    Project,
    ProjectState,
    Purchase,
    Purchases,
    QueryRows,
    RateLimitError,
    ReadOnlyError,
    Request,
    Response,
    RouteDescription,
    Secret,
    Timeout,
    TransportError,
    jsonable,
)

CODE = r"\documentclass{article}\begin{document}Hello\end{document}"

# Course staff


def use_01_names_of_my_projects(client: CoCalc) -> dict[str, str | None]:
    return {project.project_id: project.title for project in client.projects.get()}


def use_02_a_project_for_each_student(client: CoCalc) -> list[str]:
    return [client.projects.create(title=f"Algebra, {name}").project_id for name in ("Ada", "Emmy")]


def use_03_run_in_the_project_just_made(client: CoCalc) -> str:
    return client.run(client.projects.create(title="x").project_id, "echo hello").stdout


def use_04_which_projects_run(client: CoCalc) -> list[str]:
    ids = [project.project_id for project in client.projects.get()]
    return [one for one in ids if client.project(one).state().running]


def use_05_start_all(client: CoCalc) -> list[ProjectState]:
    ids = [project.project_id for project in client.projects.get()]
    return client.wait_for_projects(ids, "running").values()


def use_06_run_the_tests_of_all(client: CoCalc) -> dict[str, bool]:
    ids = [project.project_id for project in client.projects.get()]
    done = client.map(client.run, ids, "test -f homework.py", timeout=20)
    return {one.item: one.value is not None and one.value.returncode == 0 for one in done}


def use_07_why_it_failed(client: CoCalc, project_id: str) -> Counter[str]:
    done = client.map(client.run, [project_id, str(UUID(int=1))], "true")
    return Counter({cause.error: len(cause.items) for cause in done.causes()})


def use_08_hand_out_a_file(client: CoCalc, project_id: str) -> None:
    with client.project(project_id) as project:
        project.write_text("homework/task.md", "# Task\n")


def use_09_copy_to_a_student(client: CoCalc, project_id: str) -> None:
    other = client.projects.create(title="Student").project_id
    client.wait_for_project(other)
    project = client.project(project_id)
    project.write_text("task.md", "# Task\n")
    project.copy_to(other, "task.md")


def use_10_collect_to_a_folder(client: CoCalc, project_id: str, folder: Path) -> tuple[str, ...]:
    project = client.project(project_id)
    project.write_text("work/answer.txt", "42\n")
    return project.download("work", folder / "work").files


def use_11_upload_the_handouts(client: CoCalc, project_id: str, folder: Path) -> int:
    (folder / "a.txt").write_text("a")
    return client.project(project_id).upload(folder / "a.txt", "handouts/a.txt").size


def use_12_the_largest_files(client: CoCalc, project_id: str) -> list[tuple[str, int]]:
    client.wait_for_project(project_id)
    files = [entry for entry in client.list_directory(project_id) if not entry.is_dir]
    return [(entry.path, entry.size or 0) for entry in sorted(files, key=lambda one: one.size or 0)][-10:]


def use_13_walk_all_folders(client: CoCalc, project_id: str) -> int:
    client.wait_for_project(project_id)
    return sum(len(listing) for listing in client.walk_directory(project_id))


def use_14_a_pdf_of_the_sheet(client: CoCalc, project_id: str, folder: Path) -> Path:
    return client.compile_latex(CODE, project_id=project_id).save(folder / "sheet.pdf")


def use_15_the_errors_of_latex(client: CoCalc, project_id: str) -> list[str]:
    def place(message: LatexMessage) -> str:
        return f"{message.file or '?'}:{message.line or 0}"

    return [place(error) for error in client.compile_latex(CODE, project_id=project_id).errors]


def use_16_grades_as_csv(client: CoCalc, project_id: str, course: str, folder: Path) -> Path:
    return client.course(project_id, course).grades().to_csv(folder / "grades.csv")


def use_17_who_has_not_joined(client: CoCalc, project_id: str, course: str) -> list[str]:
    return [student.name for student in client.course(project_id, course).students() if not student.joined]


def use_18_check_all_students(client: CoCalc, project_id: str, course: str) -> list[str]:
    outcomes = client.course(project_id, course).run_for_all("echo hello", timeout=60)
    return [f"{one.item.name}: {one.value.stdout if one.value else one.error}" for one in outcomes]


def use_19_collect_into_the_course(client: CoCalc, project_id: str, course: str) -> list[str]:
    algebra = client.course(project_id, course)
    algebra.hand_out("homework/week1").values()
    return algebra.collect("homework/week1").values()


def use_20_collect_here(client: CoCalc, project_id: str, course: str, folder: Path) -> list[str]:
    algebra = client.course(project_id, course)
    algebra.hand_out("homework/week1").values()
    transfers = algebra.collect("homework/week1", to=folder).values()
    return [file for transfer in transfers for file in transfer.files]


def use_21_students_that_run(client: CoCalc, project_id: str, course: str) -> int:
    return sum(student.state == "running" for student in client.course(project_id, course).students())


def use_22_evaluate_a_cell(client: CoCalc, project_id: str) -> str | None:
    return client.evaluate("1 + 1", project_id=project_id).text


def use_23_which_kernels(client: CoCalc, project_id: str) -> list[str]:
    return [kernel.name for kernel in client.kernels(project_id)]


def use_24_stop_at_the_end_of_term(client: CoCalc, project_id: str) -> bool:
    return client.wait_for_project(project_id, "stopped").stopped


def use_25_find_or_make(client: CoCalc) -> str:
    return client.ensure_project(title="Measured project").project_id


# Partners who build on it


def use_26_json_for_a_page(client: CoCalc) -> str:
    return json.dumps({"projects": client.projects.get(), "me": client.whoami()}, default=jsonable)


def use_27_an_answer_as_the_server_sent_it(client: CoCalc) -> list[dict[str, Any]]:
    return [project.to_dict() for project in client.projects.get()]


def use_28_rows_of_a_table(client: CoCalc) -> QueryRows:
    return client.query("projects", ["project_id", "title"], many=True)


def use_29_one_row(client: CoCalc) -> str:
    row = client.query("accounts", ["first_name"])
    return "" if row is None else str(row["first_name"])


def use_30_a_table_of_tomorrow_(client: CoCalc) -> list[Any]:
    rows = client.query("table_of_tomorrow", ["id"], many=True, check=False)
    return [row["id"] for row in rows]


def use_31_one_row_of_tomorrow_(client: CoCalc) -> object:
    row = client.query("table_of_tomorrow", ["id"], check=False)
    return row and row["id"]


def use_32_one_or_many(client: CoCalc, many: bool = True) -> int:
    found = client.query("projects", ["project_id"], many=many)
    return 0 if found is None else len(found)


def use_33_recent_ones(client: CoCalc) -> int:
    recent = {"last_edited": {">=": timedelta(days=-7)}}
    return len(client.query("projects", ["project_id"], recent, many=True))


def use_34_rename(client: CoCalc, project_id: str) -> None:
    client.update("projects", {"project_id": project_id, "title": "Renamed"})


def use_35_sign_the_user_in(client: CoCalc) -> Literal["account", "project"]:
    return client.whoami().kind


def use_36_a_key_for_a_user(client: CoCalc) -> Secret:
    return client.keys.create("for the app", expires=timedelta(days=30)).secret


def use_37_keys_about_to_end(client: CoCalc) -> list[ApiKey]:
    soon = datetime.now(UTC) + timedelta(days=7)
    return [key for key in client.keys.list() if key.expires is not None and key.expires < soon]


def use_38_rotate_a_key(client: CoCalc) -> int:
    key = client.keys.create("old")
    return client.keys.rotate(key.id).id


def use_39_put_a_licence_into_the_cart(client: CoCalc) -> CartItem:
    return client.cart.add_license(user="academic", run_limit=3, period="monthly")


def use_40_what_it_would_cost(client: CoCalc) -> float | None:
    client.cart.add_license(user="business")
    return client.cart.price().total


def use_41_ask_before_buying(client: CoCalc) -> bool:
    try:
        client.cart.checkout()
    except (ConfirmationRequired, APIError, InvalidRequestError):
        return False
    return True


def use_42_search_people(client: CoCalc) -> list[str]:
    return [user.account_id for user in client.accounts.search(query="Uma") or []]


def use_43_names_of_people(client: CoCalc) -> Mapping[str, Any]:
    me = client.whoami().account_id
    return client.accounts.get_names(account_ids=[me] if me else []).to_dict()


def use_44_a_timeout_of_one_call(client: CoCalc) -> str:
    return client.with_options(timeout=5, max_retries=0).projects.create(title="x").project_id


def use_45_timeouts_by_phase(client: CoCalc) -> int:
    return len(client.with_options(timeout=Timeout(30, connect=2)).projects.get(limit=5))


def use_46_nothing_is_changed(client: CoCalc) -> str:
    try:
        client.with_options(read_only=True).projects.create(title="x")
    except ReadOnlyError as error:
        return error.changes
    return ""


def use_47_what_would_be_changed(client: CoCalc) -> list[str]:
    trial = client.with_options(dry_run=True)
    trial.projects.create(title="x")
    return [call.path for call in trial.planned]


def use_48_retry_when_told_to_(client: CoCalc, sleep: Callable[[float], None]) -> None:
    try:
        client.call("projects/get")
    except RateLimitError as error:
        sleep(error.retry_after or 60)


def use_49_whether_it_may_have_run_(client: CoCalc) -> bool:
    try:
        client.projects.create(title="x")
    except TransportError as error:
        return error.maybe_executed
    return False


def use_50_an_error_for_the_log(client: CoCalc) -> dict[str, Any]:
    try:
        client.projects.stop(project_id=str(UUID(int=1)))
    except CoCalcError as error:
        return {"path": error.path, "status": error.status, "what": error.message, **error.to_dict()}
    return {}


# Those who run a server


def use_51_purchases_of_january(client: CoCalc) -> float:
    return client.iter_purchases(since=date(2026, 1, 1), until=date(2026, 2, 1)).total


def use_52_exact_money(client: CoCalc) -> Decimal:
    return client.iter_purchases(decimal=True).total


def use_53_of_somebody_else(admin: CoCalc, account_id: str) -> Purchases[Decimal]:
    return admin.iter_purchases(account_id=account_id, decimal=True).all()


def use_54_the_last_month(client: CoCalc) -> list[Purchase[float]]:
    return list(client.iter_purchases(since=timedelta(days=30)))


def use_55_sums_by_service(client: CoCalc) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for purchase in client.iter_purchases(decimal=True):
        sums[purchase.service] = sums.get(purchase.service, Decimal(0)) + purchase.amount
    return sums


def use_56_to_a_file(client: CoCalc, folder: Path) -> Path:
    return client.iter_purchases(decimal=True).all().to_csv(folder / "purchases.csv")


def use_57_all_messages(client: CoCalc) -> list[str | None]:
    return [message.subject for message in client.messages.iter_get(limit=100)]


def use_58_every_project_page_by_page(client: CoCalc) -> set[str]:
    return {project.project_id for project in client.projects.iter_get()}


def use_59_the_last_ten(client: CoCalc) -> int:
    return sum(1 for _ in client.purchases.iter_get_purchases(limit=10))


def use_60_find_an_account(admin: CoCalc, account_id: str) -> str:
    return admin.find_account(email=admin.email_of(account_id) or "").account_id


def use_61_banned_accounts(admin: CoCalc) -> list[str]:
    return [account.account_id for account in admin.list_accounts(banned=True)]


def use_62_projects_of_somebody(admin: CoCalc, account_id: str) -> list[str]:
    return [row.project_id for row in admin.projects_of(account_id) if row.state != "archived"]


def use_63_address_of_somebody(admin: CoCalc, account_id: str) -> str | None:
    return admin.email_of(account_id)


def use_64_is_the_key_good(client: CoCalc) -> bool:
    try:
        client.whoami()
    except AuthenticationError:
        return False
    return True


def use_65_may_this_key_do_it(client: CoCalc) -> bool:
    return client.can("projects/start").verdict == "yes"


def use_66_which_generation(client: CoCalc) -> str:
    return str(client.generation)


def use_67_what_the_server_changed_(client: CoCalc) -> list[str]:
    report = client.check_schema()
    return [str(change) for change in report.changes] if report else []


def use_68_routes_that_cost(client: CoCalc) -> list[str]:
    described: list[RouteDescription] = [client.describe(path) for path in client.routes("purchases/")]
    return [route.path for route in described if route.charges]


def use_69_routes_for_administrators(client: CoCalc) -> list[str]:
    return [path for path in client.routes() if client.describe(path).auth == "admin"]


def use_70_where_answers_depart(client: CoCalc) -> list[tuple[str, str]]:
    client.projects.get()
    return [(mismatch.path, mismatch.got) for mismatch in client.mismatches]


def use_71_a_hook_for_metrics(make: Callable[..., CoCalc]) -> list[float]:
    seconds: list[float] = []

    def measured(response: Response) -> None:
        if response.status is not None:
            seconds.append(response.seconds)

    make(on_response=measured).projects.get()
    return seconds


def use_72_a_hook_for_an_audit(make: Callable[..., CoCalc]) -> list[str]:
    paths: list[str] = []

    def noted(request: Request) -> None:
        paths.append(request.path)

    make(on_request=noted).whoami()
    return paths


def use_73_a_hook_for_departures(make: Callable[..., CoCalc]) -> list[Mismatch]:
    found: list[Mismatch] = []
    make(on_mismatch=found.append).projects.get()
    return found


def use_74_behind_a_proxy_() -> CoCalc:
    return CoCalc(http_client=httpx.Client(proxy="http://proxy.example.edu:3128"), timeout=30)


def use_75_a_key_that_rotates_(folder: Path) -> CoCalc:
    return CoCalc((folder / "key").read_text, os.environ.get("COCALC_HOST"))


def use_76_a_profile_() -> CoCalc:
    return CoCalc.from_profile("school", read_only=True)


def use_77_the_state_of_a_server_(client: CoCalc) -> bool:
    return client.compute.get_server_state(id=7) in ("running", "starting")


def use_78_start_a_server_(client: CoCalc, action: Literal["start", "stop"]) -> None:
    client.compute.compute_server_action(id=7, action=action)


# Authors of tools


def use_79_any_route_by_its_path(client: CoCalc) -> Any:
    return client.call("projects/get", {"limit": 3})


def use_80_the_raw_answer(client: CoCalc) -> tuple[int, int, str | None]:
    raw = client.with_raw_response.projects.get()
    return raw.status, len(raw.content), raw.parse()[0].title


def use_81_a_job_of_hours(client: CoCalc, project_id: str) -> str:
    lines: list[str] = []
    done = client.run(project_id, "echo begin; sleep 90; echo end", timeout=600, stream=lines.append)
    return done.stdout


def use_82_a_job_by_hand(client: CoCalc, project_id: str) -> CompletedCommand:
    client.wait_for_project(project_id)
    job = client.exec(project_id=project_id, command="echo done", async_call=True)
    return client.wait_for_command(project_id, job.job_id)


def use_83_an_exit_code(client: CoCalc, project_id: str) -> int | None:
    try:
        client.run(project_id, "exit 3", check=True)
    except CommandError as error:
        return error.exit_code
    return 0


def use_84_how_it_ran(client: CoCalc, project_id: str) -> str:
    client.wait_for_project(project_id)
    done = client.exec(project_id=project_id, command="echo x")
    match done.type:
        case "blocking":
            return done.stdout
        case "async":
            return done.job_id or ""


def use_85_with_a_view(client: CoCalc) -> CoCalc:
    return client.with_options(strict=True).with_options(max_retries=1)


class Campus(CoCalc):
    """A client with a method of one's own."""

    def count(self) -> int:
        return len(self.projects.get())


def use_86_a_class_of_ones_own_(campus: Campus) -> int:
    with campus.with_options(timeout=5) as view:
        return view.count()


def use_87_a_function_of_projects(client: CoCalc, project_id: str) -> str:
    def first_line(project: Project) -> str:
        return project.run("echo one; echo two").stdout.splitlines()[0]

    with client.project(project_id) as project:
        return first_line(project)


def use_88_map_a_function(client: CoCalc, project_id: str) -> Outcomes[str, int]:
    def count(one: str) -> int:
        return len(client.run(one, "ls").stdout.split())

    return client.map(count, [project_id])


def use_89_map_a_route(client: CoCalc, project_id: str) -> list[models.Ok]:
    return client.map(client.projects.start, [project_id]).values()


def use_90_each_as_it_is_done(client: CoCalc, project_id: str) -> list[str]:
    seen: list[str] = []

    def note(outcome: Outcome[str, CompletedCommand]) -> None:
        seen.append(outcome.item)

    client.map(client.run, [project_id], "true", on_done=note)
    return seen


def use_91_go_on_where_it_stopped(client: CoCalc, project_id: str, folder: Path) -> bool:
    done = client.map(client.run, [project_id], "true", journal=folder / "run.jsonl")
    return all(one.ok for one in done)


def use_92_what_was_tried_(error: CoCalcError) -> list[Attempt]:
    return list(error.attempts)


def use_93_an_object_for_a_test() -> str:
    project = models.ProjectSummary(project_id=str(UUID(int=1)), title="Test")
    return project.project_id


def use_94_read_what_was_kept(client: CoCalc) -> models.ProjectSummary:
    kept = client.projects.get()[0].to_dict()
    return models.ProjectSummary.from_dict(kept)


def use_95_which_document() -> tuple[str, int]:
    return SCHEMA.source, SCHEMA.operations


def use_96_the_limit_of_a_table() -> int | None:
    return TABLES["projects"].limit


async def use_97_ten_at_once(client: AsyncCoCalc, project_id: str) -> Outcomes[str, CompletedCommand]:
    return await client.map(client.run, [project_id], "true", concurrency=10)


async def use_98_in_a_block(client: AsyncCoCalc, project_id: str) -> str:
    async with client.project(project_id) as project:
        return await told(project)


async def told(project: AsyncProject) -> str:
    return (await project.run("echo told")).stdout


async def use_99_page_by_page(client: AsyncCoCalc) -> list[str]:
    return [project.project_id async for project in client.projects.iter_get(limit=5)]


async def use_100_a_page_that_streams(client: AsyncCoCalc) -> list[str]:
    async def lines() -> AsyncIterator[str]:
        async for purchase in client.iter_purchases(since=timedelta(days=30)):
            yield json.dumps(purchase, default=jsonable)

    return [line async for line in lines()]
