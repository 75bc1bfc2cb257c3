"""What the server says of arguments."""

from __future__ import annotations

from cocalc_facade._errors import InvalidRequestError

from .wording import ACCOUNTS, ANY, FATAL, PASSWORD, POSTGRESQL, STUMBLED, SUBJECT, UNQUERYABLE, Wording

# Passwords of accounts, and what is wrong with other arguments although it sounds like something else.
SOUNDING_OTHERWISE = (
    Wording(
        ACCOUNTS,
        "password is incorrect",
        (
            r"(?:current )?password is incorrect\.?|incorrect password\.?"
            r"|(?:re)?captcha\b.*|[\w -]{1,40} verification failed\.?|password for .{1,320}? is incorrect\.?|Problem signing in ?to (?:your )?account(?:\.| -- .*)?"
            r"|Invalid email address or password\.?"
        ),
        InvalidRequestError,
        PASSWORD,
    ),
    Wording(
        "auth/",
        "This registration token is not configured for ephemeral accounts.",
        r"(?:this |no )?registration token\b.*",
        InvalidRequestError,
    ),
    Wording(
        "compute/",
        "action '…' not implemented",
        r"(?P<field>action) '[^\n]{0,80}' not implemented|cannot change field .*",
        InvalidRequestError,
    ),
    Wording(
        "projects/call",
        "Project … does not implement handling mesg with event='…'",
        r"Project \S{1,60} does not implement handling .*",
        InvalidRequestError,
    ),
    Wording(
        "purchases/",
        "… not fully implemented",
        r"(?:(?:\S{0,400}|\[object Object\]) )?not fully implemented|No cost for these services",
        InvalidRequestError,
    ),
    Wording(
        "purchases/",
        "Only credits and license purchases can be refunded, but …",
        (
            r"Only credits\b.*|only quota licenses\b.*|editing \w.*|cannot (?:edit|refund) .*|service \S{1,80} is not .*|course fee not configured .*|(?:[\w ]{1,40} is )?not a (?:course|student) project"
            r"|paid project .*"
            r"|problem with paid .*|if you(?:'re| are) .*|you can't change .*"
            r"|this license does not support .*|corresponding invoice does not .*"
            r"|you cannot change the quota .*"
        ),
        InvalidRequestError,
    ),
    Wording(
        "projects/collaborators/",
        "Cannot remove an owner. Demote to collaborator first.",
        r"cannot (?:remove|demote|change|add) .*",
        InvalidRequestError,
    ),
    Wording(
        "user-query projects/ accounts/",
        "name must contain only a-z,A-Z,0-9, or -, and not start with hyphen.",
        r"name (?:must|is reserved)\b.*",
        InvalidRequestError,
    ),
    Wording(
        "user-query",
        "array of length > 1 not yet implemented",
        r"array of length .*",
        InvalidRequestError,
    ),
)

# A parameter.
ARGUMENTS = (
    Wording(
        "user-query",
        "user get query not allowed for accounts.nope",
        r"(?:user )?(?:get|set) quer(?:y|ies) not allowed for (?:table )?'?(?P<field>[\w.]{1,120}).*",
        InvalidRequestError,
        UNQUERYABLE,
    ),
    Wording(
        ANY,
        "Cannot read properties of undefined (reading 'length')",
        (
            r"Cannot (?:read|set|create|define|delete|redefine) propert.*|Cannot (?:destructure|convert|access)\b.*"
            r"|Cannot (?:assign to|mix BigInt|use 'in' operator)\b.*|Converting circular structure\b.*"
            r"|null is not .*|[\w. ]{1,80} must not be null|[\w.]{1,60} is null"
            r"|Spread syntax requires\b.*|Class constructor\b.*|URI malformed|Expected .{1,80} in JSON\b.*"
            r"|Maximum call stack size exceeded|Reduce of empty\b.*|Assignment to constant\b.*"
            r"|Right-hand side of .*|(?:Method )?[\w.]{1,80} called on .*|\w{1,20} value is not finite\b.*"
            r"|(?P<field>\w{1,60})(?:\.\w{1,60}){0,9} is (?:not (?:iterable|a function|a constructor|defined|an object)\b.*"
            r"|undefined)"
            r"|[^\n:]{1,200}? is not (?:iterable|a function|a constructor|callable|valid JSON)\b.*"
        ),
        InvalidRequestError,
        STUMBLED,
        begun=True,
    ),
    Wording(
        ANY,
        'TypeError [ERR_INVALID_ARG_TYPE]: The "path" argument must be of type string. …',
        (
            r"(?:error )?(?:[A-Z]\w{0,30}Error )?\[ERR_\w{1,60}\]: "
            r"(?:The (?:value of )?(?:property )?['\"](?P<field>\w{1,80})\b)?.*"
        ),
        InvalidRequestError,
        STUMBLED,
        begun=True,
    ),
    Wording(
        ANY,
        'null value in column "subject" of relation "messages" violates not-null constraint',
        r"null value in column \"(?P<field>\w{1,80})\".*",
        InvalidRequestError,
        begun=True,
    ),
    Wording(
        ANY,
        "invalid account_id or project_id -- all must be valid uuid's",
        r"invalid \w{1,60}_id or .*",
        InvalidRequestError,
    ),
    Wording(
        ANY,
        "project_id must be a valid uuid",
        (
            r"(?:the )?(?:field )?\"?(?P<field>\w{1,80})(?:\[\d{1,9}\])?\"?(?: argument)? "
            r"(?:must (?:also )?(?:be|not|have|contain|match|specify|start|end)"
            r"|(?:is|are) (?:required|missing|not valid|invalid|too (?:short|long|small|big|large)))\b.*"
        ),
        InvalidRequestError,
    ),
    Wording(
        ANY,
        "must specify a 'path'",
        (
            r"must (?:specify|provide|give|set) (?:an? |the )?'?(?P<field>\w{1,80}).*"
            r"|API key project capability check requires (?P<field2>\w{1,80})|missing (?P<field3>\w{1,80})"
        ),
        InvalidRequestError,
    ),
    Wording(
        ANY,
        'invalid input syntax for type uuid: "…"',
        r"(?:invalid|malformed|unsupported|missing|unknown|illegal|unexpected|duplicate|bad) .*",
        InvalidRequestError,
        begun=True,
    ),
    Wording(
        ANY,
        "Password is too weak. …",
        (
            r"password\b.*|(?:please )?(?:enter|provide|choose|select|specify) (?:an?|the|your|at least) .*|amount\b.*|cost\b.*|copying of .*"
            r"|cannot (?:handle|cast|get|set|use)\b.*|use the \w{1,60} .*|there is a hard limit of .*"
            r"|the token '.*|(?:only|exactly|at most|at least) one (?:of )?['\"\w].*|specify (?:less|fewer|more|at) .*"
            r"|(?:incorrect|wrong) [\w -]{1,40}\.?|E(?:ISDIR|NOTDIR|NAMETOOLONG|INVAL|LOOP|NOTEMPTY): .*"
            r"|\w{1,40}_\w{1,40} requires\b.*|[\w ,'\"]{1,120}? (?:can ?not|can't) (?:both|be (?:both|empty|null|undefined|negative"
            r"|zero|blank|more|less|longer|shorter|larger|greater|smaller|before|after|in the|the same))\b.*"
            r"|[\w -]{1,60} mismatch\b.*|[\w -]{1,80} (?:do|does)(?: not|n't) match\b.*"
            r"|(?:you must )?(?:agree|accept) .*"
            r"|no (?:changes?|recipients?|[\w ]{1,40} (?:given|specified|provided|set|selected|to \w{1,20}))\b.*"
        ),
        InvalidRequestError,
        begun=True,
    ),
    Wording(
        ANY,
        "value too long for type character varying(254)",
        (
            r"(?:syntax error at|value too long|value out of range|op ANY|numeric field overflow"
            r"|integer out of range|could not determine data type|bind message|insert or update on table"
            r"|new row for relation|cannot (?:cast|get array)|division by zero|date/time field value"
            r"|value \"[^\"\n]{0,200}\" is out of range|ON CONFLICT|column reference|unterminated|null character"
            r"|more than one row returned|stack depth limit|[A-Z]{3,20} types"
            r"|column \"[^\"\n]{1,80}\" (?:is of type|must appear)|(?:sub)?query (?:has|uses|must)|array (?:size|subscript)"
            r"|cannot (?:subscript|insert|update|extract|execute))\b.*"
        ),
        InvalidRequestError,
        begun=True,
    ),
    Wording(
        ANY,
        "if only_read_pdf is set then path must not start with /tmp …",
        (
            r"[^\n:;]{1,200}?\bmust (?:(?:also|both|all) )?(?:be|not|have|contain|match|specify|provide|start|end"
            r"|create|exist|credit|purchase)\b.*"
            r"|must (?:be|not|have|contain|create|exist|credit|purchase)\b.*"
        ),
        InvalidRequestError,
        begun=True,
    ),
    Wording(
        ANY,
        "email address is not valid",
        (
            SUBJECT
            + r" (?:(?:is|are|was|has) )?(?:(?:not|no longer) (?:an? )?(?:valid|verified)|invalid|wrong|required"
            r"|out of (?:range|bounds)|used up|empty|blank|revoked|too (?:short|long|small|big|large|weak|many)|incorrect|expired)\b.*"
            r"|not an? valid [\w -]{1,60}\.?|['\"][^\n'\"]{0,320}['\"] is (?:not (?:an? )?valid|invalid)\b.*"
        ),
        InvalidRequestError,
        begun=True,
    ),
    Wording(
        "user-query",
        "postgresql error: …",
        r".*",
        InvalidRequestError,
        begun=True,
        lead=POSTGRESQL,
    ),
    Wording(
        "user-query",
        "FATAL: …",
        r".*",
        InvalidRequestError,
        begun=True,
        lead=FATAL,
    ),
)
