SELECT code, label, bank, successor FROM raw
