'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { findBinary, noteProfile, profileOf } = require('../../testkit/binary');

const PREFIX = `otel-native.${process.platform}-${process.arch}`;

describe('the built addon', () => {
  let folder;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-binary-'));
  });

  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  function make(name, builtAt) {
    const file = path.join(folder, name);
    fs.writeFileSync(file, '');
    fs.utimesSync(file, builtAt, builtAt);
    return file;
  }

  test('is the newest one for this platform', () => {
    expect(findBinary(folder)).toBeUndefined();
    make(`${PREFIX}-old.node`, 1000);
    const newest = make(`${PREFIX}-new.node`, 2000);
    make('otel-native.other-arch.node', 3000);
    make(`${PREFIX}-new.profile`, 4000);
    expect(findBinary(folder)).toBe(newest);
  });

  test('has the profile that its build noted', () => {
    const binary = make(`${PREFIX}.node`, 1000);
    expect(profileOf(binary)).toBeUndefined();
    noteProfile(binary, 'debug');
    expect(profileOf(binary)).toBe('debug');
    noteProfile(binary, 'release');
    expect(profileOf(binary)).toBe('release');
  });

  test('has no known profile after another command built it', () => {
    const binary = make(`${PREFIX}.node`, 1000);
    noteProfile(binary, 'debug');
    make(`${PREFIX}.node`, 2000);
    expect(profileOf(binary)).toBeUndefined();
  });
});
