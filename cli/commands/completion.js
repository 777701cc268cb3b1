'use strict';

const { bash } = require('../completion/bash');
const { fish } = require('../completion/fish');
const { shapeOf } = require('../completion/shape');
const { zsh } = require('../completion/zsh');

const SHELLS = { bash, zsh, fish };

const text = 'print a script that completes commands and options in your shell';
const operand = { name: 'bash|zsh|fish', kind: 'shell', oneOf: Object.keys(SHELLS) };
const options = {};

function run({ terminal, operand: shell, program }) {
  terminal.text(SHELLS[shell](program.name, shapeOf(program)));
}

module.exports = { text, operand, options, isText: true, run };
