'use strict';
// `npm publish` in the repository would publish a package without binaries.

process.stderr.write('Publish the tarballs of "npm run package", not this folder. The workflow release.yml does so.\n');
process.exitCode = 1;
