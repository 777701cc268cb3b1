'use strict';

const { listInChinese, namesInChinese } = require('./chinese-names');

/** What a user approves can come from a foreign file. The addon writes it as one plain word, or in quotes. */
const WORD = '(?:"(?:[^"\\\\]|\\\\.)*"|[^\\s",]+)';
const COUNT = '[\\d,]+';

/** What is sent. */
const SENT = {
  'anonymous numbers (tier 1)': '匿名的數字（層級 1）',
  'numbers with the name that you choose (tier 2)': '數字，並附上您選擇的名稱（層級 2）',
  'numbers (at the tier that you set)': '數字（依您設定的層級）',
};
/** How often it is sent. */
const RHYTHMS = {
  'in each interval, so the receiver sees when you work': '每個間隔一次，所以接收端看得出您何時工作',
  'at most once an hour': '每小時最多一次',
  'at most once a day': '每天最多一次',
  'at most once an hour; at tier 1 in each interval': '每小時最多一次；層級 1 時每個間隔一次',
  'in each interval; at tier 2 at most once an hour': '每個間隔一次；層級 2 時每小時最多一次',
};
const TIERS = { disabled: '停用', anonymous: '匿名', named: '具名' };
const DATED = { now: '現在', 'when they happened': '實際發生的時間' };
/** What can be new or removed since the last approval. */
const SETTINGS = {
  header: '標頭',
  variable: '環境變數',
  'known name': '已知名稱',
  'certificate file': '憑證檔案',
  'setting of .ccxray.user.json': '.ccxray.user.json 的設定',
  limit: '上限',
};

/**
 * Every line that a question for approval can have, with its translation. Names, addresses and figures are taken over as they
 * are. The English lines are those of `src/config/approval/terms.rs`, `src/config/init/write.rs`, `cli/approval.js`,
 * `cli/preview/summary.js` and `cli/commands/replay.js`.
 */
const LINES = [
  // What a project asks for.
  ['The project in (.+) asks for:', (directory) => `${directory} 的專案要求：`],
  [`Send: (${anyOf(SENT)})`, (sent) => `傳送：${SENT[sent]}`],
  ['To: (.+)', (endpoint) => `目的地：${endpoint}`],
  [`How often: (${anyOf(RHYTHMS)})`, (rhythm) => `傳送頻率：${RHYTHMS[rhythm]}`],
  ['With the headers: (.+)', (headers) => `附上標頭：${headers}`],
  [`It will read your variable (${WORD}) as a part of this address`, (name) => `會讀取您的環境變數 ${name}，作為這個位址的一部分`],
  [`It will read your variable (${WORD}) and send it there in the header (${WORD})`, (name, header) => `會讀取您的環境變數 ${name}，並放在標頭 ${header} 中傳送過去`],
  [`It will read your variable (${WORD}) to find the certificate file of (${WORD})`, (name, setting) => `會讀取您的環境變數 ${name}，以找到 ${setting} 的憑證檔案`],
  [`It will read your variable (${WORD}) and send it there as (${WORD})`, (name, attribute) => `會讀取您的環境變數 ${name}，並以 ${attribute} 傳送過去`],
  ['It will send the private names of tools, servers, skills, agents and models', () => '會傳送工具、伺服器、技能、代理與模型的私有名稱'],
  ['It will send these private names: (.+)', (names) => `會傳送這些私有名稱：${names}`],
  ['It will use these certificate files: (.+)', (files) => `會使用這些憑證檔案：${files}`],
  ['It will send headers unencrypted if the address is http://', () => '如果位址是 http://，標頭會以未加密的方式傳送'],
  ['It will use these settings of \\.ccxray\\.user\\.json: (.+)', (settings) => `會使用 .ccxray.user.json 的這些設定：${settings}`],
  ['It will use these limits beyond the defaults: (.+)', (limits) => `會使用這些超出預設值的上限：${limits}`],
  ['Never sent: prompts, code, file names\\.', () => '絕不傳送：提示、程式碼、檔名。'],

  // What has changed since the last approval.
  ['Changed since you approved it:', () => '自您上次核准後的變更：'],
  ['the tier was (\\d+|not set) and is now (\\d+|not set)', (was, is) => `層級原為${tierInChinese(was)}，現為${tierInChinese(is)}`],
  [`the endpoint was (${WORD}) and is now (${WORD})`, (was, is) => `端點原為 ${was}，現為 ${is}`],
  ['"names" was (\\w+) and is now (\\w+)', (was, is) => `"names" 原為 ${was}，現為 ${is}`],
  [`the resolution was (${WORD}|not set) and is now (${WORD}|not set)`, (was, is) => `解析度原為 ${settingInChinese(was)}，現為 ${settingInChinese(is)}`],
  ['headers may now be sent unencrypted', () => '標頭現在可能以未加密的方式傳送'],
  ['headers may no longer be sent unencrypted', () => '標頭不再能以未加密的方式傳送'],
  [`new (${anyOf(SETTINGS)}) (.+)`, (setting, value) => `新增${SETTINGS[setting].replace(/^\./, ' .')} ${value}`],
  [`removed (${anyOf(SETTINGS)}) (.+)`, (setting, value) => `移除${SETTINGS[setting].replace(/^\./, ' .')} ${value}`],

  // What `init` changes beside that.
  ['Add \\.ccxray\\.user\\.json to (.+)', (file) => `將 .ccxray.user.json 加入 ${file}`],

  // The summary of what would be sent.
  [`It would send this, computed from the newest (${COUNT}) turns? in your logs:`, (turns) => `將會傳送以下內容（依紀錄檔中最新的 ${turns} 個回合計算）：`],
  [`(Every ${COUNT}(?:\\.\\d+)? s|At most once an hour|At most once a day): (${COUNT}) requests? with (${COUNT}) series, (${COUNT}) bytes?(?: \\(about (${COUNT}) compressed\\))?`, sizeInChinese],
  ['Published names: (.+)', (names) => `公開名稱：${listInChinese(names)}`],
  ['Names of your own: (.+)', (names) => `您自己的名稱：${namesInChinese(names)}`],
  ['Replaced names: (.+)', (names) => `會被取代的名稱：${listInChinese(names)}`],
  ['See exactly what: (.+)', (command) => `查看確切內容：${command}`],

  // What `replay` would send.
  [`It would send (${COUNT}) turns? of (\\S+) \\(UTC\\):`, (turns, day) => `將會傳送 ${day}（UTC）的 ${turns} 個回合：`],
  [`It would send (${COUNT}) turns? of (${COUNT}) days, (\\S+) to (\\S+) \\(UTC\\):`, (turns, days, first, last) => `將會傳送 ${days} 天（${first} 至 ${last}，UTC）的 ${turns} 個回合：`],
  [`Send: numbers at tier (\\d+), (${anyOf(TIERS)}), dated (${anyOf(DATED)})`, (tier, name, dated) => `傳送：層級 ${tier}（${TIERS[name]}）的數字，日期為${DATED[dated]}`],
  ['As project: none', () => '專案：無'],
  ['As project: (.+), team (.+)', (project, team) => `專案：${project === 'none' ? '無' : project}，團隊：${team}`],
  ['As project: (.+)', (project) => `專案：${project}`],
  ['Days that were sent before are counted twice', () => '先前已傳送過的日子會重複計算'],

  // The questions, and what is printed after a yes.
  ['Approve\\? \\[y/N\\]', () => '要核准嗎？輸入 y 或「是」表示核准 [y/N]'],
  ['Write this, and approve it\\? \\[y/N\\]', () => '要寫入並核准嗎？輸入 y 或「是」表示同意 [y/N]'],
  ['Approved for (.+):', (directory) => `已核准 ${directory}：`],
  ['Recorded in (.+)', (file) => `已記錄於 ${file}`],
].map(([pattern, text]) => [new RegExp(`^${pattern}$`, 's'), text]);

/**
 * @param {string} line in English, with or without spaces at its beginning
 * @returns {string} in Traditional Chinese. A line that is not known here stays as it is: what you approve is never left out
 */
function inChinese(line) {
  const [indent] = /^ {0,2}/.exec(line);
  const english = line.slice(indent.length);
  for (const [pattern, text] of LINES) {
    const found = pattern.exec(english);
    if (found !== null) return indent + text(...found.slice(1));
  }
  return line;
}

function tierInChinese(tier) {
  return tier === 'not set' ? '未設定' : ` ${tier}`;
}

/** A setting that is not set has no name. */
function settingInChinese(value) {
  return value === 'not set' ? '未設定' : value;
}

function rhythmInChinese(rhythm) {
  return { 'At most once an hour': '每小時最多一次', 'At most once a day': '每天最多一次' }[rhythm] ?? rhythm.replace(/^Every (.+) s$/, '每 $1 秒');
}

function sizeInChinese(rhythm, requests, series, bytes, compressed) {
  const sent = compressed === undefined ? '' : `（壓縮後約 ${compressed}）`;
  return `${rhythmInChinese(rhythm)}：請求 ${requests} 個，序列 ${series} 個，${bytes} 位元組${sent}`;
}

/** A pattern for one of the keys. */
function anyOf(texts) {
  return Object.keys(texts).map((text) => text.replaceAll(/[.()]/g, '\\$&')).join('|');
}

module.exports = { inChinese };
