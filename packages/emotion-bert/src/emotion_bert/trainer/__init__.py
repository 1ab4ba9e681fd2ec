"""What our Trainer does differently: order of texts, loss, averages, adapters, dropout; what an interruption leaves."""
