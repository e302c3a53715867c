"""Smaller and faster intent models, and what each way to them costs."""
