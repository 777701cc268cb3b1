'use strict';

const { BACKENDS, placeholderOf, withPathOf } = require('../backends');
const { UsageError } = require('../errors');

const SHARED = ['backend', 'endpoint', 'header', 'project', 'team'];

/** @returns {boolean} whether the values say something about the project's file */
function isShared(values) {
  return SHARED.some((name) => values[name] !== undefined);
}

/** @returns {boolean} whether the values say something about the user's own file */
function isPersonal({ identity, personal }) {
  return identity !== undefined || personal !== undefined;
}

/**
 * What to write. A wish for tier 2 is the user's own: it goes to their file, and never to that of the project.
 * @param {Record<string, string|string[]>} values of the options, and answers
 * @param {boolean} isNew whether the project has no file yet
 * @param {string} help the command that prints the help
 * @returns {{project?: object, personal?: object}} for `initConfig`
 * @throws {UsageError}
 */
function planOf(values, isNew, help) {
  const { identity, personal, project, team } = values;
  const tier = values.tier === undefined ? undefined : Number(values.tier);
  if (tier === 2 && identity === undefined) throw new UsageError('Tier 2 sends a name that you choose. Add --identity NAME.', help);
  const own = isPersonal(values) ? { tier, identity, place: personal } : undefined;
  if (own !== undefined && !isShared(values)) return { personal: own };
  const backend = BACKENDS[values.backend];
  const ofProject = tier === 2 ? undefined : (tier ?? (isNew ? 1 : undefined));
  return {
    project: { tier: ofProject, endpoint: endpointOf(values, backend, help), project, team, headers: headersOf(values, backend, help), temporality: backend?.temporality },
    personal: own,
  };
}

function endpointOf({ backend: name, endpoint }, backend, help) {
  if (backend === undefined) return endpoint;
  if (endpoint !== undefined) return withPathOf(backend, endpoint);
  const unknown = placeholderOf(backend);
  if (unknown !== undefined) throw new UsageError(`--backend ${name} also needs --endpoint ${backend.endpoint}, with your ${unknown}.`, help);
  return backend.endpoint;
}

function headersOf({ header = [] }, backend, help) {
  const given = header.map((text) => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    // The text may be a secret, so it is not repeated.
    if (name === undefined) throw new UsageError("--header has no \"=\". Write it like 'authorization=Bearer ${TOKEN}', in single quotes.", help);
    return [name.trim(), value.trim()];
  });
  const all = { ...backend?.headers, ...Object.fromEntries(given) };
  return Object.keys(all).length === 0 ? undefined : all;
}

module.exports = { isPersonal, isShared, planOf };
