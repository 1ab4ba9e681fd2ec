"""What a command shows of itself: its options under headings, an example, and the values that the Tab key offers."""
