"""The node's HTTP interface: one router per noun, problems for errors, limits, and OpenAPI."""
