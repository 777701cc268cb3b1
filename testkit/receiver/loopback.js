'use strict';

/** Resolves once the server listens on a free port of the loopback interface. */
function listening(server) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}

/** The base URL of a server on the loopback interface. */
function urlOf(server) {
  return `http://127.0.0.1:${server.address().port}`;
}

module.exports = { listening, urlOf };
