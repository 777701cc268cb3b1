'use strict';

/** Resolves once a server listens on a port of loopback that was free. */
function listening(server) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}

/** The base URL of a server on loopback. */
function urlOf(server) {
  return `http://127.0.0.1:${server.address().port}`;
}

module.exports = { listening, urlOf };
