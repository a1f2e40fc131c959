"""What the suites of the whole product stand on: servers, people in browsers, hostile clients."""
