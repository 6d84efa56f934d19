// The commands of the benchmark as one would write them with discord.js and better-sqlite3.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const Database = require('better-sqlite3');
const { Client, EmbedBuilder, GatewayIntentBits, MessageFlags, PermissionFlagsBits } = require('discord.js');

const GUILD = '7';
const HOUR = 3_600_000;
const db = new Database(process.env.DB);
db.exec(fs.readFileSync(path.join(__dirname, 'schema.sql'), 'utf8'));
const add = db.prepare(
  'INSERT INTO instance (guild, id, name, region, edition, expires_ms, action, action_by, action_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
db.transaction(() => {
  for (let n = 0; n < Number(process.env.INSTANCES); n++) {
    const id = `MQ_INST_1080056302921134_P${String(n).padStart(7, '0')}`;
    add.run(GUILD, id, `peer-${n}`, 'cn-hangzhou', 'platinum', Date.UTC(2028, 5, 1), 'downgrade', 'owner', Date.now());
  }
})();

const find = db.prepare('SELECT * FROM instance WHERE guild = ? AND name = ?');
const grants = db.prepare('SELECT role, means FROM grants WHERE guild = ?');
const setSize = db.prepare('UPDATE instance SET max_tps = ?, max_tps_by = ?, max_tps_ms = ? WHERE guild = ? AND id = ?');
const writeTrail = db.prepare(
  'INSERT INTO trail (guild, at_ms, person, line, outcome, rules, instance) VALUES (?, ?, ?, ?, ?, ?, ?)');
const post = db.prepare(
  "INSERT INTO outbox (guild, channel, key, due_ms, payload, state) VALUES (?, ?, ?, ?, ?, 'sent') ON CONFLICT DO NOTHING");

function judge(instance, now) {
  const findings = [];
  const find = (rule, effect, text) => findings.push({ rule, effect, text });
  if (!instance.id.startsWith('MQ_INST_')) find('series-4x', 'blocks', 'Only 4.x instances are followed.');
  if (instance.edition !== 'platinum') find('downgrade-from-platinum', 'blocks', 'It is not Platinum.');
  if (!instance.action) find('action-known', 'unclear', 'Nobody has looked at the action.');
  else if (now - instance.action_ms > 24 * HOUR) find('action-known', 'unclear', 'The last look is too old.');
  else if (instance.action !== 'downgrade') find('action-before-exit', 'blocks', 'The exit would delete the instance.');
  if (instance.max_tps > 5000) find('fits-standard', 'blocks', 'Standard carries 5,000 TPS.');
  if (instance.expires_ms && now > instance.expires_ms) find('release-after-7-days', 'blocks', 'It has expired.');
  find('billing-changes', 'informs', 'The billing method changes with the edition.');
  const has = (effect) => findings.some((one) => one.effect === effect);
  return { outcome: has('blocks') ? 'blocked' : has('unclear') ? 'inconclusive' : 'allowed', findings };
}

function mayWrite(interaction) {
  if (interaction.memberPermissions?.has(PermissionFlagsBits.ManageGuild)) return true;
  const held = interaction.member.roles.cache;
  return grants.all(interaction.guildId).some(({ role }) => held.has(role));
}

const facts = (one) => [
  `**edition** ${one.edition ?? 'unknown'}`,
  `**expiry** ${one.expires_ms ? `<t:${Math.floor(one.expires_ms / 1000)}:R>` : 'unknown'}`,
  `**Post-expiration Action** ${one.action ?? 'unknown'} (attested by ${one.action_by}, <t:${Math.floor(one.action_ms / 1000)}:R>)`,
  `**size (max TPS)** ${one.max_tps ?? 'unknown'}`,
].join('\n');

const write = db.transaction((guild, name, person, size, key) => {
  const instance = find.get(guild, name);
  if (!instance) return null;
  const now = Date.now();
  setSize.run(size, person, now, guild, instance.id);
  Object.assign(instance, { max_tps: size, max_tps_by: person, max_tps_ms: now });
  const verdict = judge(instance, now);
  const rules = verdict.findings.map((one) => one.rule).join(' ');
  writeTrail.run(guild, now, person, `instance set ${name} --max-tps ${size}`, 'done', rules, instance.id);
  post.run(guild, 'general', key, now, JSON.stringify({ name, size }));
  return { instance, verdict };
});

async function answer(interaction) {
  const options = interaction.options;
  const name = options.getString('instance');
  const missing = { content: `There is no instance ${name}.`, flags: MessageFlags.Ephemeral };
  if (interaction.commandName === 'check') {
    const instance = find.get(interaction.guildId, name);
    if (!instance) return interaction.reply(missing);
    const { outcome, findings } = judge(instance, Date.now());
    const lines = findings.map((one) => `${one.effect === 'blocks' ? '✗' : 'i'} ${one.rule}: ${one.text}`).join('\n');
    const card = new EmbedBuilder().setTitle(`${outcome}: unsubscribing ${name}`).setDescription(`${lines}\n${facts(instance)}`);
    return interaction.reply({ embeds: [card], flags: MessageFlags.Ephemeral });
  }
  if (!mayWrite(interaction)) return interaction.reply({ content: 'You may not do this.', flags: MessageFlags.Ephemeral });
  const person = interaction.member.displayName;
  const done = write.immediate(interaction.guildId, name, person, options.getInteger('max-tps'), interaction.id);
  if (!done) return interaction.reply(missing);
  const rules = done.verdict.findings.map((one) => one.rule).join(', ');
  const card = new EmbedBuilder().setTitle(`Done: ${name}`).setDescription(facts(done.instance)).setFooter({ text: rules });
  return interaction.reply({ embeds: [card] });
}

const client = new Client({
  intents: [GatewayIntentBits.Guilds],
  rest: { api: `${process.env.API_BASE}/api`, globalRequestsPerSecond: 1_000_000 },
});
client.on('interactionCreate', (interaction) => {
  if (interaction.isChatInputCommand()) answer(interaction).catch((error) => console.error(error));
});
client.login(process.env.DISCORD_TOKEN);
