"""What a function takes, and what is wrong with what it gave."""
