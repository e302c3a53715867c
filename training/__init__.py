"""Training and measuring the models that the product runs."""
