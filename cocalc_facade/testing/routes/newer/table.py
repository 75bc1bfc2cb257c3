"""Every route of servers of the newer generation, and what answers it."""

from __future__ import annotations

from cocalc_facade.testing.call import Handler
from cocalc_facade.testing.data import packaged
from cocalc_facade.testing.routes import site
from cocalc_facade.testing.routes.people import auth

from . import exec_, news, people, projects
from .capabilities import BROWSER, SIGNED_OUT, admins_only, always, browser_only, fixed, no_key

BILLING = "access billing account details"
STRIPE_READ = "access Stripe billing details"
STRIPE_WRITE = "modify Stripe billing details"
ADMIN_ROUTES = "use admin HTTP API routes"
CLI = "interactive CLI sign-in is required"
NO_FLOW = always("This email sign-in flow is not available in this browser.", code="not_found")

ROUTES: dict[str, Handler] = {
    "accounts/ban": admins_only("only admins can ban users"),
    "accounts/delete": no_key("delete accounts"),
    "accounts/get-email-address": people.get_email_address,
    "accounts/get-names": people.get_names,
    "accounts/profile": people.profile,
    "accounts/quarantine-billing-resources": admins_only(
        "only admins can quarantine account billing/resources"
    ),
    "accounts/remove-ban": admins_only("only admins can ban users"),
    "accounts/send-verification-email": no_key("send verification email"),
    "accounts/set-email-address": no_key("change email addresses"),
    "accounts/set-name": no_key("edit account names", "Must be signed in to edit account name."),
    "accounts/set-password": no_key("change passwords"),
    "accounts/sign-out": no_key("sign out browser sessions"),
    "api-keys": people.api_keys,
    "auth/2fa/disable": no_key("disable two-factor authentication"),
    "auth/2fa/passkeys/authentication/finish": people.second_factor,
    "auth/2fa/passkeys/authentication/start": people.passkey,
    "auth/2fa/passkeys/disable": browser_only,
    "auth/2fa/passkeys/fresh-auth/finish": browser_only,
    "auth/2fa/passkeys/fresh-auth/start": browser_only,
    "auth/2fa/passkeys/list": browser_only,
    "auth/2fa/passkeys/rename": browser_only,
    "auth/2fa/passkeys/setup/finish": browser_only,
    "auth/2fa/passkeys/setup/start": browser_only,
    "auth/2fa/recovery-codes/rotate": browser_only,
    "auth/2fa/setup/confirm": browser_only,
    "auth/2fa/setup/start": browser_only,
    "auth/2fa/status": browser_only,
    "auth/bootstrap": people.bootstrap,
    "auth/cli/challenge-info": people.challenge_info,
    "auth/cli/elevate/approve": always(SIGNED_OUT),
    "auth/cli/elevate/dev": always(CLI),
    "auth/cli/elevate/passkey/finish": always(SIGNED_OUT),
    "auth/cli/elevate/passkey/start": always(SIGNED_OUT),
    "auth/cli/elevate/start": always(CLI),
    "auth/cli/elevate/status": people.challenge_status,
    "auth/cli/login/approval-token": no_key("approve CLI login"),
    "auth/cli/login/approve": always(SIGNED_OUT),
    "auth/cli/login/redeem": people.challenge_status,
    "auth/cli/login/start": people.start_login,
    "auth/cli/login/status": people.challenge_status,
    "auth/cli/session-status": always(CLI),
    "auth/email/exchange": always("invalid token format"),
    "auth/email/fresh-finalize": always(BROWSER),
    "auth/email/fresh-redeem-code": always(BROWSER),
    "auth/email/fresh-start": always(BROWSER),
    "auth/email/redeem-code": people.redeem_code,
    "auth/email/redeem-link": always("The sign-in link is invalid.", code="invalid"),
    "auth/email/resend": NO_FLOW,
    "auth/email/start": always("Email sign-in is not enabled for this site."),
    "auth/email/status": NO_FLOW,
    "auth/fresh-auth": browser_only,
    "auth/fresh-auth-status": browser_only,
    "auth/has-password": no_key("inspect password status"),
    "auth/password-reset": fixed(
        {"success": "If an account with that email exists, a password reset email has been sent."}
    ),
    "auth/password-strength": auth.password_strength,
    "auth/redeem-password-reset": auth.redeem_password_reset,
    "auth/redeem-verify-email": people.redeem_verify_email,
    "auth/requires-token": fixed(True),
    "auth/sign-in": people.sign_in,
    "auth/sign-in-method": people.sign_in_method,
    "auth/sign-up": people.sign_up,
    "auth/sso-strategies": fixed([]),
    "auth/unlink-strategy": no_key("unlink sign-in methods"),
    "auth/verify-second-factor": people.second_factor,
    "bookmarks/add": site.bookmarks,
    "bookmarks/get": site.get_bookmarks,
    "bookmarks/remove": site.bookmarks,
    "bookmarks/set": site.bookmarks,
    "customize": people.customize,
    "exec": exec_.run,
    "file-access": people.file_access,
    "monitoring/startup": news.startup,
    "news/admin-get": no_key(ADMIN_ROUTES, "must be signed in to edit news"),
    "news/admin-list": no_key(ADMIN_ROUTES, "must be signed in to edit news"),
    "news/edit": no_key(ADMIN_ROUTES, "must be signed in to create/edit news"),
    "news/events": news.events,
    "news/get": news.get,
    "news/list": news.listing,
    "projects/collaborators/list": projects.collaborators,
    "projects/copy-path": projects.copy_path,
    "projects/copy-url": projects.copy_url,
    "projects/course/set-course-info": projects.set_course_info,
    "projects/create": projects.create,
    "projects/filename-search": no_key("access browser file activity"),
    "projects/get": projects.get,
    "projects/get-one": projects.get_one,
    "projects/preview-email-invite": no_key(
        "use project invite links", "must be signed in to preview a project invite"
    ),
    "projects/redeem-email-invite": no_key(
        "use project invite links", "must be signed in to redeem a project invite"
    ),
    "projects/respond-email-invite": no_key(
        "use project invite links", "must be signed in to respond to a project invite"
    ),
    "projects/start": projects.start,
    "projects/stop": projects.stop,
    "projects/touch": projects.touch,
    "projects/update": projects.update,
    "purchases/admin-purchase": browser_only,
    "purchases/cancel-subscription": browser_only,
    "purchases/cost-to-resume-subscription": no_key(BILLING),
    "purchases/create-refund": admins_only("only admins can create refunds"),
    "purchases/email-statement": no_key(BILLING),
    "purchases/get-balance": no_key(BILLING, session="0.0000000000"),
    "purchases/get-balance-admin": no_key(ADMIN_ROUTES),
    "purchases/get-billing-summary-admin": no_key(ADMIN_ROUTES),
    "purchases/get-charges-by-service": no_key(BILLING),
    "purchases/get-cost-per-day": no_key(BILLING),
    "purchases/get-live-subscriptions": no_key(BILLING, session=[]),
    "purchases/get-llm-usage": no_key(BILLING),
    "purchases/get-membership": no_key(BILLING, session=packaged("membership.json")),
    "purchases/get-membership-tiers": fixed({"tiers": []}),
    "purchases/get-min-balance": no_key(BILLING, session="0.0000000000"),
    "purchases/get-purchases": no_key(BILLING),
    "purchases/get-purchases-admin": no_key(ADMIN_ROUTES),
    "purchases/get-service-cost": news.service_cost,
    "purchases/get-statements": no_key(BILLING, session=[]),
    "purchases/get-stripe-publishable-key": no_key(BILLING),
    "purchases/get-subscriptions": no_key(BILLING, session=[]),
    "purchases/get-unpaid-invoices": no_key(BILLING, session=[]),
    "purchases/is-purchase-allowed": no_key(BILLING),
    "purchases/membership-change": browser_only,
    "purchases/membership-quote": no_key(BILLING),
    "purchases/renew-subscription": browser_only,
    "purchases/resume-subscription": browser_only,
    "purchases/stripe/cancel-payment-intent": no_key(STRIPE_WRITE),
    "purchases/stripe/create-payment-intent": no_key(STRIPE_WRITE),
    "purchases/stripe/create-setup-intent": no_key(STRIPE_WRITE),
    "purchases/stripe/create-subscription-payment": no_key(STRIPE_WRITE),
    "purchases/stripe/delete-payment-method": no_key(STRIPE_WRITE),
    "purchases/stripe/get-checkout-session": no_key(STRIPE_WRITE),
    "purchases/stripe/get-customer": no_key(STRIPE_READ),
    "purchases/stripe/get-customer-session": no_key(STRIPE_WRITE),
    "purchases/stripe/get-invoice": no_key(STRIPE_READ),
    "purchases/stripe/get-invoice-url": no_key(STRIPE_READ),
    "purchases/stripe/get-open-payments": no_key(STRIPE_READ),
    "purchases/stripe/get-payment-method": no_key(STRIPE_READ),
    "purchases/stripe/get-payment-methods": no_key(STRIPE_READ),
    "purchases/stripe/get-payments": no_key(STRIPE_READ),
    "purchases/stripe/process-payment-intents": no_key(STRIPE_WRITE),
    "purchases/stripe/set-customer": no_key(STRIPE_WRITE),
    "purchases/stripe/set-default-payment-method": no_key(
        STRIPE_WRITE, "must be signed in to set stripe default payment method"
    ),
    "software/activate": news.activate,
    "software/status": fixed({"activated": False}),
    "support/create-ticket": news.create_ticket,
    "support/tickets": no_key("access support tickets"),
    "user-query": no_key("use user-query"),
}

# Those of its own documents, and all of its own sign-in, take no method but POST.
POST_ONLY = frozenset(
    path
    for path in ROUTES
    if path.startswith("auth/") or f"/api/v2/{path}" in packaged("published.json")["paths"]
)
