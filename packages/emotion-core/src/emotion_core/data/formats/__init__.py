"""The file formats that rows are read from and written to, one module for each family."""
