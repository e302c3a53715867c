"""What the models are worth, measured on data they have not seen."""
