// The way of a guest and of the front desk through the pages, in a real browser on a phone and on
// a desk, with scripts and without. One server with the demonstration serves all of it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchBrowser, openDevice } from './browser.mjs';
import { startServer } from './server.mjs';

const BINARY = process.env.VACANCY_E2E_BINARY ?? 'target/debug/vacancy';
const HOTEL = 'Casa do Limoal';
const PAYS = '4242 4242 4242 4242';
const DECLINES = '4000 0000 0000 0002';
const LOST_ANSWER = '4000 0000 0000 0119';
const LATE = '4000 0000 0000 0077';

let server;
let browser;

before(async () => {
  server = await startServer(BINARY);
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** `YYYY-MM-DD` in Lisbon, so many days from today. */
function lisbonDay(days) {
  const form = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Lisbon' });
  return form.format(new Date(Date.now() + days * 24 * 60 * 60 * 1000));
}

function device(name, width, more = {}) {
  return openDevice(browser, { name, width, baseURL: server.url, ...more });
}

async function search(page, { place = 'Lisbon', from, to }) {
  await page.goto('/');
  await page.getByLabel('Where to?').fill(place);
  await page.getByLabel('Check-in').fill(from);
  await page.getByLabel('Check-out').fill(to);
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('heading', { level: 1, name: /stays? in/ }).waitFor();
}

/** From the results to the payment, which waits for the guest. */
async function book(page, guest, shoot = async () => {}) {
  await page.getByRole('link', { name: HOTEL }).click();
  await page.getByRole('heading', { level: 1, name: HOTEL }).waitFor();
  await shoot('hotel');
  await page.getByRole('button', { name: /^Book / }).first().click();
  await page.getByRole('heading', { name: 'Who is coming?' }).waitFor();
  await page.getByLabel('Full name').fill(guest.name);
  await page.getByLabel('E-mail').fill(guest.email);
  await page.getByLabel('Phone').fill('+351 912 345 678');
  await shoot('details');
  await page.getByRole('button', { name: 'Hold my rooms' }).click();
  await page.getByRole('heading', { name: 'Your rooms are held' }).waitFor();
  await shoot('pay');
}

async function pay(page, card, shoot = async () => {}) {
  await page.getByRole('button', { name: /^Pay .* now$/ }).click();
  await page.getByText('Test payment · no real money').waitFor();
  await page.getByLabel('Test card').selectOption(card);
  await shoot('checkout');
  await page.getByRole('button', { name: /^Pay / }).click();
}

async function confirmedCode(page) {
  await page.getByRole('heading', { name: /^You are booked/ }).waitFor();
  const code = (await page.locator('.code').textContent()).trim();
  assert.match(code, /^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
  return code;
}

async function find(page, code, email) {
  await page.goto('/');
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link').click();
  await page.getByLabel('Booking code').fill(code);
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: 'Show my booking' }).click();
}

/** Looks again until a job has done its part. */
async function reloadUntil(page, text) {
  const locator = page.locator('.badge', { hasText: text });
  const until = Date.now() + 20_000;
  while (Date.now() < until) {
    if (await locator.isVisible()) return;
    await page.reload();
  }
  assert.fail(`never showed ${text}: ${await page.locator('main').textContent()}`);
}

async function fitsTheWidth(page, width) {
  const box = await page.locator('body').boundingBox();
  assert.ok(box.width <= width, `${page.url()} is ${box.width} wide`);
}

const DEVICES = [
  { name: 'phone', width: 390 },
  { name: 'desk', width: 1280 },
  { name: 'plain', width: 390, scripts: false },
];

for (const kind of DEVICES) {
  const how = kind.scripts === false ? 'without scripts' : 'with scripts';
  test(`a guest books, pays, finds and cancels at ${kind.width} px ${how}`, async () => {
    const guest = { name: 'Ana Ruiz', email: `ana.${kind.name}@example.com` };
    const first = await device(kind.name, kind.width, kind);
    const { page, shoot } = first;
    await page.goto('/');
    await shoot('home');
    await search(page, { from: lisbonDay(20), to: lisbonDay(22) });
    await fitsTheWidth(page, kind.width);
    await shoot('results');
    await book(page, guest, shoot);
    await pay(page, PAYS, shoot);
    const code = await confirmedCode(page);
    await fitsTheWidth(page, kind.width);
    await shoot('confirmed');

    const second = await device(`${kind.name}-again`, kind.width, kind);
    await find(second.page, code, guest.email.toUpperCase());
    await second.page.getByRole('heading', { name: `Booking ${code}` }).waitFor();
    await second.shoot('booking');
    await second.page.getByRole('link', { name: 'Cancel booking' }).click();
    await second.page.getByRole('heading', { name: 'Cancel this booking?' }).waitFor();
    await second.shoot('cancel');
    await second.page.getByRole('button', { name: 'Yes, cancel the booking' }).click();
    await second.page.getByText('Your booking is cancelled').waitFor();
    await reloadUntil(second.page, 'Refunded');
    await second.shoot('refunded');
    assert.deepEqual([...first.wrong, ...second.wrong], []);
    await first.context.close();
    await second.context.close();
  });
}

test('a declined card keeps the rooms, and the next one pays', async () => {
  const { page, shoot, wrong, context } = await device('declined', 390);
  await search(page, { from: lisbonDay(30), to: lisbonDay(33) });
  await book(page, { name: 'Tom Okafor', email: 'tom@example.com' });
  await pay(page, DECLINES);
  await page.getByRole('alert').getByText('The payment was declined').waitFor();
  await shoot('declined');
  await pay(page, PAYS);
  await confirmedCode(page);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('a payment that nobody knows yet is waited for', async () => {
  const { page, shoot, wrong, context } = await device('waiting', 390);
  await search(page, { from: lisbonDay(34), to: lisbonDay(35) });
  await book(page, { name: 'Ravi Menon', email: 'ravi@example.com' });
  await pay(page, LATE);
  await page.getByRole('heading', { name: 'The payment is on its way' }).waitFor();
  await shoot('waiting');
  await page.getByRole('link', { name: 'Look again' }).click();
  await page.getByRole('heading', { name: 'The payment is on its way' }).waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});

test('a guest who only looks at the checkout comes back to the held rooms', async () => {
  const { page, wrong, context } = await device('back', 390);
  await search(page, { from: lisbonDay(36), to: lisbonDay(37) });
  await book(page, { name: 'Lena Brandt', email: 'lena@example.com' });
  await page.getByRole('button', { name: /^Pay .* now$/ }).click();
  await page.getByRole('link', { name: 'Back to the booking without paying' }).click();
  await page.getByRole('heading', { name: 'Your rooms are held' }).waitFor();
  await pay(page, LOST_ANSWER);
  await confirmedCode(page);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('a guest moves to other dates and pays the difference', async () => {
  const { page, shoot, wrong, context } = await device('change', 1280);
  await search(page, { from: lisbonDay(40), to: lisbonDay(41) });
  await book(page, { name: 'Inês Duarte', email: 'ines@example.com' });
  await pay(page, PAYS);
  await confirmedCode(page);
  await page.getByRole('link', { name: 'See or change the booking' }).click();
  await page.getByRole('link', { name: 'Change dates' }).click();
  await page.getByLabel('New check-in').fill(lisbonDay(40));
  await page.getByLabel('New check-out').fill(lisbonDay(43));
  await page.getByRole('button', { name: 'See what it would cost' }).click();
  const apply = page.getByRole('button', { name: /^Change dates and pay/ });
  await apply.waitFor();
  await shoot('change');
  await apply.click();
  await page.getByRole('heading', { name: 'Pay what is due' }).waitFor();
  await shoot('due');
  await pay(page, PAYS);
  await confirmedCode(page);
  await page.getByText('3 nights').first().waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});

test('the front desk checks in to a room and out again', async () => {
  const guest = { name: 'Keiko Tanaka-Westergaard', email: 'keiko@example.com' };
  const visitor = await device('desk-guest', 390);
  await search(visitor.page, { from: lisbonDay(0), to: lisbonDay(2) });
  await book(visitor.page, guest);
  await pay(visitor.page, PAYS);
  await confirmedCode(visitor.page);
  await visitor.context.close();

  const { page, shoot, wrong, context } = await device('staff', 1280);
  await page.goto('/staff/today');
  await page.getByLabel('Admin key').fill(server.adminKey);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Hotel').selectOption({ label: HOTEL });
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: HOTEL }).waitFor();
  await shoot('today');
  const arrival = page.getByRole('row').filter({ hasText: guest.name });
  const number = await arrival.getByPlaceholder('Room').inputValue();
  assert.match(number, /^\d+$/, 'a free room is proposed');
  await arrival.getByRole('button', { name: /^Check in/ }).click();
  await page.getByText(`${guest.name} is checked in to ${number}.`).waitFor();
  await shoot('checked-in');
  const resident = page.getByRole('row').filter({ hasText: guest.name }).last();
  await resident.getByRole('button', { name: /^Leaves early|^Check out/ }).click();
  await page.getByText(`${guest.name} is checked out.`).waitFor();
  await shoot('checked-out');
  assert.deepEqual(wrong, []);
  await page.setViewportSize({ width: 390, height: 844 });
  await fitsTheWidth(page, 390);
  await shoot('phone');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.goto('/staff/today');
  await page.getByLabel('Admin key').waitFor();
  await context.close();
});

test('what cannot be is said beside its field, and nothing is lost', async () => {
  const { page, shoot, context } = await device('wrong', 390);
  await page.goto(`/search?place=Lisbon&checkInDate=${lisbonDay(9)}&checkOutDate=${lisbonDay(8)}`);
  await page.getByText('Check-out must be after check-in').first().waitFor();
  await shoot('dates');
  await page.goto(`/search?place=Atlantis&checkInDate=${lisbonDay(8)}&checkOutDate=${lisbonDay(9)}`);
  await page.getByText('We know no place or hotel called Atlantis').first().waitFor();
  await shoot('place');

  await search(page, { from: lisbonDay(50), to: lisbonDay(51) });
  await page.getByRole('link', { name: HOTEL }).click();
  await page.getByRole('button', { name: /^Book / }).first().click();
  await page.getByLabel('E-mail').fill('ana.ruiz@');
  await page.getByRole('button', { name: 'Hold my rooms' }).click();
  await page.getByText('3 things to put right').waitFor();
  assert.equal(await page.getByLabel('E-mail').inputValue(), 'ana.ruiz@');
  await shoot('fields');

  await find(page, 'ABCDE-FGHJK', 'nobody@example.com');
  await page.getByRole('alert').getByText('No booking has this code').waitFor();
  await shoot('not-found');
  await page.goto('/bookings/0192f3a4-b5c6-7d8e-9f01-23456789abcd');
  await page.getByText('This browser cannot open that booking yet').waitFor();
  await page.goto('/nowhere');
  await page.getByRole('heading', { name: 'There is nothing at this address' }).waitFor();
  await shoot('nowhere');
  await context.close();
});

test('a party too large for every room is told what would do', async () => {
  const { page, shoot, context } = await device('large', 390);
  const dates = `checkInDate=${lisbonDay(60)}&checkOutDate=${lisbonDay(62)}`;
  await page.goto(`/search?place=lisbon-pt&${dates}&adults=8&roomCount=1`);
  await page.getByRole('heading', { name: 'Why nothing was found' }).waitFor();
  await shoot('nothing');
  await page.getByRole('link', { name: /^Take \d+\s?rooms/ }).click();
  await page.getByRole('heading', { level: 1, name: /stays? in Lisbon/ }).waitFor();
  await shoot('more-rooms');
  await page.getByRole('link', { name: HOTEL }).click();
  await shoot('hotel');
  await context.close();
});

test('every drawing of a page is there', async () => {
  const { page, wrong, context } = await device('drawings', 1280);
  const dates = `checkInDate=${lisbonDay(70)}&checkOutDate=${lisbonDay(71)}`;
  for (const address of ['/', `/search?place=lisbon-pt&${dates}`, `/search?place=kyoto-jp&${dates}`]) {
    await page.goto(address);
    const drawings = page.locator('img');
    const count = await drawings.count();
    assert.ok(0 < count, `${address} has drawings`);
    for (let at = 0; at < count; at += 1) {
      const drawing = drawings.nth(at);
      await drawing.scrollIntoViewIfNeeded();
      await drawing.evaluate((image) => image.decode());
    }
  }
  assert.deepEqual(wrong, []);
  await context.close();
});

test('the server had nothing to be ashamed of', () => {
  assert.deepEqual(server.errors, []);
});
