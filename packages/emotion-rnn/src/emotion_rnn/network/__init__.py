"""The network and what it reads: settings and their defaults, layers, backend, word ids and GloVe vectors."""
