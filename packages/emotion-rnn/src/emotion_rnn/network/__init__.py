"""The network and what it reads: its options, layers, backend, word ids and GloVe vectors."""
