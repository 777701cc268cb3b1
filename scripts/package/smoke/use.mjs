import otel, { init, record, shutdown } from '@ccxray/otel-native';

const home = process.env.HOME;
const { state } = init({ cwd: home, home, env: {}, hostVersion: '1.0.0' });
const isRejected = record('{}') === false;
shutdown().then(() => console.log(state, isRejected, otel.init === init ? 'default and named' : 'default differs'));
