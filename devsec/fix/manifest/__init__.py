"""Where does a project say which packages it needs, and is it said there that it needs this one?"""
