"""The routes of the API, by what they are about; `table` lists them."""
