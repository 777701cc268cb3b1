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
const { sleep } = require('../waiting');
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
    const instances = await arrived(backend, Number(users));
    const used = gateway === undefined ? undefined : usageOf(gateway.pid);
    await gateway?.close();
    const backendUsed = usageOf(backend.pid);
    await backend.close();
    process.stdout.write(`${JSON.stringify({ gateway: name, ...sent, used, backend: backendUsed, instances })}\n`);
  }
}

/** The last request of a process that has recorded a working day. */
async function requestOfADay() {
  const receiver = await startReceiver();
  await replayFor({ enabled: true, tier: 1, endpoint: receiver.endpoint, interval_seconds: 3600, project: 'shop', team: 'payments' }, { turns: 200, flushes: 1 });
  await receiver.close();
  return receiver.lastRequest;
}

/** How many users the backend knows, once it has all of them, or after two minutes. */
async function arrived(backend, users) {
  const until = Date.now() + 120_000;
  for (;;) {
    await backend.settle();
    const [answer] = await backend.query('count(count by (service_instance_id) (last_over_time(ccxray_cost_usd_total[1h])))', Date.now() / 1000 + 60);
    const instances = Number(answer?.value[1] ?? 0);
    if (instances >= users || Date.now() > until) return instances;
    await sleep(1000);
  }
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
