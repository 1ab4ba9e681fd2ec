"""What our Trainer does differently: order of texts, loss, averages, adapters, dropout, checkpoints of epochs."""
