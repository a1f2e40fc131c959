"""Clock, ids, communication identifiers: what every other part stands on."""
