"""Tests of the call side."""
