"""Programs that set up, check and measure the repository; run as `python -m tools.NAME` from its root."""
