"""What services cost, what limits the caller set on them, and whether a purchase would go through."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.data import packaged
from cocalc_facade.testing.wire.javascript import UNDEFINED, js_text
from cocalc_facade.testing.wire.refusals import Refusal

MIN_PAYMENT = 2.5
MOST = 99_999
TOKEN_PRICES = {"openai-gpt-4": {"prompt_tokens": 3.9e-05, "completion_tokens": 7.8e-05}}
# What one question to a language model may cost at most is asked for before it.
ESTIMATES = {"openai-gpt-4": 0.64}
PRICES: dict[str, Any] = {"credit": -MIN_PAYMENT, "compute-server": 30, **TOKEN_PRICES}
FREELY_PRICED = ("license", "edit-license", "voucher")


def get_quotas(call: Call) -> Any:
    """The limits that the caller set on services."""
    account_id = call.account_id()
    services = {
        service: value for (owner, service), value in call.world.quotas.items() if owner == account_id
    }
    account = call.world.accounts.get(account_id)
    return {"services": services, "minBalance": account.min_balance if account else 0}


def set_quota(call: Call) -> Any:
    """Set a limit on a service."""
    account_id = call.account_id()
    service, services = js_text(call.get("service")), packaged("services.json")
    limited = services["limited"]
    if service in services["valid"] and service not in limited:
        name = service.replace("-", " ").title()
        raise Refusal(f'you cannot change the quota for the service "{name}"')
    if service not in limited:
        raise Refusal(f'"{service}" must be one of the following: {", ".join(limited)}')
    value = call.get("value")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise Refusal(f'value must be a nonnegative number but it is "{js_text(value)}"')
    call.world.quotas[(account_id, service)] = value
    return get_quotas(call)


def get_max_project_quotas(call: Call) -> Any:
    """The most that a project may get."""
    return {
        "network": 1,
        "member_host": 1,
        "always_running": 1,
        "cores": 3,
        "memory": 16000,
        "disk_quota": 15000,
    }


def get_prices_project_quotas(call: Call) -> Any:
    """What project quotas cost."""
    return {"cores": 32, "memory": 4, "disk_quota": 0.25, "member_host": 4}


def get_service_cost(call: Call) -> Any:
    """What a service costs, or each of a list."""
    service = call.get("service")
    if service in (UNDEFINED, None):
        raise Refusal(f"Cannot read properties of {js_text(service)} (reading 'startsWith')")
    if isinstance(service, list):
        return {js_text(name): _cost(js_text(name)) for name in service}
    if not isinstance(service, str):
        raise Refusal("e.startsWith is not a function")
    return _cost(service)


def _cost(service: str) -> Any:
    if service in FREELY_PRICED:
        raise Refusal("No cost for these services")
    if service not in PRICES:
        raise Refusal(f"{service} not fully implemented")
    return PRICES[service]


def is_purchase_allowed(call: Call) -> Any:
    """Whether a purchase would go through; no is not an error."""
    account_id = call.account_id()
    service, cost = js_text(call.get("service")), call.get("cost")
    number = float(cost) if isinstance(cost, (int, float)) and not isinstance(cost, bool) else None
    valid = packaged("services.json")["valid"]
    if service not in valid:
        return _refused(f'unknown service "{service}". The valid services are: {", ".join(valid)}')
    if service == "credit":
        credit = MIN_PAYMENT if number is None else -number
        if credit < MIN_PAYMENT:
            words = f"must credit account with at least {dollars(MIN_PAYMENT)}, but you're trying to credit "
            return _refused(words + dollars(credit))
        return {"allowed": True}
    wanted = ESTIMATES.get(service) if number is None else number
    if wanted is None:
        return _refused(f'cost estimate for service "{service}" not implemented')
    if wanted > MOST:
        return _refused(f"Cost exceeds the maximum allowed cost of {dollars(MOST)}. Please contact support.")
    return _affordable(call, account_id, service, wanted)


def _affordable(call: Call, account_id: str, service: str, wanted: float) -> Any:
    account = call.world.accounts.get(account_id)
    balance, minimum = call.world.balance(account_id), account.min_balance if account else 0
    if balance - wanted < minimum:
        due = round(max(MIN_PAYMENT, wanted + minimum - balance), 2)
        reason = f"Please pay {dollars(due)}:  Your Balance: {dollars(balance)}, Required: {dollars(wanted)}"
        return {"allowed": False, "chargeAmount": due, "reason": reason}
    if service in FREELY_PRICED:
        words = f"The minimum payment is {dollars(MIN_PAYMENT)}, so a payment of "
        return {
            "allowed": True,
            "chargeAmount": 0,
            "reason": f"{words}{dollars(wanted - balance)} is not allowed.",
        }
    limit = call.world.quotas.get((account_id, service))
    # Services that go on are held against the limit even when none was set; a question to a model is not.
    limited = service in packaged("services.json")["limited"]
    if limited and (0 if limit is None and service not in ESTIMATES else limit or MOST) < wanted:
        name = service.replace("-", " ").title()
        words = f'This purchase may exceed your personal monthly spending budget for the "{name}" service.'
        return {
            "allowed": True,
            "discouraged": True,
            "reason": f"{words}  The purchase is still allowed.",
        }
    return {"allowed": True}


def dollars(amount: float) -> str:
    """An amount as the server writes it."""
    return f"-${-amount:,.2f}" if amount < 0 else f"${amount:,.2f}"


def _refused(reason: str) -> dict[str, Any]:
    return {"allowed": False, "reason": reason}
