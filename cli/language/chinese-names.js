'use strict';

/** The kinds of names as `cli/preview/names.js` writes them, one and several, in Traditional Chinese. */
const KINDS = new Map([
  [['model', 'models'], '模型'],
  [['tool', 'tools'], '工具'],
  [['MCP server', 'MCP servers'], 'MCP 伺服器'],
  [["MCP server's tool", "MCP servers' tools"], 'MCP 伺服器的工具'],
  [['skill', 'skills'], '技能'],
  [['agent type', 'agent types'], '代理類型'],
  [['error type', 'error types'], '錯誤類型'],
  [['stop reason', 'stop reasons'], '停止原因'],
  [['permission mode', 'permission modes'], '權限模式'],
].flatMap(([english, chinese]) => english.map((kind) => [kind, chinese])));

const KIND = [...KINDS.keys()].join('|');

const AMOUNT = new RegExp(`^([\\d,]+) (${KIND})$`);
const HIDDEN = new RegExp(`^(\\d+) (${KIND}) not shown here → (.+)$`);
const REPLACED = new RegExp(`^(${KIND}) (.+ → .+)$`);
const MORE = /^… and (\d+) more$/;

/**
 * Translates the items of a list of names. The names themselves stay, and so does what is not known here.
 * @param {string} list with `, ` between the items
 * @returns {string}
 */
function listInChinese(list) {
  if (list === 'none') return '無';
  const items = list.split(', ');
  return items.map(itemInChinese).join(items.every((item) => AMOUNT.test(item)) ? '、' : ', ');
}

/** Translates a list of names of the user's own, of which each could be one of the words that are known here. */
function namesInChinese(list) {
  if (list === 'none') return '無';
  return list.replace(/(?<=, )… and (\d+) more$/, '… 還有 $1 個');
}

function itemInChinese(item) {
  const [, amount, counted] = AMOUNT.exec(item) ?? [];
  if (counted !== undefined) return `${KINDS.get(counted)} ${amount} 個`;
  const [, hidden, kind, sent] = HIDDEN.exec(item) ?? [];
  if (kind !== undefined) return `未在此顯示的${spaced(KINDS.get(kind))} ${hidden} 個 → ${sent}`;
  const [, replaced, names] = REPLACED.exec(item) ?? [];
  if (replaced !== undefined) return `${KINDS.get(replaced)} ${names}`;
  return item.replace(MORE, '… 還有 $1 項');
}

/** Latin letters stand apart from Chinese ones. */
function spaced(text) {
  return /^[A-Z]/.test(text) ? ` ${text}` : text;
}

module.exports = { listInChinese, namesInChinese };
