// Draws the scenes of cards.json as they look in Discord: `npm ci && npm run render`; `pngquant --force --ext .png 64 *.png` makes them small.
// WIDTH=480 draws them as wide as a phone, to be looked at. Needs Chromium (Debian: `apt-get install chromium`); CHROMIUM names another one. Nothing is fetched while it draws.
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const ORIGIN = 'http://pictures.invalid';
const WIDTH = Number(process.env.WIDTH ?? 760);
const ZONE = 'Asia/Shanghai';
const STYLES = { 1: 'primary', 2: 'secondary', 3: 'success', 4: 'destructive' };
const FONTS = "'Noto Sans', 'DejaVu Sans', 'Noto Color Emoji', sans-serif";

const escaped = (text) =>
  text.replace(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one]);

const disc = (name, colour) => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80"><rect width="80" height="80" fill="${colour}"/>
    <text x="40" y="54" font-family="sans-serif" font-size="40" fill="white" text-anchor="middle">${name[0].toUpperCase()}</text></svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
};

/** An instant as Discord writes it for an English reader, seen from `now`. */
function instant(seconds, style, now) {
  const at = new Date(seconds * 1000);
  if (style !== 'R') {
    const options = style === 'F' ? { dateStyle: 'full', timeStyle: 'short' } : { dateStyle: 'long', timeStyle: 'short' };
    return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: ZONE }).format(at);
  }
  const passed = at - now;
  if (Math.abs(passed) < 1000) return 'a few seconds ago';
  const units = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1000]];
  const [unit, length] = units.find(([, length]) => Math.abs(passed) >= length) ?? units.at(-1);
  return new Intl.RelativeTimeFormat('en', { numeric: 'always' }).format(Math.round(passed / length), unit);
}

/** The part of Discord's markdown that the cards use. */
function markdown(text, now) {
  const kept = [];
  const keep = (html) => `\u0000${kept.push(html) - 1}\u0000`;
  const html = escaped(
    text
      .replace(/```\n([\s\S]*?)\n```\n?/g, (_, code) => keep(`<discord-code multiline>${escaped(code)}</discord-code>`))
      .replace(/`([^`]+)`/g, (_, code) => keep(`<discord-code>${escaped(code)}</discord-code>`))
      .replace(/<t:(\d+)(?::([a-zA-Z]))?>/g, (_, at, style) => keep(`<discord-time>${escaped(instant(at, style, now))}</discord-time>`))
      .replace(/<(@&|@|#)([^>]+)>/g, (_, kind, name) => {
        const type = { '@&': 'role', '@': 'user', '#': 'channel' }[kind];
        return keep(`<discord-mention type="${type}" highlight>${escaped(name)}</discord-mention>`);
      })
      .replace(/<\/([^:>]+):ID>/g, (_, name) => keep(`<discord-mention type="slash" highlight>${escaped(name)}</discord-mention>`))
      .replace(/\[([^\]]+)\]\(https:[^)\s]+\)/g, (_, shown) => keep(`<span style="color:#00a8fc">${escaped(shown)}</span>`))
      .replace(/\\([^a-zA-Z0-9\s])/g, (_, plain) => keep(escaped(plain))),
  )
    .replace(/\*\*([\s\S]+?)\*\*/g, '<discord-bold>$1</discord-bold>')
    .replace(/(^|\u0000)( {2,})/gm, (_, before, blanks) => before + '&nbsp;'.repeat(blanks.length))
    .replace(/\n/g, '<br>');
  return html.replace(/\u0000(\d+)\u0000/g, (_, nth) => kept[nth]);
}

const embed = (one, now) => {
  const colour = `#${(one.color ?? 0).toString(16).padStart(6, '0')}`;
  const title = one.title ? ` embed-title="${escaped(one.title)}"` : '';
  const fields = (one.fields ?? []).map(
    (field) =>
      `<discord-embed-field field-title="${escaped(field.name)}"${field.inline ? ' inline' : ''}>${markdown(field.value, now)}</discord-embed-field>`,
  );
  const held = fields.length ? `<discord-embed-fields slot="fields">${fields.join('')}</discord-embed-fields>` : '';
  const foot = one.footer ? `<discord-embed-footer slot="footer">${escaped(one.footer.text)}</discord-embed-footer>` : '';
  return `<discord-embed slot="embeds" color="${colour}"${title}>
    <discord-embed-description slot="description">${markdown(one.description ?? '', now)}</discord-embed-description>${held}${foot}</discord-embed>`;
};

function control(one) {
  if (one.type === 2) {
    const emoji = one.emoji?.name ? `${escaped(one.emoji.name)} ` : '';
    const off = one.disabled ? ' disabled' : '';
    return `<discord-button type="${STYLES[one.style] ?? 'secondary'}"${off}>${emoji}${escaped(one.label ?? '')}</discord-button>`;
  }
  return `<discord-string-select-menu placeholder="${escaped(one.placeholder ?? '')}"></discord-string-select-menu>`;
}

function message(one, at) {
  const rows = one.components.map((row) => `<discord-action-row>${row.map(control).join('')}</discord-action-row>`);
  const buttons = rows.length ? `<discord-attachments slot="components">${rows.join('')}</discord-attachments>` : '';
  const marks = one.reactions.map((emoji) => `<discord-reaction name="${emoji}" emoji="" count="1"></discord-reaction>`);
  const reactions = marks.length ? `<discord-reactions slot="reactions">${marks.join('')}</discord-reactions>` : '';
  const attributes = [
    `author="${escaped(one.author)}"`, `avatar="${disc(one.author, '#5865f2')}"`, 'bot',
    `timestamp="${instant(at / 1000, 'f', at)}"`, one.only_for ? 'ephemeral' : '', one.pings ? 'highlight' : '',
  ];
  return `<discord-message ${attributes.join(' ')}>${markdown(one.content, at)}
    ${one.embeds.map((card) => embed(card, at)).join('')}${buttons}${reactions}</discord-message>`;
}

const page = (scene) => `<!doctype html><meta charset="utf-8">
<style>body { margin: 0; background: #313338; } discord-messages, discord-messages * { font-family: ${FONTS} !important; }
  discord-messages { width: ${WIDTH}px; border: none; } discord-code { font-family: 'DejaVu Sans Mono', monospace; }</style>
<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>
<script type="module">import '@skyra/discord-components-core';</script>
<discord-messages>${scene.messages.map((one) => message(one, new Date(scene.at))).join('')}</discord-messages>`;

/** Where the browser finds what the components import. */
const modules = (name) => `${ORIGIN}/node_modules/${name}`;
const IMPORTS = {
  '@skyra/discord-components-core': modules('@skyra/discord-components-core/dist/index.js'),
  lit: modules('lit/index.js'),
  'lit/': modules('lit/'),
  'lit-html': modules('lit-html/lit-html.js'),
  'lit-html/': modules('lit-html/'),
  'lit-element/lit-element.js': modules('lit-element/lit-element.js'),
  'lit-element/': modules('lit-element/'),
  '@lit/reactive-element': modules('@lit/reactive-element/reactive-element.js'),
  '@lit/reactive-element/': modules('@lit/reactive-element/'),
  '@lit/context': modules('@lit/context/index.js'),
};
for (const name of ['class-map', 'if-defined', 'style-map', 'ref', 'when', 'map', 'unsafe-html', 'choose', 'guard']) {
  IMPORTS[`lit/directives/${name}.js`] = modules(`lit/directives/${name}.js`);
}

/** Serves the page and node_modules, and nothing else: no picture depends on a network. */
async function serve(route, html) {
  const { origin, pathname } = new URL(route.request().url());
  if (origin !== ORIGIN) return route.abort();
  if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: html });
  try {
    const type = pathname.endsWith('.css') ? 'text/css' : 'text/javascript';
    return await route.fulfill({ contentType: type, body: await readFile(join(here, pathname)) });
  } catch {
    return route.fulfill({ status: 404, body: '' });
  }
}

const scenes = JSON.parse(await readFile(join(here, 'cards.json'), 'utf8'));
const profile = await mkdtemp(join(tmpdir(), 'warden-pictures-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  deviceScaleFactor: 2,
  viewport: { width: WIDTH, height: 400 },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
try {
  for (const scene of scenes) {
    const tab = await browser.newPage();
    tab.on('pageerror', (error) => { throw error; });
    await tab.route('**/*', (route) => serve(route, page(scene)));
    await tab.goto(`${ORIGIN}/`);
    await tab.waitForFunction(() => customElements.get('discord-messages') && customElements.get('discord-embed'));
    await tab.evaluate(() => Promise.all([...document.querySelectorAll('*')].map((one) => one.updateComplete)));
    await tab.locator('discord-messages').screenshot({ path: join(here, `${scene.name}.png`) });
    await tab.close();
  }
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
}
