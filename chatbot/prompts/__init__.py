"""What a text generator is told, as data, in every language that Kefu speaks."""
