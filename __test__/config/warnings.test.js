'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { projects, PERSONAL_FILE } = require('../../testkit/scratch/projects');

const { project, home } = projects();
const git = (cwd, ...args) => spawnSync('git', ['-C', cwd, ...args], { encoding: 'utf8' });
const hasGit = git('.', '--version').status === 0;
if (!hasGit) process.stderr.write('warnings.test.js: skipped, because git is not installed\n');

/** What is said about a file that only lowers the tier. */
const getsSettings = (cwd) => `${path.join(cwd, PERSONAL_FILE)} is in git, so everyone who clones the repository gets your settings. Take it out of git: git rm --cached ${PERSONAL_FILE}`;

/** The warnings of a project in a repository, with the user's own file beside its config. */
function warningsWith(personal, { isTracked, tier = 1, env = {} }) {
  const cwd = project({ tier, endpoint: 'http://127.0.0.1:9' });
  git(cwd, 'init', '--quiet');
  fs.writeFileSync(path.join(cwd, PERSONAL_FILE), JSON.stringify({ otel: personal }));
  if (isTracked) git(cwd, 'add', '--force', PERSONAL_FILE);
  return { cwd, warnings: addon.inspect({ cwd, home, env }).warnings };
}

(hasGit ? describe : describe.skip)('a personal file that git tracks is a warning', () => {
  test('although it only lowers the tier', () => {
    const { cwd, warnings } = warningsWith({ tier: 1 }, { isTracked: true });
    expect(warnings).toContain(getsSettings(cwd));
  });

  test('once, if its identity is not used for that reason', () => {
    const { cwd, warnings } = warningsWith({ tier: 2, identity: 'ann' }, { isTracked: true, tier: 2, env: { CCXRAY_OTEL_TRUST: '1' } });
    const about = warnings.filter((warning) => warning.startsWith(`${path.join(cwd, PERSONAL_FILE)} is in git`));
    expect(about).toEqual([expect.stringMatching(/ is in git, so the identity in it is not used\. /)]);
  });

  test('and not if git does not have it', () => {
    expect(warningsWith({ tier: 1 }, { isTracked: false }).warnings.filter((warning) => warning.includes('is in git'))).toEqual([]);
  });
});
