"""The only process that writes to providers: claim, admit, attempt, settle."""
