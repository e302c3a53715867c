"""Articles of many trades with the questions that customers ask about them, in two languages."""
