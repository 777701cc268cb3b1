'use strict';

/*
 * Arguments that no caller in their right mind passes, and that must do no harm.
 */

/** An object of which a property cannot be read. */
function throwing(name) {
  return Object.defineProperty({}, name, { enumerable: true, get: () => { throw new Error('no'); } });
}

/** A proxy of which nothing can be read. */
function revoked() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** An object that holds itself under a name. */
function circular(name) {
  const object = {};
  object[name] = object;
  return object;
}

module.exports = { throwing, revoked, circular };
