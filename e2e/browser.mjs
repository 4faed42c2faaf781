// Debian's Chromium without anything that asks the world, and pages that keep what went wrong.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where screenshots go; nowhere unless somebody wants to look at them. */
const shots = process.env.VACANCY_E2E_SHOTS;

export function launchBrowser() {
  const executablePath = process.env.VACANCY_E2E_CHROMIUM ?? '/usr/bin/chromium';
  // A profile of its own in the temporary folder; playwright-core removes it.
  return chromium.launch({ executablePath, args: FLAGS });
}

/** One device: a window of this width with its own cookies. */
export async function openDevice(browser, { name, width, scripts = true, baseURL }) {
  const context = await browser.newContext({
    baseURL,
    javaScriptEnabled: scripts,
    viewport: { width, height: width < 600 ? 844 : 900 },
    locale: 'en-GB',
  });
  context.setDefaultTimeout(15_000);
  const wrong = [];
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText;
    // Who goes on before all drawings are there lets go of the rest of them.
    if (why !== 'net::ERR_ABORTED') wrong.push(`${request.url()}: ${why}`);
  });
  page.on('response', (response) => {
    if (500 <= response.status()) wrong.push(`${response.url()}: ${response.status()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(baseURL)) wrong.push(`asked elsewhere: ${request.url()}`);
  });
  let count = 0;
  const shoot = async (what) => {
    if (!shots) return;
    await mkdir(shots, { recursive: true });
    count += 1;
    const file = `${name}-${String(count).padStart(2, '0')}-${what}.png`;
    await page.screenshot({ path: join(shots, file), fullPage: true });
  };
  return { context, page, wrong, shoot };
}
