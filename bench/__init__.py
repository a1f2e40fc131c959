"""Programs that measure the product, and the figures they gave."""
