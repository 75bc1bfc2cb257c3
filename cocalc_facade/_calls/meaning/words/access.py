"""What the server says to those who may not: without a key, or with one that is not enough."""

from __future__ import annotations

from cocalc_facade._errors import AuthenticationError, PermissionDeniedError

from .wording import ANY, CAPABILITY, KEY, NO_KEY_MAY, PROJECT_KEY, Wording

ROLES = (
    "admin|administrator|owner|collaborator|manager|partner|member|creator|recipient|sender|author|instructor"
)
ROLE = rf"(?:{ROLES})s?\b"

# Without a key, or with one that is not known.
SIGNED_OUT = (
    Wording(
        "licenses/get-projects-with-license",
        "must be signed in as a manager of the license",
        r"must be signed in as a manager of the license",
        AuthenticationError,
        KEY,
    ),
    Wording(
        ANY,
        "must be signed in",
        (
            r"(?:you |user )?must be (?:signed in|logged in|authenticated)"
            r"(?: (?:to|and|with) [^\n]{1,160}?)?(?: \([^()\n]{1,100}\))?\.?"
        ),
        AuthenticationError,
        KEY,
    ),
    Wording(
        ANY,
        "invalid auth",
        (
            r"invalid auth|(?:user )?not (?:signed|logged) in\.?"
            r"|You must provide authentication via an API key\.?|You must create an account\.?"
            r"|must authenticate with an (?:account )?API key\.?"
        ),
        AuthenticationError,
        KEY,
    ),
    Wording(
        "user-query",
        "anonymous get queries not allowed for table '…'",
        (
            r"anonymous \w+ queries not allowed for table '[^']{1,100}'|no anonymous \w+ queries"
            r"|account_id must be (?:given|specified)\b.*"
        ),
        AuthenticationError,
        KEY,
    ),
    Wording(
        "jupyter/",
        "account_id must be specified -- make sure you are signed in",
        r"account_id must be specified -- make sure you are signed in\.?",
        AuthenticationError,
        KEY,
    ),
    Wording(
        "compute/",
        "api_key must be a valid project api key",
        r"api_key must be a valid project api key",
        AuthenticationError,
        KEY,
    ),
)

# The key is not enough.
NOT_ALLOWED = (
    Wording(
        ANY,
        "API key lacks required capability 'project:exec' for project …",
        r"API key lacks required capability '?(?P<capability>[\w:.-]{1,60})'?(?: for project .{1,100})?",
        PermissionDeniedError,
        CAPABILITY,
    ),
    Wording(
        ANY,
        "API keys are not allowed to …",
        r"API keys? (?:(?:are|is) not allowed to|can ?not|may only|may not|must not) .*",
        PermissionDeniedError,
        NO_KEY_MAY,
    ),
    Wording(
        ANY,
        "The `account_id` field cannot be specified by API keys.",
        r"The `\w{1,60}` field (?:may only|may not|can ?not) be specified by .*",
        PermissionDeniedError,
    ),
    Wording(
        ANY,
        "browser sign-in is required",
        (
            r"(?:an? )?(?:browser|interactive CLI|recent) (?:sign-in|session|authentication) is required\.?|same-origin browser request required\.?"
            r"|(?:extended )?fresh auth\w*\b.*"
            r"|(?:an? )?(?:two-factor|second.factor)(?: (?:authentication|sign-in|verification))? is required\b.*"
        ),
        PermissionDeniedError,
        NO_KEY_MAY,
    ),
    Wording(
        ANY,
        "must be signed in as a collaborator on the project",
        rf"(?:you |user )?must be signed in as (?:an? |the )?{ROLE}.*",
        PermissionDeniedError,
    ),
    Wording(
        ANY,
        "only admins can …",
        rf"only (?:the |an? |site |project )?(?:{ROLES}|user|account|author|student|instructor)s?\b.*",
        PermissionDeniedError,
    ),
    Wording(
        ANY,
        "must be owner of table …",
        r"must be (?:an? |the )?(?:owner|member) of (?:table|relation|view|materialized view|schema|database|function|sequence|type|role|index)\b.*",
        PermissionDeniedError,
        begun=True,
    ),
    Wording(
        ANY,
        "user must be a collaborator on the project",
        (
            r"(?:permission denied -- )?(?:(?:signed in |authenticated )?(?:you|users?) )?"
            rf"must (?:also )?be (?:an? |the |either an? )?(?:site )?{ROLE}.*"
            rf"|(?:you|users?) must (?:also )?be (?:an? |the )(?!id\b)(?:[\w-]{{1,20}} ){{1,2}}{ROLE}.*"
        ),
        PermissionDeniedError,
    ),
    Wording(
        "projects/collaborators/",
        'cannot add self to "…" -- must be owner or collaborator on course project',
        r"cannot add self to .{1,160}? -- must be .*",
        PermissionDeniedError,
    ),
    Wording(
        "compute/",
        "invalid id or attempt to change compute server by a non-owner, which is not allowed.",
        (
            r"invalid id(?: \(=.{0,60}?\))?(?:, [^,\n]{1,60},)? or attempt to .{1,60}? by a non-owner, which is not allowed\.?"
            r"|users? does not own .*|can only \w+ .{1,60}? to a project that user is a collaborator on"
        ),
        PermissionDeniedError,
    ),
    Wording(
        ANY,
        "permission denied",
        (
            r"permission denied(?: -- .*)?|access denied\.?|not (?:authorized|permitted|allowed)\.?|forbidden\.?"
            r"|no (?:access|permissions?|rights?)(?: (?:to|for|on|in) [\w -]{1,60})?\.?|[\w -]{1,60} (?:was |is )?denied\.?"
        ),
        PermissionDeniedError,
    ),
    Wording(
        ANY,
        "access denied for …",
        r"(?:access denied|permission denied for|not (?:authorized|permitted|allowed)|forbidden)\b.*",
        PermissionDeniedError,
        begun=True,
    ),
    Wording(
        ANY,
        "user … does not have write access to project …",
        r"(?:you|user|user \S{1,60}) (?:do|does)(?: not|n't) have (?:\w+ ){0,2}(?:access|permissions?)\b.*",
        PermissionDeniedError,
    ),
    Wording(
        ANY,
        "You are not allowed to …",
        r"(?:you are|user is|this (?:key|account) is) (?:not (?:allowed|permitted|authorized)|banned)\b.*",
        PermissionDeniedError,
    ),
    Wording(
        ANY,
        "statement 1 does not belong to your account. …",
        r"\w{1,40} \S{1,60} does not belong to (?:you|your account)\b.*",
        PermissionDeniedError,
    ),
    Wording(
        ANY,
        "Not a project member",
        (
            rf"not (?:an? )?(?:project )?{ROLE}(?: (?:of|on) (?:the|this) project)?\.?|not your [\w -]{{1,40}}\.?"
            r"|(?:you|users?) (?:do|does)(?: not|n't) own\b.*"
        ),
        PermissionDeniedError,
    ),
    Wording(
        "user-query",
        "changing accounts.groups not allowed",
        (
            r"changing [\w.]{1,120} not allowed|delete from [\w.]{1,120} not allowed"
            r"|can only query same project|user '.{1,60}?' tried to change .*"
        ),
        PermissionDeniedError,
    ),
    Wording(
        "api-keys",
        "account_id is not a valid account",
        r"account_id is not a valid account",
        PermissionDeniedError,
        PROJECT_KEY,
    ),
    Wording(
        "auth/",
        'You have to sign in using the Single-Sign-On mechanism "…" of your institution.',
        r"You have to sign in using the Single-Sign-On\b.*",
        PermissionDeniedError,
    ),
    Wording(
        ANY,
        "admin privileges required",
        (
            r"(?:admin|administrator|owner|read|write) (?:privilege|permission|access|right)s? (?:is |are )?required\b.*"
            r"|(?:you|users?) must (?:own|be in (?:the |a )?(?:project )?group)\b.*"
            r"|(?:you have been|(?:(?:the|this|your) )?(?:user|account|key) (?:is|has been)|'[^'\n]{1,320}' is)"
            r" (?:not (?:allowed|permitted|authorized)|banned)\b.*"
            r"|(?:you|(?:the )?(?!target user is not a member)(?:[\w-]{1,20} )?(?:user|account|key)(?: [\w@.-]{1,320})?) (?:are|is) "
            rf"not (?:an?|the) (?:valid )?(?:project )?{ROLE}.*"
        ),
        PermissionDeniedError,
        begun=True,
    ),
)
