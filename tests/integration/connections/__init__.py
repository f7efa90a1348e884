"""What the command line does with connections and their accounts, against the sandbox."""
