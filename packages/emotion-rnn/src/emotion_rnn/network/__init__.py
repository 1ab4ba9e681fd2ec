"""The network and what it reads: layers, backend, word ids and GloVe vectors."""
