"""The commands of the benchmark as one would write them with discord.py and sqlite3."""

import os
import sqlite3
import time
from pathlib import Path

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

BASE = os.environ["API_BASE"]
Route.BASE = f"{BASE}/api/v10"
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(BASE.replace("http", "ws") + "/gateway")
GUILD = "7"
HOUR = 3_600_000

db = sqlite3.connect(os.environ["DB"], isolation_level=None)
db.row_factory = sqlite3.Row
db.executescript((Path(__file__).parent / "schema.sql").read_text())
db.execute("BEGIN")
db.executemany(
    "INSERT INTO instance (guild, id, name, region, edition, expires_ms, action, action_by, action_ms)"
    " VALUES (?, ?, ?, 'cn-hangzhou', 'platinum', 1843430400000, 'downgrade', 'owner', ?)",
    [
        (GUILD, f"MQ_INST_1080056302921134_P{n:07d}", f"peer-{n}", int(time.time() * 1000))
        for n in range(int(os.environ["INSTANCES"]))
    ],
)
db.execute("COMMIT")


def now_ms():
    return int(time.time() * 1000)


def find(guild, name):
    return db.execute("SELECT * FROM instance WHERE guild = ? AND name = ?", (guild, name)).fetchone()


def judge(one, now):
    findings = []
    if not one["id"].startswith("MQ_INST_"):
        findings.append(("series-4x", "blocks", "Only 4.x instances are followed."))
    if one["edition"] != "platinum":
        findings.append(("downgrade-from-platinum", "blocks", "It is not Platinum."))
    if not one["action"]:
        findings.append(("action-known", "unclear", "Nobody has looked at the action."))
    elif now - one["action_ms"] > 24 * HOUR:
        findings.append(("action-known", "unclear", "The last look is too old."))
    elif one["action"] != "downgrade":
        findings.append(("action-before-exit", "blocks", "The exit would delete the instance."))
    if (one["max_tps"] or 0) > 5000:
        findings.append(("fits-standard", "blocks", "Standard carries 5,000 TPS."))
    if one["expires_ms"] and now > one["expires_ms"]:
        findings.append(("release-after-7-days", "blocks", "It has expired."))
    findings.append(("billing-changes", "informs", "The billing method changes with the edition."))
    effects = {effect for _, effect, _ in findings}
    outcome = "blocked" if "blocks" in effects else "inconclusive" if "unclear" in effects else "allowed"
    return outcome, findings


def facts(one):
    expiry = f"<t:{one['expires_ms'] // 1000}:R>" if one["expires_ms"] else "unknown"
    look = f"(attested by {one['action_by']}, <t:{one['action_ms'] // 1000}:R>)"
    return (
        f"**edition** {one['edition'] or 'unknown'}\n**expiry** {expiry}\n"
        f"**Post-expiration Action** {one['action'] or 'unknown'} {look}\n**size (max TPS)** {one['max_tps'] or 'unknown'}"
    )


def may_write(interaction):
    if interaction.permissions.manage_guild:
        return True
    granted = db.execute("SELECT role, means FROM grants WHERE guild = ?", (str(interaction.guild_id),)).fetchall()
    held = {str(role.id) for role in interaction.user.roles}
    return any(row["role"] in held for row in granted)


def write(guild, name, person, size, key):
    """Reads, decides and writes in one durable transaction."""
    db.execute("BEGIN IMMEDIATE")
    try:
        one = find(guild, name)
        if one is None:
            db.execute("ROLLBACK")
            return None
        now = now_ms()
        db.execute(
            "UPDATE instance SET max_tps = ?, max_tps_by = ?, max_tps_ms = ? WHERE guild = ? AND id = ?",
            (size, person, now, guild, one["id"]),
        )
        one = dict(one) | {"max_tps": size, "max_tps_by": person, "max_tps_ms": now}
        outcome, findings = judge(one, now)
        rules = " ".join(rule for rule, _, _ in findings)
        db.execute(
            "INSERT INTO trail (guild, at_ms, person, line, outcome, rules, instance) VALUES (?, ?, ?, ?, 'done', ?, ?)",
            (guild, now, person, f"instance set {name} --max-tps {size}", rules, one["id"]),
        )
        db.execute(
            "INSERT INTO outbox (guild, channel, key, due_ms, payload, state) VALUES (?, 'general', ?, ?, ?, 'sent')"
            " ON CONFLICT DO NOTHING",
            (guild, key, now, f'{{"name":"{name}","size":{size}}}'),
        )
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    return one, findings


client = discord.Client(intents=discord.Intents(guilds=True))
tree = app_commands.CommandTree(client)
group = app_commands.Group(name="instance", description="Instances")
tree.add_command(group)


@group.command(name="set", description="Say what is known of an instance")
@app_commands.rename(size="max-tps")
async def set_(interaction: discord.Interaction, instance: str, size: int):
    if not may_write(interaction):
        await interaction.response.send_message("You may not do this.", ephemeral=True)
        return
    done = write(str(interaction.guild_id), instance, interaction.user.display_name, size, str(interaction.id))
    if done is None:
        await interaction.response.send_message(f"There is no instance {instance}.", ephemeral=True)
        return
    one, findings = done
    card = discord.Embed(title=f"Done: {instance}", description=facts(one))
    card.set_footer(text=", ".join(rule for rule, _, _ in findings))
    await interaction.response.send_message(embed=card)


@tree.command(description="Check a step")
async def check(interaction: discord.Interaction, intent: str, instance: str):
    one = find(str(interaction.guild_id), instance)
    if one is None:
        await interaction.response.send_message(f"There is no instance {instance}.", ephemeral=True)
        return
    outcome, findings = judge(one, now_ms())
    lines = "\n".join(f"{'✗' if effect == 'blocks' else 'i'} {rule}: {text}" for rule, effect, text in findings)
    card = discord.Embed(title=f"{outcome}: unsubscribing {instance}", description=f"{lines}\n{facts(one)}")
    await interaction.response.send_message(embed=card, ephemeral=True)


client.run(os.environ["DISCORD_TOKEN"], log_handler=None)
