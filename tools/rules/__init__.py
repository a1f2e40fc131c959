"""The rules of style that no bought tool checks; each is a function from a file to findings."""
