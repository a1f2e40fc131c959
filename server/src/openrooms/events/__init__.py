"""What customers' servers are told of calls and rooms: written, kept, sent, and read again."""
