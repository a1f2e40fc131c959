"""The media engine: the port, the LiveKit adapter, the child process, its reports."""
