print("A project of its own.")
