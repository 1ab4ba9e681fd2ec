"""What the texts of a dataset look like: lengths, typing, signs of social media, openers, words of emotion."""
