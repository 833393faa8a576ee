"""What was asked, what was answered, and what has to be asked again: the memory behind incremental builds."""
