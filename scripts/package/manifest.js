'use strict';

// What stands in package.json of each package that is published.

const { PACKAGE, targets } = require('./targets');

/** What a package with a binary has in common with the main one. */
const SHARED = ['description', 'keywords', 'license', 'engines', 'repository', 'publishConfig'];

/** What only the repository needs. */
const OWN = new Set(['devDependencies', 'scripts', 'overrides', 'allowScripts', 'jest', 'napi']);

/**
 * The package with the binary for one kind of machine. `os`, `cpu` and `libc` make npm download only the one that fits.
 * @param {import('./targets').Target} target
 */
function binaryManifest({ packageName, os, cpu, libc, binary }) {
  return {
    name: packageName,
    version: PACKAGE.version,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    main: binary,
    files: [binary, 'THIRD-PARTY-NOTICES.md'],
    ...Object.fromEntries(SHARED.map((field) => [field, PACKAGE[field]])),
  };
}

/**
 * The main package as it is published. Its binaries are named here and not in the repository, because a registry has
 * them only from the first release on: until then `npm ci` in a clone would find none.
 */
function mainManifest() {
  const shared = Object.entries(PACKAGE).filter(([field]) => !OWN.has(field));
  return {
    ...Object.fromEntries(shared),
    optionalDependencies: Object.fromEntries(targets.map(({ packageName }) => [packageName, PACKAGE.version])),
  };
}

/** @param {import('./targets').Target} target */
function readme({ packageName, title, triple }) {
  return `# \`${packageName}\`

This package contains only the binary of \`${PACKAGE.name}\` for ${title}
(\`${triple}\`). Use the package \`${PACKAGE.name}\`: it loads this binary.
`;
}

/** A file of the repository, as text. */
const text = (value) => `${JSON.stringify(value, null, 2)}\n`;

module.exports = { binaryManifest, mainManifest, readme, text };
