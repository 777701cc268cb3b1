'use strict';
// `node scripts/package/install.js FOLDER`: publishes the tarballs in FOLDER into a registry on this machine, and installs and uses them
// as a user does: without Rust, with npm, pnpm and yarn, on the Node versions in CCXRAY_NODES, in Bun and Deno, in bundles, and on
// the other kinds of Linux in CCXRAY_FOREIGN_NODES. `.ci/package-tools.sh` prints CCXRAY_PACKAGE_TOOLS.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { packBinary } = require('./pack');
const { PACKAGE, targets } = require('./targets');
const { startRegistry } = require('./registry');

const SMOKE = path.join(__dirname, 'smoke');
const TIMEOUT_MS = 300_000;
const HERE = targets.find(({ os: system, cpu, libc }) => system === process.platform && cpu === process.arch && libc !== 'musl');
const NPM_CLI = '/usr/lib/node_modules/npm/bin/npm-cli.js';

class Installs {
  #registry;
  #directory;
  #tools;
  #environment;
  #count = 0;

  constructor(registry, directory, tools) {
    this.#registry = registry;
    this.#directory = directory;
    this.#tools = tools;
    // Only Node is on the PATH, with what every system has: no cargo.
    const bin = path.join(directory, 'bin');
    fs.mkdirSync(bin);
    const own = path.dirname(process.execPath);
    for (const name of ['node', 'npm', 'npx']) fs.symlinkSync(path.join(own, name), path.join(bin, name));
    const home = path.join(directory, 'home');
    fs.mkdirSync(home);
    fs.writeFileSync(path.join(home, '.npmrc'), `registry=${registry.url}\nfund=false\naudit=false\nupdate-notifier=false\n`);
    this.#environment = {
      PATH: [bin, '/usr/bin', '/bin'].join(path.delimiter), HOME: home, npm_config_registry: registry.url, YARN_REGISTRY: registry.url,
      NO_COLOR: '1', CI: 'true', COREPACK_ENABLE_STRICT: '0', DENO_NO_UPDATE_CHECK: '1',
    };
    if (this.run(directory, 'sh', ['-c', 'command -v cargo rustc'], { mayFail: true }).status === 0) throw new Error('cargo is on the PATH of /usr/bin, so this proves nothing');
  }

  /** A directory of its own, with the programs that use the package. */
  project() {
    const directory = path.join(this.#directory, `project-${this.#count += 1}`);
    fs.cpSync(SMOKE, directory, { recursive: true });
    return directory;
  }

  tool(name) {
    return path.join(this.#tools, 'node_modules', '.bin', name);
  }

  get registry() {
    return this.#registry.url;
  }

  run(cwd, command, args, { mayFail = false } = {}) {
    const result = spawnSync(command, args, { cwd, env: this.#environment, encoding: 'utf8', timeout: TIMEOUT_MS });
    if (result.error) throw result.error;
    if (!mayFail && result.status !== 0) throw new Error(`${[path.basename(command), ...args].join(' ')}: exit ${result.status}: ${(result.stdout + result.stderr).trim().slice(-1500)}`);
    return result;
  }

  npm(cwd, ...args) {
    return this.run(cwd, 'npm', args);
  }
}

/** Which of our packages are installed. */
function installed(directory, modules = 'node_modules') {
  const folder = path.join(directory, modules, '@ccxray');
  return fs.existsSync(folder) ? fs.readdirSync(folder).toSorted() : [];
}

function expectEqual(actual, expected, what) {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) throw new Error(`${what}: ${JSON.stringify(actual)}, and not ${JSON.stringify(expected)}`);
}

const OWN = () => ['otel-native', `otel-native-${HERE.id}`];

/** What `smoke/use.*` prints when everything is there. */
const USED = 'disabled true default and named';

/** Uses the package in each way in which Node can load it. */
function use(installs, directory, node = 'node') {
  for (const program of ['use.cjs', 'use.mjs', 'worker.cjs']) {
    expectEqual(installs.run(directory, node, [program]).stdout.trim(), USED, program);
  }
}

/** Each way to install and use the package: it throws if it does not work. */
const WAYS = {
  'npm install downloads one binary'(installs) {
    const directory = installs.project();
    installs.npm(directory, 'install', PACKAGE.name);
    expectEqual(installed(directory), OWN(), 'installed packages');
    use(installs, directory);
    for (const command of ['status', 'check']) {
      const { status, stdout } = installs.run(directory, 'npx', ['--no-install', 'ccxray-otel', command], { mayFail: true });
      expectEqual(status, 1, 'exit code of telemetry that is off');
      if (!stdout.startsWith('Telemetry is off: ')) throw new Error(`${command} printed ${stdout}`);
    }
    for (const node of (process.env.CCXRAY_NODES ?? '').split(path.delimiter).filter(Boolean)) use(installs, directory, node);
  },
  'npm install --omit=optional explains what is missing'(installs) {
    const directory = installs.project();
    installs.npm(directory, 'install', '--omit=optional', PACKAGE.name);
    expectEqual(installed(directory), ['otel-native'], 'installed packages');
    const { status, stderr } = installs.run(directory, 'npx', ['--no-install', 'ccxray-otel', 'status'], { mayFail: true });
    expectEqual(status, 1, 'exit code');
    if (!/^@ccxray\/otel-native has no usable binary for [^\n]+ npm install --include=optional[^\n]+\n$/.test(stderr)) throw new Error(`the error is ${stderr}`);
    installs.npm(directory, 'install', '--include=optional');
    use(installs, directory);
  },
  'npm ci with a lock file of another platform'(installs) {
    const directory = installs.project();
    installs.npm(directory, 'install', '--os=darwin', '--cpu=arm64', PACKAGE.name);
    expectEqual(installed(directory), ['otel-native', 'otel-native-darwin-arm64'], 'packages of the other platform');
    fs.rmSync(path.join(directory, 'node_modules'), { recursive: true });
    installs.npm(directory, 'ci');
    expectEqual(installed(directory), OWN(), 'installed packages');
    use(installs, directory);
  },
  'pnpm'(installs) {
    const directory = installs.project();
    installs.run(directory, installs.tool('pnpm'), ['add', PACKAGE.name, '--store-dir', path.join(directory, 'store')]);
    use(installs, directory);
  },
  'yarn'(installs) {
    const directory = installs.project();
    installs.run(directory, 'node', [fs.realpathSync(installs.tool('yarn')), 'add', PACKAGE.name, '--cache-folder', path.join(directory, 'cache'), '--no-progress']);
    // It does not know the field libc, so it downloads the binaries for both C libraries.
    if (!installed(directory).includes(`otel-native-${HERE.id}`)) throw new Error(`installed packages: ${installed(directory)}`);
    use(installs, directory);
  },
  'Bun'(installs) {
    const directory = installs.project();
    installs.run(directory, installs.tool('bun'), ['add', PACKAGE.name]);
    use(installs, directory, installs.tool('bun'));
  },
  'Deno'(installs) {
    const directory = installs.project();
    installs.npm(directory, 'install', PACKAGE.name);
    for (const program of ['use.cjs', 'use.mjs', 'worker.cjs']) {
      expectEqual(installs.run(directory, installs.tool('deno'), ['run', '--allow-all', '--node-modules-dir=manual', program]).stdout.trim(), USED, program);
    }
  },
  ...Object.fromEntries(Object.entries({
    esbuild: ['esbuild', ['use.mjs', '--bundle', '--platform=node', '--format=cjs', `--external:${PACKAGE.name}`, '--outfile=out/bundle.cjs'], 'bundle.cjs'],
    webpack: ['webpack', undefined, 'bundle.cjs'],
    ncc: ['ncc', ['build', 'use.cjs', '--external', PACKAGE.name, '--out', 'out'], 'index.cjs'],
    rollup: ['rollup', ['use.mjs', '--format', 'cjs', '--external', PACKAGE.name, '--file', 'out/bundle.cjs'], 'bundle.cjs'],
  }).map(([name, [tool, args, file]]) => [`${name}, with the package left out of the bundle`, (installs) => {
    const directory = installs.project();
    installs.npm(directory, 'install', PACKAGE.name);
    if (name === 'webpack') installs.run(directory, 'node', ['webpack.cjs', fs.realpathSync(path.join(installs.tool('webpack'), '..', '..', 'webpack'))]);
    else installs.run(directory, installs.tool(tool), args);
    if (fs.readFileSync(path.join(directory, 'out', file), 'utf8').includes('loading addons')) throw new Error('the package is in the bundle');
    expectEqual(installs.run(directory, 'node', [path.join('out', file)]).stdout.trim(), USED, 'the bundle');
  }])),
};

/** On another kind of Linux: Node and npm there, with the registry here. */
function onForeign(installs, root) {
  const id = path.basename(root);
  const directory = fs.mkdtempSync(path.join(root, 'tmp', 'install-'));
  const inside = `/${path.relative(root, directory)}`;
  const node = (...args) => installs.run(root, '/usr/sbin/chroot', [root, ...(fs.existsSync(path.join(root, 'qemu')) ? ['/qemu'] : []), '/usr/bin/node', ...args]);
  try {
    fs.cpSync(SMOKE, directory, { recursive: true });
    const within = (program, ...args) => node('-e', `process.chdir(${JSON.stringify(inside)}); process.env.HOME = ${JSON.stringify(inside)}; process.argv.splice(1, 0, ${JSON.stringify(program)}); require(${JSON.stringify(program)})`, ...args);
    within(NPM_CLI, 'install', '--registry', installs.registry, '--no-audit', '--no-fund', '--ignore-scripts', PACKAGE.name);
    expectEqual(installed(directory), ['otel-native', `otel-native-${id}`], 'installed packages');
    expectEqual(within(`${inside}/use.cjs`).stdout.trim(), USED, 'use.cjs');
    const status = within(`${inside}/status.cjs`).stdout;
    if (!status.includes('disabled')) throw new Error(`status printed ${status}`);
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

/** A registry without one of the eight packages would not be that of a release, so what is not built here gets a stand-in. */
function publishAll(folder, registry, directory) {
  const packed = fs.readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const whole = path.join(directory, 'packages');
  fs.mkdirSync(whole);
  for (const tarball of packed) fs.copyFileSync(path.join(folder, tarball), path.join(whole, tarball));
  const missing = targets.filter(({ id }) => !packed.some((name) => name.includes(`-${id}-${PACKAGE.version}`)));
  for (const target of missing) packBinary(target, whole, { text: 'not built here\n' });
  registry.publish(whole);
  if (missing.length > 0) process.stdout.write(`stand-ins without a binary: ${missing.map(({ id }) => id).join(', ')}\n`);
}

async function main([folder, ...only]) {
  const tools = process.env.CCXRAY_PACKAGE_TOOLS;
  if (!folder || !tools) throw new Error('usage: CCXRAY_PACKAGE_TOOLS=… node scripts/package/install.js FOLDER [WAY…]');
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-install-'));
  const registry = await startRegistry(tools, directory);
  let failed = 0;
  try {
    publishAll(folder, registry, directory);
    const installs = new Installs(registry, directory, tools);
    const foreign = (process.env.CCXRAY_FOREIGN_NODES ?? '').split(path.delimiter).filter(Boolean);
    const ways = { ...WAYS, ...Object.fromEntries(foreign.map((root) => [path.basename(root), () => onForeign(installs, root)])) };
    for (const [name, way] of Object.entries(ways)) {
      if (only.length > 0 && !only.some((word) => name.includes(word))) continue;
      const started = Date.now();
      try {
        way(installs);
        process.stdout.write(`ok      ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
      } catch (error) {
        failed += 1;
        process.stdout.write(`FAILED  ${name}: ${error.message}\n`);
      }
    }
  } finally {
    registry.stop();
    fs.rmSync(directory, { recursive: true, force: true });
  }
  return failed === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then((code) => { process.exitCode = code; }, (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
