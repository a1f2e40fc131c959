"""The list of bad inputs, one file a section; every file has its rows in `ROWS`."""
