'use strict';

/*
 * Arguments that a caller passes only by mistake. They must do no harm.
 */

/** An object with a property that throws when it is read. */
function throwing(name) {
  return Object.defineProperty({}, name, { enumerable: true, get: () => { throw new Error('no'); } });
}

/** A proxy that throws on every access. */
function revoked() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** An object with a property that refers to the object itself. */
function circular(name) {
  const object = {};
  object[name] = object;
  return object;
}

module.exports = { throwing, revoked, circular };
