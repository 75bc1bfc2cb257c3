"""All 191 routes, and what is said of each, against the facts about the server."""

import json
import re
from datetime import date

import pytest
from jsonschema import Draft202012Validator

from scripts.pipeline.facts import read_newer
from scripts.pipeline.published import DocumentError
from tests.openapi.conftest import DATA, ROOT
from tests.openapi.formats import EXTENSIONS

# Repeating these does no harm to the server's state in the end, and would harm something else.
NOT_REPEATED = {
    "projects/copy-path": "a second copy with backup replaces the saved originals",
    "projects/get-one": "two at once on an empty account can make two projects",
    "projects/public-path-license": "each call can restart the project",
    "purchases/cancel-subscription": "each call sends a notice",
    "purchases/student-pay": "it is about money",
    "vouchers/charge-for-unpaid-vouchers": "it is about money",
}

CONFIRMED = {
    "accounts/delete",
    "purchases/create-refund",
    "purchases/edit-license",
    "purchases/renew-subscription",
    "purchases/resume-subscription",
    "purchases/shopping-cart-checkout",
    "purchases/stripe/create-payment-intent",
    "purchases/stripe/create-subscription-payment",
    "purchases/student-pay",
    "purchases/student-pay-transfer",
    "token-action",
    "vouchers/charge-for-unpaid-vouchers",
}

FAILING = {"compute/control", "vouchers/redeem"}

OTHER_FAILURES = {
    "auth/sign-up": ["issues"],
    "bookmarks/add": ["status"],
    "bookmarks/get": ["status"],
    "bookmarks/remove": ["status"],
    "bookmarks/set": ["status"],
    "projects/call": ["event"],
    "projects/copy-url": ["response-event"],
}

REMOVED_GROUPS = (
    "billing/",
    "compute/",
    "jupyter/",
    "licenses/",
    "llm/",
    "messages/",
    "openai/",
    "public-paths/",
    "shopping/",
    "vouchers/",
)
REMOVED = {
    "accounts/search",
    "guesslang",
    "latex",
    "projects/call",
    "projects/collaborators/add",
    "projects/collaborators/change-user-type",
    "projects/collaborators/remove",
    "projects/copy-path-status",
    "projects/delete",
    "projects/restore",
    "projects/write-text-file",
}

# Published names that the server does not read, and names that it reads and does not publish, stay as they are.
FIELDS_ASIDE = {"accounts/send-verification-email", "auth/sign-up"}


# The key is a field of the request, so the client needs none of its own.
KEY_AS_FIELD = {"compute/scripts"}


def request_schema(client, operation):
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    name = schema.get("$ref", "").rpartition("/")[2]
    return client["components"]["schemas"][name] if name else schema


def test_every_route_of_the_server_is_there_and_no_other(operations, facts):
    assert set(operations) == set(facts)
    assert len(operations) == 191


def test_published_and_unpublished_routes_are_told_apart(operations, facts):
    assert {p: o["x-cocalc-published"] for p, o in operations.items()} == {
        p: f["published"] for p, f in facts.items()
    }


def test_every_route_says_what_it_does_and_how_careful_to_be(operations):
    for path, operation in operations.items():
        assert operation.get("summary"), path
        assert not [error.message for error in Draft202012Validator(EXTENSIONS).iter_errors(operation)], path


def test_who_may_call_and_what_changes_agree_with_the_facts(operations, facts):
    for path, fact in facts.items():
        operation = operations[path]
        assert operation["x-cocalc-auth"] == ("none" if path in KEY_AS_FIELD else fact["auth"]), path
        assert operation["x-cocalc-mutates"] == fact["mutates"], path
        assert operation.get("deprecated", False) == fact["deprecated"], path


def test_what_changes_something_says_what_and_so_does_what_only_seems_to_read(operations):
    for path, operation in operations.items():
        if operation["x-cocalc-mutates"]:
            assert {"x-cocalc-changes", "x-cocalc-confirm"} & set(operation), path
    assert {p for p, o in operations.items() if "x-cocalc-changes" in o and not o["x-cocalc-mutates"]} == {
        "bookmarks/add",
        "bookmarks/remove",
        "bookmarks/set",
        "compute/control",
        "jupyter/kernels",
    }
    assert {p: o["x-cocalc-reads-when"] for p, o in operations.items() if "x-cocalc-reads-when" in o} == {
        "api-keys": {"action": "get"},
        "jupyter/kernels": {"project_id": None},
        "user-query": "query",
    }


def test_only_a_harmless_call_is_repeated(operations, facts):
    repeated = {path for path, operation in operations.items() if operation["x-cocalc-idempotent"]}
    harmless = {path for path, fact in facts.items() if fact["idempotent"]}
    assert repeated == harmless - set(NOT_REPEATED)
    assert not repeated & CONFIRMED


def test_a_slow_route_gets_more_time(operations, facts):
    slow = {path for path, fact in facts.items() if fact["slow"]}
    assert {path for path, operation in operations.items() if "x-cocalc-timeout" in operation} == slow


def test_what_destroys_an_account_or_moves_money_asks_for_confirmation(operations):
    assert {path for path, operation in operations.items() if "x-cocalc-confirm" in operation} == CONFIRMED


def test_what_never_works_says_so(operations):
    assert {path for path, operation in operations.items() if "x-cocalc-fails" in operation} == FAILING


def test_routes_that_fail_in_another_form_say_which(operations):
    forms = {path: o["x-cocalc-failure"] for path, o in operations.items() if "x-cocalc-failure" in o}
    assert forms == OTHER_FAILURES


def test_throttled_routes_have_their_limits(operations, facts):
    limited = {path for path, operation in operations.items() if "x-cocalc-rate-limit" in operation}
    assert limited == {path for path, fact in facts.items() if fact["throttled"]}
    for path in limited:
        rule = operations[path]["x-cocalc-rate-limit"]
        assert rule["second"] <= rule["minute"] <= rule["hour"], path


def test_every_route_says_whether_newer_servers_have_it(operations):
    lacking = {path for path, operation in operations.items() if not operation["x-cocalc-newer-servers"]}
    assert lacking >= {path for path in operations if path.startswith(REMOVED_GROUPS) or path in REMOVED}
    assert len(lacking) == 110
    assert all(("x-cocalc-capability" in operations[path]) != (path in lacking) for path in operations)


def test_what_newer_servers_have_is_as_they_answered(operations):
    """What a key must be able to is what its refusals named; what no key may was refused to one that can do all."""
    newer = read_newer(ROOT / "openapi" / "newer-routes.yaml")
    assert len(newer.routes) == 61
    known = {path: words(o) for path, o in operations.items() if o["x-cocalc-newer-servers"]} | newer.routes
    assert len(known) == 142
    met = set()
    for exchange in exchanges():
        path = exchange["request"]["path"].partition("/api/v2/")[2].partition("?")[0]
        if not path or "cookie" in (exchange["request"]["auth"] or ""):
            continue
        assert (path in known) == (exchange["response"]["status"] != 404), path
        if path not in known:
            continue
        met.add(path)
        said = exchange["response"].get("json")
        error = str(said.get("error")) if isinstance(said, dict) else ""
        if lacks := re.match(r"API key lacks required capability '(\S+)'", error):
            assert lacks[1] in known[path], path
        if exchange["request"]["auth"] == "basic: $COCALC_API_KEY:":
            refused = re.match("API keys (are not allowed|cannot)|browser sign-in is|interactive CLI", error)
            partly = "account_id" in exchange["request"]["body"] if exchange["request"]["body"] else False
            if refused and not partly:
                assert known[path] == ("never",), path
            if not error and known[path] == ("never",):
                assert isinstance(said, dict), path
                assert "issues" in said, path
    assert met == set(known) - {"news/list"}  # which nobody asked


def words(operation):
    found = operation["x-cocalc-capability"]
    return tuple(found) if isinstance(found, list) else (found,)


def exchanges():
    return [
        json.loads(line) for line in (DATA / "exchanges" / "newer-generation.jsonl").read_text().splitlines()
    ]


def test_the_day_of_that_knowledge_is_a_day():
    assert date.fromisoformat(read_newer(ROOT / "openapi" / "newer-routes.yaml").as_of)


@pytest.mark.parametrize(
    "text", ["[]", "as-of: '2026-01-01'", "{as-of: 1, routes: {}}", "{as-of: '', routes: []}"]
)
def test_a_malformed_table_of_newer_routes_is_refused(tmp_path, text):
    (tmp_path / "newer-routes.yaml").write_text(text)
    with pytest.raises(DocumentError, match=r"newer-routes\.yaml"):
        read_newer(tmp_path / "newer-routes.yaml")


@pytest.mark.parametrize("published", [True, False])
def test_a_request_has_the_fields_that_the_server_reads(client, operations, facts, published):
    for path, fact in facts.items():
        if fact["published"] != published or path in FIELDS_ASIDE:
            continue
        schema = request_schema(client, operations[path])
        assert set(schema.get("properties", {})) == set(fact["request"]), path
        needed = {name for name, required in fact["request"].items() if required}
        assert set(schema.get("required", ())) == needed, path
