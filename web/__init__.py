"""The HTTP edge: routes, streaming, widget and demo shop."""
