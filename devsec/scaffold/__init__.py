"""How does a rule begin? From a line that should not be written and the one to write instead."""
