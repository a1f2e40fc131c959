"""What every HTTP API shares: server, limits, authentication, versions, errors, dates."""
