"""What a schema says: every spelling of JSON Schema and OpenAPI 3 brought into one, and read into one meaning."""
