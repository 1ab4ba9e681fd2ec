"""How the rows of a file become texts with labels: columns, labels of other sets, and rows that cannot be used."""
