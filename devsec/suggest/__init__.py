"""Which contexts do other files of the repository speak of? One module for each kind of file; propose.py puts them together."""
