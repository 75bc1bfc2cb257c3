"""Files of a project by the site's own routes for them, outside the API."""
