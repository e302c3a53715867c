"""The conversation itself: values, ports, rules, use cases, adapters and the command line."""
