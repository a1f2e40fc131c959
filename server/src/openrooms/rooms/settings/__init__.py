"""What a customer may set for one room beyond the Rooms API: a small API of our own."""
