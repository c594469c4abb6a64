"""The command line: thin commands over services, node, deploy and ops."""
