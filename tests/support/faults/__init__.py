"""The harness for faults: clients that keep books, traces of system calls, small file systems."""
