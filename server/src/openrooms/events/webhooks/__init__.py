"""Where events are sent: the webhooks of a resource, and what is left to deliver to each."""
