"""The harness for generated inputs: what is generated, how long, and what is held against each answer."""
