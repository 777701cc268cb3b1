'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { call } = require('../../testkit/cli/call');
const { FILES, writeMiniHost } = require('../../testkit/host/mini');
const { projects } = require('../../testkit/scratch/projects');

const CHANGED = ['server/index.js', 'server/forward.js', 'server/ws-proxy.js'];
const SHIM = 'server/otel.js';

/** The line that loads this package. */
const REQUIRE = `const otel = ${requireText('otel')}; // ccxray-otel`;
const CONFIG = `const config = ${requireText('config')};`;

const { project } = projects();

const apply = (directory, ...options) => call(['host', 'apply', ...options, directory], { cwd: directory });

/** The text of every file of a host, by path. */
function textsOf(directory) {
  const names = fs.readdirSync(directory, { recursive: true }).filter((name) => fs.statSync(path.join(directory, name)).isFile());
  return Object.fromEntries(names.map((name) => [name, fs.readFileSync(path.join(directory, name), 'utf8')]));
}

/** A host in a directory of its own. */
function host(change) {
  const directory = project();
  writeMiniHost(directory, change);
  return directory;
}

/** The lines that `after` has and `before` has not, each with the line above it. */
function added(before, after) {
  const old = before.split('\n');
  const lines = after.split('\n');
  return lines.flatMap((line, i) => (old.includes(line) ? [] : [[lines[i - 1].trim(), line]]));
}

/** The text of a call of `require`, without being one. */
function requireText(name) {
  return ['require(', name, ')'].join("'").replace("('", "('./");
}

/** The line of a turn, with these parts. */
function turnLine(parts) {
  return `  otel.turn(ctx, indexLine, { ${parts} }); // ccxray-otel`;
}

/** How the recording package writes down a turn. */
function turnCall(id, parts, context) {
  return `turn [${context},"{\\"id\\":\\"${id}\\"}",${JSON.stringify(parts)}]`;
}

/** A change of one file. */
function without(name, from, to) {
  return (file, text) => (file === name ? text.replace(from, to) : text);
}

/** Installs a package into a host. */
function install(directory, text) {
  const place = path.join(directory, 'node_modules/@ccxray/otel-native');
  fs.mkdirSync(place, { recursive: true });
  fs.writeFileSync(path.join(place, 'host.js'), text);
}

/** Runs a host to its end. */
function start(directory, args, env = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(directory, 'server/index.js'), ...args], { env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('applied to a host', () => {
  let directory;
  let result;

  beforeAll(async () => {
    directory = host();
    result = await apply(directory);
  });

  test('it says which files it wrote, and how to undo that', () => {
    expect(result).toEqual({
      code: 0,
      stdout: `Added: ${SHIM}\n${CHANGED.map((file) => `Changed: ${file}\n`).join('')}To undo: ccxray-otel host apply --undo ${directory}\n`,
      stderr: '',
    });
  });

  test('each place has its line, behind or in front of the statement that names it', () => {
    const texts = textsOf(directory);
    const http = 'request: entry.req, response: entry.res, headers: proxyRes.headers';
    expect(Object.fromEntries(CHANGED.map((file) => [file, added(FILES[file], texts[file])]))).toEqual({
      'server/index.js': [
        ['', REQUIRE],
        [REQUIRE, 'if (otel.cli(process.argv.slice(2))) return; // ccxray-otel'],
        ['};', '    otel.arrived(clientReq, ctx); // ccxray-otel'],
        ['try {', '    otel.client(); // ccxray-otel'],
        ['let port;', '  otel.init({ hub: hubMode, failFast: !hubMode }); // ccxray-otel'],
      ],
      'server/forward.js': [
        [CONFIG, REQUIRE],
        ['const indexLine = buildIndexLine(entry);', `  ${turnLine(`merged, ${http}`)}`],
        ['const indexLine = buildIndexLine(entry); // as above', turnLine(http)],
        [');', turnLine(`merged, ${http}`)],
      ],
      'server/ws-proxy.js': [
        [CONFIG, REQUIRE],
        ['const indexLine = buildIndexLine(entry);', turnLine('request: entry.req, response: entry.res')],
        ['};', '  otel.arrived(req, ctx); // ccxray-otel'],
      ],
    });
  });

  test('other files and the mode of a file stay as they are', () => {
    const { [SHIM]: _, ...texts } = textsOf(directory);
    for (const file of CHANGED) delete texts[file];
    expect(texts).toEqual(Object.fromEntries(Object.entries(FILES).filter(([file]) => !CHANGED.includes(file))));
    expect(fs.statSync(path.join(directory, 'server/index.js')).mode & 0o777).toBe(0o755);
  });

  test('a second time changes nothing', async () => {
    const before = textsOf(directory);
    expect(await apply(directory)).toEqual({ code: 0, stdout: `Already applied: ${directory}\n`, stderr: '' });
    expect(await apply(directory, '--dry-run')).toEqual({ code: 0, stdout: `Already applied: ${directory}\n`, stderr: '' });
    expect(textsOf(directory)).toEqual(before);
  });
});

describe('taken back', () => {
  test.each([
    ['a host with \\n', (_, text) => text],
    ['a host with \\r\\n', (_, text) => text.replaceAll('\n', '\r\n')],
    ['a host with a byte order mark, and without a newline at the end', (_, text) => `\ufeff${text.replace(/^#!.*\n/, '').trimEnd()}`],
  ])('%s is as it was', async (_, change) => {
    const directory = host(change);
    const before = textsOf(directory);
    expect(await apply(directory)).toMatchObject({ code: 0 });
    for (const file of [...CHANGED, SHIM]) expect(textsOf(directory)[file].replaceAll('\r\n', '').includes(change('', '\n') === '\r\n' ? '\n' : '\r')).toBe(false);
    expect(await apply(directory, '--undo', '--dry-run')).toMatchObject({ code: 0, stdout: expect.stringContaining('Would be removed: server/otel.js\n') });
    expect(await apply(directory, '--undo')).toEqual({ code: 0, stdout: `${CHANGED.map((file) => `Changed: ${file}\n`).join('')}Removed: ${SHIM}\n`, stderr: '' });
    expect(textsOf(directory)).toEqual(before);
    expect(await apply(directory, '--undo')).toEqual({ code: 0, stdout: `Not applied: ${directory}\n`, stderr: '' });
  });

  test.each([
    ['a changed place', 'server/forward.js', (text) => text.replace('merged, request', 'request')],
    ['another change', 'server/index.js', (text) => `${text}// one more line\n`],
    ['a changed file of ours', SHIM, (text) => text.replace('undefined', 'null')],
  ])('%s is not overwritten', async (_, file, change) => {
    const directory = host();
    await apply(directory);
    fs.writeFileSync(path.join(directory, file), change(textsOf(directory)[file]));
    const before = textsOf(directory);
    const { code, stdout, stderr } = await apply(directory, '--undo');
    expect({ code, stdout }).toEqual({ code: 65, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^Nothing is changed:\n {2}${file} has changed since\\. Take your change back, or remove [^\n]+ by hand\n$`));
    expect(textsOf(directory)).toEqual(before);
  });

  test('an interrupted apply can be taken back', async () => {
    const directory = host();
    const before = textsOf(directory);
    await apply(directory);
    fs.writeFileSync(path.join(directory, 'server/ws-proxy.js'), FILES['server/ws-proxy.js']);
    expect(await apply(directory)).toMatchObject({ code: 65, stderr: expect.stringMatching(/^Nothing is changed:\n {2}server\/ws-proxy\.js does not have the lines of this version\. Run it with --undo first/) });
    expect(await apply(directory, '--undo')).toMatchObject({ code: 0 });
    expect(textsOf(directory)).toEqual(before);
  });

  test('lines without the file that belongs to them are reported', async () => {
    const directory = host();
    await apply(directory);
    fs.rmSync(path.join(directory, SHIM));
    const { code, stderr } = await apply(directory, '--undo');
    expect(code).toBe(65);
    for (const file of CHANGED) expect(stderr).toContain(`  ${file} has lines that end with "// ccxray-otel"`);
  });
});

describe('a host that it does not know stays as it is', () => {
  const INDEX = 'server/index.js';
  const FORWARD = 'server/forward.js';
  const SOCKET = 'server/ws-proxy.js';

  test.each([
    ['no commands', without(INDEX, "process.argv[2] === 'usage'", 'false'), [/^server\/index\.js: the first command.*: it is not there$/]],
    ['no startServer', without(INDEX, 'function startServer', 'function begin'), [/^server\/index\.js: the call of hub\.tryListen.*: there is not exactly one function startServer$/]],
    ['no port', without(INDEX, /hub\.tryListen/g, 'hub.listen'), [/: the call of hub\.tryListen in startServer: it is not there$/]],
    ['no hub mode', without(INDEX, /hubMode/g, 'isHub'), [/: there is no variable hubMode$/]],
    ['no clients', without(INDEX, /hub\.registerClient/g, 'hub.register'), [/: the call of hub\.registerClient in startClientMode: it is not there$/]],
    ['no context', without(INDEX, "id: 'turn', clientReq,", "id: 'turn',"), [/: "const ctx = \{…\}" with clientReq: it is not there$/]],
    ['two contexts', without(INDEX, 'answer(ctx);', '{ const ctx = { clientReq }; answer(ctx); }'), [/: it is there 2 times$/]],
    ['no handler', without(FORWARD, /handleOpenAISSE/g, 'handleResponses'), [/in handleOpenAISSE: there is not exactly one function handleOpenAISSE$/]],
    ['no index line', without(SOCKET, 'const indexLine =', 'const line ='), [/in recordWebSocketEntry: it is not there$/]],
    ['no context at the socket', without(SOCKET, 'const ctx', 'const context'), [/in handleWebSocketUpgrade: it is not there$/]],
    ['no entry', without(SOCKET, /\bentry\b/g, 'record'), [/in recordWebSocketEntry: there is no variable entry$/]],
    ['one more handler', without(FORWARD, 'module.exports', 'function other(entry) { const indexLine = buildIndexLine(entry); return indexLine; }\nmodule.exports'), [/buildIndexLine is called 4 times, and only 3 of these places are known$/]],
    ['two places in one line', without(SOCKET, 'const indexLine = buildIndexLine(entry);', 'const indexLine = buildIndexLine(entry); entry.req = null;'), [/in recordWebSocketEntry: other code is on its line$/]],
    ['an "otel" of its own', without(SOCKET, "'use strict';", "'use strict';\nconst otel = 1;"), [/^server\/ws-proxy\.js has a variable "otel" already$/]],
    ['no JavaScript', without(SOCKET, 'function ', 'function function '), [/^server\/ws-proxy\.js cannot be read: /]],
    ['a missing file', (file, text) => (file === SOCKET ? undefined : text), [/^server\/ws-proxy\.js is not there$/]],
    ['another encoding', (file, text) => (file === SOCKET ? Buffer.from(`// caf\u00e9\n${text}`, 'latin1') : text), [/^server\/ws-proxy\.js is not UTF-8$/]],
    ['a server/otel.js of its own', (file, text) => text, [/^server\/otel\.js is there already, and it is not a file of this package$/], (directory) => fs.writeFileSync(path.join(directory, SHIM), 'module.exports = 1;\n')],
    ['several of these', (file, text) => text.replace(/hub\.tryListen/g, 'hub.listen').replace('const indexLine =', 'const line ='), [/startServer/, /handleSSEResponse/, /recordWebSocketEntry/]],
  ])('%s', async (_, change, problems, more = () => {}) => {
    const directory = host(change);
    more(directory);
    const before = textsOf(directory);
    for (const options of [[], ['--dry-run']]) {
      const { code, stdout, stderr } = await apply(directory, ...options);
      const [head, ...lines] = stderr.trimEnd().split('\n');
      expect({ code, stdout, head }).toEqual({ code: 65, stdout: '', head: 'Nothing is changed:' });
      expect(lines.map((line) => line.trim())).toEqual(problems.map((problem) => expect.stringMatching(problem)));
    }
    expect(textsOf(directory)).toEqual(before);
  });

  test('a file that cannot be written leaves the others as they are', async () => {
    const directory = host();
    const before = textsOf(directory);
    // Somebody else's file has the name under which the new text is prepared.
    const blocker = path.join(fs.realpathSync(directory), `server/ws-proxy.js.${process.pid}.tmp`);
    fs.mkdirSync(blocker);
    const { code, stderr } = await apply(directory);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^EEXIST: /) });
    fs.rmdirSync(blocker);
    expect(textsOf(directory)).toEqual(before);
  });
});

test('--json lists the changes, and a dry run writes none', async () => {
  const directory = host();
  const before = textsOf(directory);
  const planned = JSON.parse((await apply(directory, '--dry-run', '--json')).stdout);
  expect(planned).toEqual({ directory, isWritten: false, changes: expect.arrayContaining([{ file: SHIM, change: 'added' }, ...CHANGED.map((file) => ({ file, change: 'changed' }))]) });
  expect(textsOf(directory)).toEqual(before);
  const { code, stdout } = await apply(directory, '--json');
  expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 0, ...planned, isWritten: true });
  expect(JSON.parse((await apply(directory, '--json')).stdout).changes).toEqual([]);
});

describe('--dry-run', () => {
  test.each([
    ['\\n', (_, text) => text],
    ['\\r\\n', (_, text) => text.replaceAll('\n', '\r\n')],
    ['no newline at the end', (_, text) => text.trimEnd()],
  ])('prints a diff that git applies, with %s', async (_, change) => {
    const [shown, written] = [host(change), host(change)];
    const before = textsOf(shown);
    const { code, stdout } = await apply(shown, '--dry-run');
    expect({ code, after: textsOf(shown) }).toEqual({ code: 0, after: before });
    expect(spawnSync('git', ['apply', '--whitespace=nowarn', '-'], { cwd: shown, input: stdout, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    await apply(written);
    expect(textsOf(shown)).toEqual(textsOf(written));
  });

  test('shows a terminal only what it can show', async () => {
    const directory = host((file, text) => (file === 'server/ws-proxy.js' ? text.replace(CONFIG, `${CONFIG}\n\t// \u001b[2J`) : text));
    const { stdout } = await call(['host', 'apply', '--dry-run', directory], { cwd: directory, answers: [] });
    expect(stdout).toContain(' \t// \ufffd[2J\n');
  });
});

describe('the changed host', () => {
  /** A package that writes down its calls. */
  const RECORDER = `
const calls = (name) => (...args) => console.log(name, JSON.stringify(args));
module.exports = Object.fromEntries(['init', 'client', 'arrived', 'turn'].map((name) => [name, calls(name)]));
module.exports.command = async (argv) => { console.log('command', argv.join(' ')); return 7; };
`;

  let directory;

  beforeEach(async () => {
    directory = host();
    await apply(directory);
  });

  test('calls the package at every place', () => {
    install(directory, RECORDER);
    const { status, stdout, stderr } = start(directory, ['--hub-mode']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const ctx = '{"clientReq":{"headers":{}},"parsedBody":{}}';
    const socket = '{"endpoint":"/v1/responses","req":{"headers":{}}}';
    expect(stdout.trimEnd().split('\n')).toEqual([
      'init [{"hasCommands":true,"hostVersion":"7.8.9","hub":true,"failFast":false}]',
      `arrived [{"headers":{}},${socket}]`,
      turnCall('socket', { request: {}, response: {} }, socket),
      ...[['stream', { merged: false, request: {}, response: [{ type: 'message_stop' }], headers: { kind: 'stream' } }],
        ['responses', { request: {}, response: [{ type: 'response.completed' }], headers: { kind: 'responses' } }],
        ['json', { merged: false, request: {}, response: 'text', headers: { kind: 'json' } }]].map(([id, parts]) => turnCall(id, parts, ctx)),
      'started',
    ]);
    expect(start(directory, ['client']).stdout).toBe('client [{"hasCommands":true}]\nstarted\n');
  });

  test.each([
    [['otel', 'trust', '--yes'], 7, 'command otel trust --yes\n'],
    [['status', '--json', '--otel'], 7, 'command status --json --otel\n'],
    [['parser', 'report'], 7, 'command parser report\n'],
    [['usage'], 0, 'usage of the host\n'],
    [['status'], 0, /started\n$/],
  ])('takes the command %j', (args, status, stdout) => {
    install(directory, RECORDER);
    expect(start(directory, args)).toEqual({ status, stdout: typeof stdout === 'string' ? stdout : expect.stringMatching(stdout), stderr: '' });
  });

  const MISSING = 'ccxray-otel: nothing is sent: @ccxray/otel-native is not installed\n';

  test.each([
    ['nobody asks', {}, ''],
    ['a variable asks', { CCXRAY_OTEL_TIER: '1' }, MISSING],
    ['a variable asks for nothing', { CCXRAY_OTEL_TIER: '0' }, ''],
    ['a variable asks and one forbids', { CCXRAY_OTEL_TIER: '2', DO_NOT_TRACK: '1' }, ''],
    ['a variable asks and one forbids nothing', { CCXRAY_OTEL_TIER: '2', DO_NOT_TRACK: '0', OTEL_SDK_DISABLED: 'false' }, MISSING],
  ])('works without the package, and %s', (_, env, stderr) => {
    expect(start(directory, [], env)).toEqual({ status: 0, stdout: 'started\n', stderr });
  });

  test.each([
    ['cannot be loaded', 'throw new Error("no binary for this platform\\nmore");', 'ccxray-otel: nothing is sent: no binary for this platform\n'],
    ['throws', 'module.exports = { init() { throw new Error("defect"); }, turn() { console.log("never"); } };', 'ccxray-otel: nothing is sent: defect\n'],
    ['has other functions', 'module.exports = {};', ''],
  ])('works with a package that %s', (_, text, stderr) => {
    install(directory, text);
    expect(start(directory, [], { CCXRAY_OTEL_TIER: '1' })).toEqual({ status: 0, stdout: 'started\n', stderr });
  });

  test('reports a command without the package', () => {
    expect(start(directory, ['otel', 'check'])).toEqual({ status: 1, stdout: '', stderr: 'ccxray otel: @ccxray/otel-native is not installed\n' });
  });
});
