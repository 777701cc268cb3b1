'use strict';
// `node scripts/package/notices.js`: writes THIRD-PARTY-NOTICES.md, the licences of what is compiled into the addon, for all
// targets, and of what is bundled into the demo, and `--sbom FILE` a CycloneDX list of it. `--check` fails if the notices are not those of Cargo.lock, or if a licence
// is not among the accepted ones. Needs only cargo with the sources that it has downloaded, and node_modules.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { buildDemo } = require('../build-demo');
const { PACKAGE, ROOT, targets } = require('./targets');

const FILE = path.join(ROOT, 'THIRD-PARTY-NOTICES.md');

/** Licences that ask for no more than their text. One of them must be a choice that a crate offers. */
const ACCEPTED = new Set(['0BSD', 'Apache-2.0', 'Apache-2.0 WITH LLVM-exception', 'BSD-2-Clause', 'BSD-3-Clause', 'BSL-1.0', 'CC0-1.0',
  'CDLA-Permissive-2.0', 'ISC', 'MIT', 'MIT-0', 'Unicode-3.0', 'Unlicense', 'Zlib']);

const REGISTRY = 'registry+https://github.com/rust-lang/crates.io-index';

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice|unlicense|copyright)/i;

/** The packages that are compiled into the addon of any target: what it depends on, without tools of the build and tests. */
function compiledPackages() {
  const byId = new Map(targets.flatMap(({ triple }) => compiledFor(triple)).map((it) => [it.id, it]));
  return [...byId.values()].toSorted((a, b) => (a.name === b.name ? Number(a.version > b.version) - 0.5 : Number(a.name > b.name) - 0.5));
}

function compiledFor(triple) {
  const args = ['metadata', '--format-version', '1', '--locked', '--filter-platform', triple];
  const metadata = JSON.parse(execFileSync('cargo', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] }));
  const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
  const packages = new Map(metadata.packages.map((it) => [it.id, it]));
  const found = new Set();
  const visit = (id) => {
    if (found.has(id)) return;
    found.add(id);
    for (const { pkg, dep_kinds: kinds } of nodes.get(id).deps) {
      const isMacro = packages.get(pkg).targets.some(({ kind }) => kind.includes('proc-macro'));
      if (kinds.some(({ kind }) => kind === null) && !isMacro) visit(pkg);
    }
  };
  visit(metadata.resolve.root);
  found.delete(metadata.resolve.root);
  return [...found].map((id) => packages.get(id));
}

/**
 * Whether an SPDX expression offers a choice with accepted licences only.
 * @param {string | null} expression such as `(MIT OR Apache-2.0) AND Unicode-3.0`
 */
function isAccepted(expression) {
  if (!expression) return false;
  const tokens = expression.replaceAll('/', ' OR ').match(/\(|\)|[^\s()]+/g);
  const any = () => {
    let result = all();
    while (tokens[0] === 'OR') {
      tokens.shift();
      result = all() || result;
    }
    return result;
  };
  const all = () => {
    let result = one();
    while (tokens[0] === 'AND') {
      tokens.shift();
      result = one() && result;
    }
    return result;
  };
  const one = () => {
    let name = tokens.shift();
    if (name === '(') {
      const result = any();
      tokens.shift();
      return result;
    }
    if (tokens[0] === 'WITH') name = [name, tokens.shift(), tokens.shift()].join(' ');
    return ACCEPTED.has(name);
  };
  return any() && tokens.length === 0;
}

/**
 * The packages of npm that are bundled into the demo.
 * @param {string[]} inputs the source files of the bundles
 */
function bundledPackages(inputs) {
  const folders = new Set(inputs.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  return [...folders].toSorted().map((folder) => {
    const manifest = path.join(ROOT, folder, 'package.json');
    const { name, version, license, author, repository } = JSON.parse(fs.readFileSync(manifest, 'utf8'));
    const person = typeof author === 'string' ? author : author?.name;
    return { type: 'npm', name, version, license, authors: person === undefined ? [] : [person.replace(/ ?\(.*\)/, '')], manifest_path: manifest, repository: repository?.url ?? repository };
  });
}

/** The texts of a package's licences, in its own files. If it offers a choice, that of MIT is enough. */
function licenceTexts({ manifest_path: manifest, license }) {
  const root = path.dirname(manifest);
  const folders = [root, path.join(root, 'c_src', 'mimalloc', 'v2')].filter((folder) => fs.existsSync(folder));
  const files = folders.flatMap((folder) => fs.readdirSync(folder).filter((file) => LICENCE_FILE.test(file)).map((file) => path.join(folder, file)))
    .filter((file) => fs.statSync(file).isFile()).toSorted();
  const ofMit = files.filter((file) => /mit/i.test(path.basename(file)));
  const chosen = ofMit.length > 0 && /^(?!.*AND).*\bMIT\b(?!-)/.test(license) ? ofMit : files;
  return chosen.map((file) => fs.readFileSync(file, 'utf8').replaceAll('\r\n', '\n').replaceAll(/[ \t]+$/gm, '').trim());
}

/** Texts without a name in them, for packages that only name their licence. */
const STANDARD = [
  { id: 'MIT', begins: 'Permission is hereby granted, free of charge' },
  { id: 'Apache-2.0', begins: 'Apache License' },
];

/** Equal texts are printed once, with all packages that have them. */
function notices(packages, bundled = []) {
  const byText = new Map();
  const without = [];
  for (const it of [...packages, ...bundled]) {
    const found = licenceTexts(it);
    if (found.length === 0) without.push(it);
    for (const licence of found) byText.set(licence, [...(byText.get(licence) ?? []), `${it.name} ${it.version}`]);
  }
  for (const it of without) {
    const licence = [...byText.keys()].find((candidate) => STANDARD.some(({ id, begins }) => it.license.includes(id) && candidate.startsWith(begins)));
    if (licence === undefined) throw new Error(`${it.name} has no file with the text of its licence ${it.license}`);
    byText.get(licence).push(`${it.name} ${it.version}`);
  }
  const texts = [...byText].map(([licence, names]) => `## ${names.join(', ')}\n\n${licence.split('\n').map((line) => `    ${line}`.trimEnd()).join('\n')}`);
  return `# Licences of other packages

The binaries of \`${PACKAGE.name}\` contain these Rust packages. \`node scripts/package/notices.js\` writes this file.

| package | version | licence | authors |
|---|---|---|---|
${rowsOf(packages)}

The page and the decoder of \`ccxray-otel demo\` contain these packages of npm.

| package | version | licence | authors |
|---|---|---|---|
${rowsOf(bundled)}

${texts.join('\n\n')}
`;
}

/** Rows of a table. */
function rowsOf(packages) {
  return packages.map(({ name, version, license, authors }) => `| ${name} | ${version} | ${license} | ${authors.map((author) => author.replace(/ ?<.*>/, '')).join(', ').replaceAll('|', '')} |`).join('\n');
}

function component({ type = 'cargo', name, version, license, repository }) {
  const purl = `pkg:${type}/${name.replace('@', '%40')}@${version}`;
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    ...(license && { licenses: [{ expression: license.replaceAll('/', ' OR ') }] }),
    purl,
    ...(repository && { externalReferences: [{ type: 'vcs', url: repository }] }),
  };
}

/** A software bill of materials in the format of CycloneDX. */
function sbom(packages) {
  const own = `pkg:npm/${PACKAGE.name.replace('@', '%40')}@${PACKAGE.version}`;
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'library', 'bom-ref': own, name: PACKAGE.name, version: PACKAGE.version, purl: own, licenses: [{ license: { id: PACKAGE.license } }] } },
    components: packages.map(component),
  };
}

async function main(argv) {
  const packages = compiledPackages();
  const bundled = bundledPackages(await buildDemo());
  const wrong = [...packages, ...bundled].filter(({ license }) => !isAccepted(license))
    .map(({ name, version, license }) => `${name} ${version} has the licence ${license}, which is not accepted. Replace it, or add the licence to scripts/package/notices.js.`);
  const elsewhere = packages.filter(({ source }) => source !== REGISTRY);
  wrong.push(...elsewhere.map(({ name, version, source }) => `${name} ${version} is from ${source ?? 'this machine'}, and not from crates.io.`));
  const expected = notices(packages, bundled);
  const at = argv.indexOf('--sbom');
  if (at >= 0) fs.writeFileSync(argv[at + 1], `${JSON.stringify(sbom([...packages, ...bundled]), null, 2)}\n`);
  if (!argv.includes('--check')) fs.writeFileSync(FILE, expected);
  else if (!fs.existsSync(FILE) || fs.readFileSync(FILE, 'utf8') !== expected) wrong.push('THIRD-PARTY-NOTICES.md is not that of Cargo.lock and package-lock.json. Run: node scripts/package/notices.js');
  for (const line of wrong) process.stderr.write(`${line}\n`);
  process.stdout.write(`${packages.length} packages are compiled into the addon, ${bundled.length} are bundled into the demo\n`);
  return wrong.length === 0 ? 0 : 1;
}

if (require.main === module) void main(process.argv.slice(2)).then((code) => { process.exitCode = code; });

module.exports = { isAccepted, notices, sbom };
