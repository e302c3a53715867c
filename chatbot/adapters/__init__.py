"""One technology a file, each behind a port of `chatbot.ports`."""
