'use strict';

const { YES } = require('../approval');
const { BACKENDS } = require('../backends');

/** The options of `init`. Its questions use the same table. */
module.exports = {
  backend: { type: 'string', value: 'NAME', oneOf: Object.keys(BACKENDS), kind: 'a known backend', text: `fills in what this backend needs: path, headers and temporality. One of ${Object.keys(BACKENDS).join(', ')}` },
  endpoint: { type: 'string', value: 'URL', text: 'base URL of the receiver; for the project file. A new project file gets tier 1' },
  header: { type: 'string', value: "'NAME=VALUE'", multiple: true, text: "a header for the endpoint; for the project file. Take secrets from variables: 'authorization=Bearer ${TOKEN}'" },
  tier: { type: 'string', value: 'N', oneOf: ['0', '1', '2'], kind: 'a tier', text: 'the most that may be sent: 0 nothing, 1 anonymous numbers, 2 with your name. 2 is written to your own file only' },
  identity: { type: 'string', value: 'NAME', text: 'your name at tier 2; for your own file, which then gets the tier' },
  project: { type: 'string', value: 'NAME', text: 'name of the project; for the project file' },
  team: { type: 'string', value: 'NAME', text: 'name of the team; for the project file' },
  personal: { type: 'string', value: 'PLACE', oneOf: ['home', 'project'], kind: 'a place', text: 'where your own file is: home (for all projects, the default) or project' },
  ...YES,
};
