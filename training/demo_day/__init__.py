"""`kefu demo-day`: one day of the product in a quarter of an hour, through its public doors."""
