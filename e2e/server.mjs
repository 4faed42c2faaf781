// Starts the built server with the demonstration in a folder of its own, and ends it again.
// Nothing of it stays behind, and nothing but its own process is touched.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 15_000;

/** @returns {Promise<{url: string, adminKey: string, errors: string[], stop: () => Promise<void>}>} */
export async function startServer(binary) {
  const folder = await mkdtemp(join(tmpdir(), 'vacancy-e2e-'));
  const data = join(folder, 'data');
  const args = ['serve', '--demo', '--data', data, '--listen', '127.0.0.1:0'];
  // Logs as JSON: the first line that names an address says that the server listens.
  args.push('--set', 'log.format=json');
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const errors = [];
  const told = [];
  const listens = new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('it does not listen')), START_MS_MAX);
    child.once('error', reject);
    exited.then((code) => reject(new Error(`it ended with ${code}\n${told.join('\n')}`)));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        told.push(line);
        if (line.includes('"level":"ERROR"')) errors.push(line);
        const listen = /"listen":"([^"]+)"/.exec(line);
        if (listen) {
          clearTimeout(late);
          resolve(`http://${listen[1]}`);
        }
      });
    }
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
    await exited;
    clearTimeout(late);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = await listens;
    const adminKey = (await readFile(join(data, 'admin-key'), 'utf8')).trim();
    return { url, adminKey, errors, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
