"""The pipeline: from the document that a server publishes to the generated client, and what keeps both in step."""
