'use strict';

/*
 * Measures how much a gateway on this machine takes, for the table in docs/backends.md:
 *
 *     node testkit/backends/gateway-load.js [USERS [ROUNDS]]      default: 1000 3
 *
 * Sends ROUNDS requests for each of USERS users to VictoriaMetrics, directly and through each gateway that is installed, and
 * prints one line of JSON each. Uses the loopback interface only.
 */

const fs = require('node:fs');

const { startReceiver } = require('../receiver/receiver');
const { startBackend } = require('./backend');
const { gatewayConfig } = require('./gateway-config');
const { sendForManyUsers } = require('./many-users');
const { findOtelcol, startOtelcol } = require('./otelcol');
const { replayFor } = require('./replay');
const { findRotel, startRotel } = require('./rotel');
const { findVictoriaMetrics } = require('./victoria-metrics');

async function run([users = '1000', rounds = '3']) {
  const request = await requestOfADay();
  const gateways = [
    ['none', () => undefined],
    ['rotel', (target) => startRotel(required(findRotel(process.env)), target)],
    ['otelcol', (target) => startOtelcol(required(findOtelcol(process.env)), (ports) => gatewayConfig(ports, target))],
  ];
  for (const [name, start] of gateways) {
    const backend = await startBackend(required(findVictoriaMetrics(process.env)));
    const gateway = await start(backend.otlpEndpoint);
    const sent = await sendForManyUsers(gateway?.endpoints.http ?? backend.otlpEndpoint, request, { users: Number(users), rounds: Number(rounds) });
    const used = gateway === undefined ? undefined : usageOf(gateway.pid);
    await gateway?.close();
    await backend.settle();
    const backendUsed = usageOf(backend.pid);
    const [series] = await backend.query('count(last_over_time({__name__=~"ccxray_.+"}[1h]))', Date.now() / 1000 + 60);
    const [instances] = await backend.query('count(count by (service_instance_id) (last_over_time(ccxray_cost_usd_total[1h])))', Date.now() / 1000 + 60);
    await backend.close();
    process.stdout.write(`${JSON.stringify({ gateway: name, ...sent, used, backend: backendUsed, series: Number(series?.value[1]), instances: Number(instances?.value[1]) })}\n`);
  }
}

/** The last request of a process that has recorded a working day. */
async function requestOfADay() {
  const receiver = await startReceiver();
  await replayFor({ enabled: true, tier: 1, endpoint: receiver.endpoint, interval_seconds: 3600, project: 'shop', team: 'payments' }, { turns: 200, flushes: 1 });
  await receiver.close();
  return receiver.lastRequest;
}

function required(program) {
  if (program.missing !== undefined) throw new Error(program.missing);
  return program;
}

/**
 * What a process has used so far. The time on a processor says more than the time that has passed: it does not depend on what
 * else the machine does. Linux only.
 */
function usageOf(pid) {
  const memory = /^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1];
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return { mebibytes: Math.round(Number(memory) / 1024), cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100 };
}

void run(process.argv.slice(2));
