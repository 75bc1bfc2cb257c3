"""The routes that have behaviour of their own; importing this package fills the table."""

from . import (  # noqa: F401 - imported for the table that they fill
    accounts,
    api_keys,
    auth,
    billing,
    exec_,
    jupyter,
    latex,
    licenses,
    messages,
    projects,
    purchases,
    shopping,
    site,
    user_query,
)
